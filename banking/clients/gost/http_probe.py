"""GOST: asks whether anybody speaks HTTP at the end of a connection. Any status will do."""

import re
import socket
import time

STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)\b")
LONGEST_STATUS_LINE = 1024


def status_of(sock: socket.socket, *, host: str, path: str, seconds: float) -> int | None:
    """The status of one GET that carries no token; None when no HTTP came back in time."""
    ends = time.monotonic() + seconds
    request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\nConnection: close\r\n\r\n"
    received = b""
    try:
        sock.settimeout(seconds)
        sock.sendall(request.encode("ascii"))
        while b"\n" not in received and len(received) < LONGEST_STATUS_LINE:
            sock.settimeout(max(0.001, ends - time.monotonic()))
            chunk = sock.recv(LONGEST_STATUS_LINE)
            if not chunk:
                break
            received += chunk
    except OSError:
        return None
    found = STATUS_LINE.match(received)
    return int(found[1]) if found else None
