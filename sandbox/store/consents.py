"""Account consents: asked for, decided by the client, used, revoked, run out."""

import json
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sandbox.store.database import Database

CONSENT_LIFE = timedelta(days=365)
_NOTE_USE_EVERY = timedelta(minutes=1)


class RequestGoneError(Exception):
    """There is no such waiting request, or it is another person's."""


@dataclass(frozen=True, slots=True)
class ConsentRequest:
    """An application's wish to see a client's data."""

    request_id: str
    bank: str
    client_id: str
    granted_to: str
    granted_to_name: str
    permissions: tuple[str, ...]
    reason: str
    status: str
    created_at: datetime
    decided_at: datetime | None
    consent_id: str | None


@dataclass(frozen=True, slots=True)
class Consent:
    """A client's permission; `status` is "active", "revoked" or, past its day, "expired"."""

    consent_id: str
    bank: str
    client_id: str
    granted_to: str
    granted_to_name: str
    permissions: tuple[str, ...]
    status: str
    created_at: datetime
    changed_at: datetime
    expires_at: datetime
    last_used_at: datetime | None

    @property
    def is_active(self) -> bool:
        """Tell whether the consent opens anything now."""
        return self.status == "active"


class Consents:
    """All questions and changes about account consents."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def request(
        self,
        *,
        bank: str,
        client_id: str,
        granted_to: str,
        granted_to_name: str,
        permissions: Sequence[str],
        reason: str,
        approve: bool,
    ) -> ConsentRequest:
        """Store a request; an automatic bank approves it in the same breath."""
        request = ConsentRequest(
            request_id=_new_id("req"),
            bank=bank,
            client_id=client_id,
            granted_to=granted_to,
            granted_to_name=granted_to_name,
            permissions=tuple(permissions),
            reason=reason,
            status="pending",
            created_at=datetime.now(UTC),
            decided_at=None,
            consent_id=None,
        )
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO consent_request VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    request.request_id,
                    bank,
                    client_id,
                    granted_to,
                    granted_to_name,
                    json.dumps(request.permissions),
                    reason,
                    request.status,
                    request.created_at.isoformat(),
                    None,
                    None,
                ),
            )
            if approve:
                consent = _grant(connection, request)
                return replace(request, status="approved", consent_id=consent.consent_id)
        return request

    def decide(self, *, bank: str, request_id: str, client_id: str | None, approve: bool) -> Consent | None:
        """Approve or refuse a waiting request; `client_id` None stands for the bank's own staff."""
        with self._database.writing() as connection:
            row = connection.execute(
                "SELECT * FROM consent_request WHERE request_id = ? AND bank = ? AND status = 'pending'",
                (request_id, bank),
            ).fetchone()
            if row is None or client_id not in {None, row["client_id"]}:
                raise RequestGoneError(request_id)
            request = _request(row)
            if approve:
                return _grant(connection, request)
            _settle_request(connection, request_id, "rejected", None)
            return None

    def find_request(self, *, bank: str, request_id: str) -> ConsentRequest | None:
        """Find a request by id."""
        row = self._one("SELECT * FROM consent_request WHERE request_id = ? AND bank = ?", request_id, bank)
        return _request(row) if row else None

    def find(self, *, bank: str, consent_id: str) -> Consent | None:
        """Find a consent by id."""
        row = self._one("SELECT * FROM consent WHERE consent_id = ? AND bank = ?", consent_id, bank)
        return _consent(row) if row else None

    def waiting(self, *, bank: str, client_id: str) -> list[ConsentRequest]:
        """List the requests that wait for the client, oldest first."""
        rows = self._database.reading().execute(
            "SELECT * FROM consent_request WHERE bank = ? AND client_id = ? AND status = 'pending'"
            " ORDER BY created_at",
            (bank, client_id),
        )
        return [_request(row) for row in rows]

    def active(self, *, bank: str, client_id: str, granted_to: str | None = None) -> list[Consent]:
        """List the client's active consents, newest first."""
        rows = self._database.reading().execute(
            "SELECT * FROM consent WHERE bank = ? AND client_id = ? AND status = 'active'"
            " ORDER BY created_at DESC",
            (bank, client_id),
        )
        consents = [_consent(row) for row in rows]
        return [c for c in consents if c.is_active and granted_to in {None, c.granted_to}]

    def revoke(self, *, bank: str, consent_id: str) -> datetime:
        """End a consent; ending it again changes nothing."""
        now = datetime.now(UTC)
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE consent SET status = 'revoked', changed_at = ?"
                " WHERE consent_id = ? AND bank = ? AND status = 'active'",
                (now.isoformat(), consent_id, bank),
            )
        return now

    def expire(self, *, bank: str, consent_id: str) -> None:
        """Let a consent run out this very moment."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE consent SET expires_at = ? WHERE consent_id = ? AND bank = ?",
                (datetime.now(UTC).isoformat(), consent_id, bank),
            )

    def note_use(self, consent: Consent) -> None:
        """Remember when the consent was used, to the minute."""
        now = datetime.now(UTC)
        if consent.last_used_at and now - consent.last_used_at < _NOTE_USE_EVERY:
            return
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE consent SET last_used_at = ? WHERE consent_id = ?",
                (now.isoformat(), consent.consent_id),
            )

    def _one(self, query: str, *values: str) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._database.reading().execute(query, values).fetchone()
        return row


def _new_id(prefix: str) -> str:
    return f"{prefix}-{secrets.token_hex(6)}"


def _grant(connection: sqlite3.Connection, request: ConsentRequest) -> Consent:
    now = datetime.now(UTC)
    consent = Consent(
        consent_id=_new_id("consent"),
        bank=request.bank,
        client_id=request.client_id,
        granted_to=request.granted_to,
        granted_to_name=request.granted_to_name,
        permissions=request.permissions,
        status="active",
        created_at=now,
        changed_at=now,
        expires_at=now + CONSENT_LIFE,
        last_used_at=None,
    )
    connection.execute(
        "INSERT INTO consent VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            consent.consent_id,
            consent.bank,
            consent.client_id,
            consent.granted_to,
            consent.granted_to_name,
            json.dumps(consent.permissions),
            consent.status,
            now.isoformat(),
            now.isoformat(),
            consent.expires_at.isoformat(),
            None,
        ),
    )
    _settle_request(connection, request.request_id, "approved", consent.consent_id)
    return consent


def _settle_request(
    connection: sqlite3.Connection, request_id: str, status: str, consent_id: str | None
) -> None:
    connection.execute(
        "UPDATE consent_request SET status = ?, decided_at = ?, consent_id = ? WHERE request_id = ?",
        (status, datetime.now(UTC).isoformat(), consent_id, request_id),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _request(row: sqlite3.Row) -> ConsentRequest:
    fields = dict(row)
    fields["permissions"] = tuple(json.loads(row["permissions"]))
    fields["created_at"] = datetime.fromisoformat(row["created_at"])
    fields["decided_at"] = _moment(row["decided_at"])
    return ConsentRequest(**fields)


def _consent(row: sqlite3.Row) -> Consent:
    fields = dict(row)
    fields["permissions"] = tuple(json.loads(row["permissions"]))
    for name in ("created_at", "changed_at", "expires_at"):
        fields[name] = datetime.fromisoformat(row[name])
    fields["last_used_at"] = _moment(row["last_used_at"])
    if row["status"] == "active" and fields["expires_at"] <= datetime.now(UTC):
        fields["status"] = "expired"
    return Consent(**fields)
