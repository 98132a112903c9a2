"""Faults that answer instead of the bank's own code."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from flask import Response, request

from sandbox.answers import answer, crash
from sandbox.calls import Call
from sandbox.faults.connections import ResetResponse, gzip_bomb
from sandbox.faults.plan import Fault
from sandbox.services import services

_REASONS = {
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",
}
_MAINTENANCE = """<!DOCTYPE html>
<html lang="ru"><head><meta charset="utf-8"><title>Технические работы</title></head>
<body><h1>Ведутся технические работы</h1><p>Приносим извинения. Сервис скоро вернётся.</p></body></html>"""


def latency(fault: Fault, _call: Call) -> None:
    """Answer late: `seconds`."""
    services().faults.wait(float(fault.params.get("seconds", 1)))


def hang(fault: Fault, _call: Call) -> Response:
    """Say nothing for `seconds`, then close."""
    services().faults.wait(float(fault.params.get("seconds", 60)))
    return ResetResponse()


def reset(_fault: Fault, _call: Call) -> Response:
    """Reset the connection before any header."""
    return ResetResponse()


def rate_limit(fault: Fault, _call: Call) -> Response:
    """Refuse with `status` 429; `retry_after` is a number of seconds or null, `as_date` writes it as a date.

    `reset_in` says it the gateway's way, by X-RateLimit headers.
    """
    response = _html(int(fault.params.get("status", 429)))
    seconds = fault.params.get("retry_after")
    if seconds is not None and fault.params.get("as_date"):
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        response.headers["Retry-After"] = format_datetime(until, usegmt=True)
    elif seconds is not None:
        response.headers["Retry-After"] = str(seconds)
    if "reset_in" in fault.params:
        reset = int(datetime.now(UTC).timestamp()) + int(fault.params["reset_in"])
        limits = {"Limit": "100", "Remaining": "0", "Reset": str(reset)}
        response.headers.update({f"X-RateLimit-{name}": value for name, value in limits.items()})
    return response


def error(fault: Fault, _call: Call) -> Response:
    """Fail: `status` 500 as the bank's own text, others as the proxy's HTML."""
    status = int(fault.params.get("status", 500))
    return crash() if status == 500 else _html(status)


def maintenance(_fault: Fault, _call: Call) -> Response:
    """Show a page about maintenance with status 200."""
    return Response(_MAINTENANCE, 200, content_type="text/html; charset=utf-8")


def redirect(fault: Fault, _call: Call) -> Response:
    """Redirect to `location`, by default to a port where nobody listens."""
    location = fault.params.get("location", "http://127.0.0.1:9/")
    return Response(status=int(fault.params.get("status", 302)), headers={"Location": location})


def bomb(fault: Fault, _call: Call) -> Response:
    """Send a gzip body that unpacks to `megabytes`."""
    return gzip_bomb(int(fault.params.get("megabytes", 200)))


def expire_token(fault: Fault, _call: Call) -> Response | None:
    """Let each token serve `calls` calls, then refuse it."""
    token = request.headers.get("Authorization", "")
    used = fault.memory[token] = fault.memory.get(token, 0) + 1
    if used > int(fault.params.get("calls", 0)):
        return answer({"detail": "Could not validate credentials"}, 401)
    return None


REFUSALS: dict[str, Callable[[Fault, Call], Response | None]] = {
    "latency": latency,
    "hang": hang,
    "reset": reset,
    "rate_limit": rate_limit,
    "error": error,
    "maintenance": maintenance,
    "redirect": redirect,
    "gzip_bomb": bomb,
    "expire_token": expire_token,
}


def _html(status: int) -> Response:
    reason = f"{status} {_REASONS.get(status, 'Error')}"
    page = (
        f"<html>\r\n<head><title>{reason}</title></head>\r\n<body>\r\n<center><h1>{reason}</h1></center>\r\n"
        "<hr><center>nginx/1.29.2</center>\r\n</body>\r\n</html>\r\n"
    )
    return Response(page, status, content_type="text/html")
