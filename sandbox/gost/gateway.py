"""Ends GOST TLS and passes the bytes on to a plain server; whoever speaks no GOST stays outside."""

import logging
import selectors
import socket
import socketserver
import ssl
from pathlib import Path

from sandbox.gost.authority import Identity

log = logging.getLogger(__name__)

SUITES = "GOST2012-KUZNYECHIK-KUZNYECHIKOMAC:GOST2012-MAGMA-MAGMAOMAC"
_CHUNK = 64 * 1024
_HANDSHAKE_SECONDS = 10.0
_IDLE_SECONDS = 90.0


def server_context(
    identity: Identity, *, suites: str = SUITES, clients_of: Path | None = None
) -> ssl.SSLContext:
    """Make the gateway's side of TLS; with `clients_of`, only clients certified by that authority come in."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(suites)
    context.load_cert_chain(identity.certificate, identity.key)
    if clients_of is not None:
        context.load_verify_locations(clients_of)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


class Gateway(socketserver.ThreadingTCPServer):
    """Listens at `address`, one thread a connection, and forwards to `upstream`."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self, address: tuple[str, int], *, context: ssl.SSLContext, upstream: tuple[str, int]
    ) -> None:
        self.context = context
        self.upstream = upstream
        super().__init__(address, _Connection)

    @property
    def port(self) -> int:
        """Return the port it listens at."""
        return int(self.server_address[1])


class _Connection(socketserver.BaseRequestHandler):
    server: Gateway
    request: socket.socket

    def handle(self) -> None:
        """Make the handshake, then carry bytes both ways until one side is done."""
        self.request.settimeout(_HANDSHAKE_SECONDS)
        try:
            secured = self.server.context.wrap_socket(self.request, server_side=True)
        except OSError as error:
            log.info("refused %s: %s", self.client_address[0], getattr(error, "reason", None) or error)
            return
        try:
            with secured, socket.create_connection(self.server.upstream, timeout=_IDLE_SECONDS) as plain:
                _carry(secured, plain)
        except OSError as error:
            log.info("connection ended: %s", error)


def _carry(secured: ssl.SSLSocket, plain: socket.socket) -> None:
    """Copy in one thread: a TLS socket must not be read and written at the same time."""
    secured.settimeout(_IDLE_SECONDS)
    for sock in (secured, plain):
        # A message comes in pieces here: held back until the last is acknowledged, each would cost 40 ms.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with selectors.DefaultSelector() as selector:
        selector.register(secured, selectors.EVENT_READ, plain)
        selector.register(plain, selectors.EVENT_READ, secured)
        while ready := selector.select(_IDLE_SECONDS):
            for key, _ in ready:
                if not _pass_on(key.fileobj, key.data):
                    return


def _pass_on(source: socket.socket, target: socket.socket) -> bool:
    """Pass on what has come, with what TLS has already unpacked; tell whether more may come."""
    while True:
        data = source.recv(_CHUNK)
        if not data:
            return False
        target.sendall(data)
        if not (isinstance(source, ssl.SSLSocket) and source.pending()):
            return True
