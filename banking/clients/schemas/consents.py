"""Clients: tokens and consents as a bank answers about them, and the session that both make."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from banking.clients.answers import Answer
from banking.clients.schemas.fields import (
    Row,
    body_of,
    count,
    header_id,
    mapping,
    optional_moment,
    text,
)

ConsentStatus = Literal["waiting", "granted", "rejected", "revoked", "expired"]

STATUSES: dict[str, ConsentStatus] = {
    "pending": "waiting",
    "awaitingauthorization": "waiting",
    "awaitingauthorisation": "waiting",
    "approved": "granted",
    "active": "granted",
    "valid": "granted",
    "authorized": "granted",
    "authorised": "granted",
    "rejected": "rejected",
    "revoked": "revoked",
    "expired": "expired",
    "used": "expired",
}
REQUEST_PREFIX = "req-"
USABLE_TOKEN = re.compile(r"[!-~]{1,8192}")
UNSTATED_LIFE = 900
LONGEST_LIFE = 86_400
MOST_PERMISSIONS = 50


@dataclass(frozen=True, slots=True)
class BankToken:
    """A bearer token of our application at one bank."""

    access_token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BankSession:
    """What opens one client's data: our token, whose data, and under which consent.

    Without `consent_id` the header is left out. Banks of the published version open the data then, if
    the client signed anything for us; they never tell the id of what was signed.
    """

    token: BankToken
    client_id: str
    consent_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentAnswer:
    """Where a consent stands.

    `granted` always comes with a `consent_id`; the id of a request never opens data. `expires_at` is
    kept of a granted consent only: a waiting one names another date in each answer.
    """

    status: ConsentStatus
    request_id: str | None
    consent_id: str | None
    permissions: tuple[str, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    expires_at: datetime | None = None


def parse_token(answer: Answer, *, now: datetime, unstated_life: int = UNSTATED_LIFE) -> BankToken:
    """The token and when it ends, by our clock: its own claims are never read."""
    body = body_of(answer)
    token = body.get("access_token")
    if not isinstance(token, str) or not USABLE_TOKEN.fullmatch(token):
        raise answer.invalid("access_token", "missing or unusable")
    life = count(body.get("expires_in")) or unstated_life
    return BankToken(token, now + timedelta(seconds=min(life, LONGEST_LIFE)))


def parse_consent(answer: Answer, *, now: datetime, asked_for: str | None = None) -> ConsentAnswer:
    """A consent from the answer to a request, or to a question about the id `asked_for`."""
    body = body_of(answer)
    told = {**body, **mapping(body.get("data"))}
    status = _status(answer, told)
    consent_id = header_id(told.get("consent_id")) or header_id(told.get("consentId"))
    request_id = header_id(told.get("request_id")) or header_id(told.get("requestId"))
    if asked_for is not None and asked_for.startswith(REQUEST_PREFIX):
        request_id = asked_for
    if consent_id == request_id or (consent_id is not None and consent_id.startswith(REQUEST_PREFIX)):
        request_id, consent_id = request_id or consent_id, None
    expires_at = optional_moment(told.get("expirationDateTime") or told.get("expires_at"))
    if status == "granted":
        status = _granted_or_not(consent_id, expires_at, now)
    return ConsentAnswer(
        status=status,
        request_id=request_id,
        consent_id=consent_id,
        permissions=_permissions(told.get("permissions")),
        created_at=optional_moment(told.get("creationDateTime") or told.get("created_at")),
        updated_at=optional_moment(told.get("statusUpdateDateTime") or told.get("signed_at")),
        expires_at=None if status == "waiting" else expires_at,
    )


def _status(answer: Answer, told: Row) -> ConsentStatus:
    status = STATUSES.get(text(told.get("status"), 40).lower())
    if status is None:
        raise answer.invalid("status", "unknown")
    return status


def _granted_or_not(consent_id: str | None, expires_at: datetime | None, now: datetime) -> ConsentStatus:
    """A bank goes on saying "authorised" after the last day, and may say it before there is an id."""
    if consent_id is None:
        return "waiting"
    return "expired" if expires_at is not None and expires_at <= now else "granted"


def _permissions(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(text(name, 60) for name in value[:MOST_PERMISSIONS] if isinstance(name, str))
