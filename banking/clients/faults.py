"""Clients: from a bank's status and body to the failure that it means."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from banking.clients.errors import (
    AuthenticationFailed,
    BankError,
    BankUnavailable,
    ConsentRequired,
    InvalidResponse,
    RateLimited,
    Refused,
    UnexpectedRedirect,
)
from banking.clients.strict_json import NotStrictJson, decode

NO_TOKEN = {"not authenticated", "invalid authentication credentials"}
CONSENT_CODES = {"CONSENT_REQUIRED", "PAYMENT_CONSENT_REQUIRED", "INVALID_CONSENT", "CONSENT_MISMATCH"}
REFUSALS: dict[int, str] = {
    HTTPStatus.BAD_REQUEST: "bad_request",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.CONFLICT: "conflict",
    HTTPStatus.UNPROCESSABLE_ENTITY: "validation_failed",
}
LONGEST_TOLD = 500
MOST_PROBLEMS = 10
# A count of seconds below this is a wait, not a moment since 1970.
EARLIEST_MOMENT = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """An answer that is no success, as it came."""

    bank: str
    request_id: str
    status: int
    headers: Mapping[str, str]
    body: bytes


def failure_of(rejection: Rejection, *, now: datetime) -> BankError:
    """Status first; the body, in whatever form it came, only tells refusals apart."""
    status, call = rejection.status, {"bank": rejection.bank, "request_id": rejection.request_id}
    if status < HTTPStatus.OK:
        return InvalidResponse(f"status {status}", **call)
    if status < HTTPStatus.BAD_REQUEST:
        return UnexpectedRedirect(f"status {status}", **call)
    if status == HTTPStatus.UNAUTHORIZED:
        return AuthenticationFailed(**call)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(retry_after=_wait_asked(rejection.headers, now=now), **call)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _bank_failed(rejection, now=now)
    return _refusal(rejection)


def _bank_failed(rejection: Rejection, *, now: datetime) -> BankUnavailable:
    return BankUnavailable(
        f"status {rejection.status}",
        bank=rejection.bank,
        request_id=rejection.request_id,
        reason="server_error",
        status=rejection.status,
        retry_after=retry_after(rejection.headers, now=now),
    )


def _refusal(rejection: Rejection) -> BankError:
    status, call = rejection.status, {"bank": rejection.bank, "request_id": rejection.request_id}
    word, told, problems = _read_detail(rejection.body)
    if status == HTTPStatus.FORBIDDEN:
        if word in CONSENT_CODES or word.endswith("InvalidConsent"):
            return ConsentRequired(word, **call)
        if told.strip().lower() in NO_TOKEN:
            return AuthenticationFailed(**call)
    return Refused(problems, status=status, code=REFUSALS.get(status, "refused"), told=told, **call)


def _read_detail(body: bytes) -> tuple[str, str, str]:
    """The bank's code word, its sentence for people, and what failed validation, where given.

    Of a validation list only `loc` and `msg` are read: `input` repeats what was sent, secrets included.
    """
    try:
        document = decode(body)
    except NotStrictJson:
        return "", "", ""
    if not isinstance(document, dict):
        return "", "", ""
    detail = document.get("detail")
    if isinstance(detail, list):
        return "", "", "; ".join(_problem(entry) for entry in detail[:MOST_PROBLEMS])
    if isinstance(detail, dict):
        return _text(detail.get("error")), _text(detail.get("message")), ""
    if detail is not None:
        return "", _text(detail), ""
    return _standard_word(document), _text(document.get("message")), ""


def _problem(entry: Any) -> str:
    if not isinstance(entry, dict):
        return "?"
    loc = entry.get("loc")
    where = ".".join(str(step) for step in loc) if isinstance(loc, list) else "?"
    return f"{where}: {_text(entry.get('msg'))}"


def _standard_word(document: dict[str, Any]) -> str:
    errors = document.get("Errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    return _text(first.get("errorCode")) if isinstance(first, dict) else ""


def _text(value: Any) -> str:
    return value[:LONGEST_TOLD] if isinstance(value, str) else ""


def retry_after(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Seconds to wait by `Retry-After`, a number or a date (against the bank's own clock)."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    moment = http_date(text)
    if moment is None:
        return None
    return max(0.0, (moment - (http_date(headers.get("Date", "")) or now)).total_seconds())


def _wait_asked(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """What a bank that counts our calls asks for: `Retry-After`, or else when its count begins anew.

    Gateways give the second as a moment in seconds since 1970, or as the seconds that are left.
    """
    asked = retry_after(headers, now=now)
    text = headers.get("X-RateLimit-Reset", "").strip()
    if asked is not None or not (text.isascii() and text.isdigit()):
        return asked
    reset = float(text[:12])
    if reset < EARLIEST_MOMENT:
        return reset
    return max(0.0, reset - (http_date(headers.get("Date", "")) or now).timestamp())


def http_date(text: str) -> datetime | None:
    """An HTTP date as an aware time, or None."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
