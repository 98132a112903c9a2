"""A bank on the loopback interface that misbehaves byte by byte."""

import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Request:
    """What arrived; `connection` tells pooled connections apart."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.target).query).items()}


# Sends an answer; returns whether the connection stays open.
Behaviour = Callable[[socket.socket, Request], bool]


@dataclass
class Loopback:
    """Answers the n-th request with the n-th behaviour, then with the last one for ever."""

    behaviours: list[Behaviour]
    requests: list[Request] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ending.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._open:
            _shut(sock)
        for thread in self._threads:
            thread.join(5)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def wait(self, seconds: float) -> None:
        """Sleep, but no longer than the test."""
        self._ending.wait(seconds)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(sock)
            thread = threading.Thread(target=self._serve, args=(sock, len(self._open)), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket, connection: int) -> None:
        try:
            with sock, sock.makefile("rb") as stream:
                while request := _read_request(stream, connection):
                    with self._lock:
                        self.requests.append(request)
                        turn = min(len(self.requests), len(self.behaviours)) - 1
                    if not self.behaviours[turn](sock, request):
                        _shut(sock)
                        return
        except OSError:
            return  # the client gave up, as several tests want it to


def _shut(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _read_request(stream: Any, connection: int) -> Request | None:
    line = stream.readline()
    if not line.strip():
        return None
    method, target, _ = line.decode().split(" ", 2)
    headers = {}
    while (line := stream.readline().decode().strip()) != "":
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", 0)))
    return Request(method, target, headers, body, connection)


def raw(*parts: bytes, pause: float = 0.0, keep: bool = False) -> Behaviour:
    """Exactly these bytes, with a pause between the parts."""

    def behave(sock: socket.socket, request: Request) -> bool:
        for part in parts:
            sock.sendall(part)
            time.sleep(pause)
        return keep

    return behave


def reply(
    body: Any = None,
    *,
    status: int = 200,
    kind: str = "application/json",
    headers: dict[str, str] | None = None,
    keep: bool = True,
) -> Behaviour:
    """A whole answer; a body that is not bytes is sent as JSON."""
    sent = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    lines = [f"HTTP/1.1 {status} Some Reason", f"Content-Type: {kind}", f"Content-Length: {len(sent)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return raw("\r\n".join([*lines, "", ""]).encode() + sent, keep=keep)


def reset(sock: socket.socket, request: Request) -> bool:
    """No answer at all but a TCP reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    sock.close()
    return False


def hang(sock: socket.socket, request: Request) -> bool:
    """Silence until the client goes away."""
    sock.recv(1)
    return False


def drip(head: bytes, body: bytes, *, pause: float) -> Behaviour:
    """The head at once, the rest one byte at a time."""
    return raw(head, *[body[i : i + 1] for i in range(len(body))], pause=pause)
