"""Loopback servers for handshakes: gateways of every kind, and the plain server behind them."""

import http.server
import os
import socket
import ssl
import threading
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, NoReturn, Self

import pytest

from banking.clients.gost.config import GostConfig
from sandbox.gost.authority import Authority, Identity
from sandbox.gost.gateway import Gateway, server_context


class _NotFound(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Counting"

    def do_GET(self) -> None:
        self.server.hosts.append(self.headers.get("Host", ""))
        body = b'{"detail": "Not Found"}'
        self.send_response(404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        """Keep test output clean."""


class _Counting(http.server.ThreadingHTTPServer):
    daemon_threads = True
    connections = 0

    def __init__(self) -> None:
        self.hosts: list[str] = []
        super().__init__(("127.0.0.1", 0), _NotFound)

    def get_request(self) -> tuple[socket.socket, Any]:
        self.connections += 1
        return super().get_request()


class Answering:
    """A plain HTTP server that counts who comes."""

    def __enter__(self) -> Self:
        self._server = _Counting()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()

    @property
    def address(self) -> tuple[str, int]:
        return ("127.0.0.1", int(self._server.server_address[1]))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.address[1]}"

    @property
    def connections(self) -> int:
        return self._server.connections

    @property
    def hosts(self) -> list[str]:
        return self._server.hosts


@dataclass
class Stage:
    """Sets up a gateway per case and tells how to reach it."""

    authority: Authority
    good: Identity
    behind: Answering
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stack.close()

    def gateway(
        self,
        identity: Identity | None = None,
        *,
        upstream: tuple[str, int] | None = None,
        context: ssl.SSLContext | None = None,
        **options: Any,
    ) -> str:
        """Serve GOST TLS (or what `context` says) and return the address."""
        made = context or server_context(identity or self.good, **options)
        server = Gateway(("127.0.0.1", 0), context=made, upstream=upstream or self.behind.address)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        self._stack.callback(server.server_close)
        self._stack.callback(thread.join, 5)
        self._stack.callback(server.shutdown)
        return f"https://127.0.0.1:{server.port}"

    def silent(self) -> str:
        """Accept connections and say nothing."""
        listener = self._stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        return f"https://127.0.0.1:{listener.getsockname()[1]}"

    def trusting(self, url: str, **changes: Any) -> GostConfig:
        """A configuration that trusts the authority of the tests."""
        return GostConfig(**{"base_url": url, "ca_file": str(self.authority.certificate)} | changes)


def without_engine(reason: str) -> NoReturn:
    """Skip, visibly; or fail, where the full check must not do without."""
    end = pytest.fail if os.environ.get("FINANCEHUB_REQUIRE_GOST") == "1" else pytest.skip
    end(reason)


_taken: list[socket.socket] = []


def closed_port() -> int:
    """A port at which nobody listens, and which no test that runs beside this one will get."""
    holder = socket.socket()
    holder.bind(("127.0.0.1", 0))
    _taken.append(holder)
    return int(holder.getsockname()[1])


def free_port() -> int:
    """A port to listen at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
