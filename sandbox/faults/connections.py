"""Faults of the connection itself: broken, stalled, cut short, dripping, swollen."""

import errno
import os
import socket
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask import Response

_MEGABYTE = 1 << 20
_ABORT_ON_CLOSE = struct.pack("ii", 1, 0)


class ResetResponse(Response):
    """Sends nothing: the peer sees the connection reset."""

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Close the socket under the server and stop the server's work on it."""
        sock: socket.socket | None = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT_ON_CLOSE)
            os.close(sock.detach())
        raise _cut()


def half_body(response: Response, share: float) -> Response:
    """Promise the whole body, send a part of it and close."""
    body = response.get_data()

    def sent() -> Iterator[bytes]:
        yield body[: int(len(body) * share)]
        raise _cut()

    return _promised(response, sent(), len(body))


def drip(response: Response, wait: Callable[[float], None], *, size: int, pause: float) -> Response:
    """Send the body in small pieces with a pause before each."""
    body = response.get_data()

    def sent() -> Iterator[bytes]:
        for start in range(0, len(body), size):
            wait(pause)
            yield body[start : start + size]

    return _promised(response, sent(), len(body))


def gzip_bomb(megabytes: int) -> Response:
    """Send a small body that unpacks to a huge one."""

    def sent() -> Iterator[bytes]:
        packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
        yield packer.compress(b'{"data":"')
        for _ in range(megabytes):
            yield packer.compress(b" " * _MEGABYTE)
        yield packer.compress(b'"}') + packer.flush()

    pieces = b"".join(sent())
    return Response(pieces, content_type="application/json", headers={"Content-Encoding": "gzip"})


def _promised(response: Response, body: Iterator[bytes], length: int) -> Response:
    headers = {"Content-Length": str(length), "Content-Type": response.headers["Content-Type"]}
    return Response(body, response.status_code, headers=headers)


def _cut() -> ConnectionResetError:
    """Return the error by which WSGI servers learn that there is nobody to talk to."""
    return ConnectionResetError(errno.ECONNRESET, "closed by a planned fault")
