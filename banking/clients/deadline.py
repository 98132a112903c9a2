"""Clients: connections whose every read is given only what is left of the whole call's time.

A read time-out alone is renewed by each byte, so a bank that drips would hold a worker for hours.
"""

import http.client
import io
import socket
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class Deadline:
    """The moment by which a call ends, however it goes."""

    def __init__(self, *, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ends = clock() + seconds

    @property
    def remaining(self) -> float:
        return self._ends - self._clock()

    def cap(self, seconds: float) -> float:
        """The time-out of the next step: `seconds`, or less when the call has less left."""
        remaining = self.remaining
        if remaining <= 0:
            raise TimeoutError("the call's deadline has passed")
        return min(seconds, remaining)


# The connection pool builds responses deep inside, where no argument of ours arrives.
current_deadline: ContextVar[tuple[Deadline, float]] = ContextVar("current_deadline")


class _TimedReader(io.RawIOBase):
    """A socket's reading end that sets the time-out anew before each read."""

    def __init__(
        self, raw: io.RawIOBase, sock: socket.socket, deadline: Deadline, read_timeout: float
    ) -> None:
        super().__init__()
        self._raw = raw
        self._sock = sock
        self._deadline = deadline
        self._read_timeout = read_timeout

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._deadline.cap(self._read_timeout))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        deadline, read_timeout = current_deadline.get()
        self.fp = io.BufferedReader(
            _TimedReader(self.fp.detach(), sock=sock, deadline=deadline, read_timeout=read_timeout)
        )


class _TimedHTTPConnection(HTTPConnection):
    response_class = _TimedResponse


class _TimedHTTPSConnection(HTTPSConnection):
    response_class = _TimedResponse


class _OwnTlsConnection(_TimedHTTPSConnection):
    """Makes the handshake with exactly the context it is given.

    The libraries would mix authorities and checks of their own into it.
    """

    def connect(self) -> None:
        context = self.ssl_context
        if context is None:
            raise ValueError("a connection without its context")
        self.sock = context.wrap_socket(self._new_conn(), server_hostname=self.server_hostname or self.host)
        self.is_verified = True


class TimedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _TimedHTTPConnection


class TimedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _TimedHTTPSConnection


class OwnTlsPool(HTTPSConnectionPool):
    ConnectionCls = _OwnTlsConnection
