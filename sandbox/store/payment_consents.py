"""Payment consents: a client's permission for one transfer, asked for, decided, used up or revoked."""

import secrets
import sqlite3
from dataclasses import astuple, dataclass, fields, replace
from datetime import UTC, datetime

from sandbox.store.consents import RequestGoneError
from sandbox.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Initiation:
    """The transfer that a consent is asked for; the amount in kopecks, no creditor means any."""

    debtor_account: str
    creditor_account: str | None
    creditor_name: str
    amount: int
    currency: str
    reference: str


@dataclass(frozen=True, slots=True)
class PaymentConsent:
    """One permission: "pending", "active", "used", "rejected", "revoked" or, past its day, "expired"."""

    request_id: str
    consent_id: str | None
    bank: str
    client_id: str
    granted_to: str
    debtor_account: str
    creditor_account: str | None
    creditor_name: str
    amount: int
    currency: str
    reference: str
    status: str
    created_at: str
    changed_at: str
    valid_until: str | None


_COLUMNS = [field.name for field in fields(PaymentConsent)]
_INSERT = f"INSERT INTO payment_consent VALUES ({', '.join('?' for _ in _COLUMNS)})"  # noqa: S608 - own names


class PaymentConsents:
    """All questions and changes about payment consents but their use, which is part of a payment."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def request(
        self,
        *,
        bank: str,
        client_id: str,
        granted_to: str,
        wanted: Initiation,
        valid_until: datetime | None,
        approve: bool,
    ) -> PaymentConsent:
        """Store a request; an automatic bank approves it in the same breath."""
        now = datetime.now(UTC).isoformat()
        consent = PaymentConsent(
            _new_id("pcr"),
            _new_id("pcon") if approve else None,
            bank,
            client_id,
            granted_to,
            wanted.debtor_account,
            wanted.creditor_account,
            wanted.creditor_name,
            wanted.amount,
            wanted.currency,
            wanted.reference,
            "active" if approve else "pending",
            now,
            now,
            valid_until.isoformat() if valid_until else None,
        )
        with self._database.writing() as connection:
            connection.execute(_INSERT, astuple(consent))
        return consent

    def find(self, *, bank: str, any_id: str) -> PaymentConsent | None:
        """Find by the id of the request or of the consent."""
        rows = self._database.reading().execute(
            "SELECT * FROM payment_consent WHERE bank = ? AND (request_id = ? OR consent_id = ?)",
            (bank, any_id, any_id),
        )
        row = rows.fetchone()
        return consent_of(row) if row else None

    def waiting(self, *, bank: str, client_id: str) -> list[PaymentConsent]:
        """List the requests that wait for the client, oldest first."""
        rows = self._database.reading().execute(
            "SELECT * FROM payment_consent WHERE bank = ? AND client_id = ? AND status = 'pending'"
            " ORDER BY created_at",
            (bank, client_id),
        )
        return [consent_of(row) for row in rows]

    def decide(self, *, bank: str, request_id: str, client_id: str | None, approve: bool) -> str | None:
        """Approve or refuse a waiting request and return the consent's id; None is the bank's staff."""
        consent_id = _new_id("pcon") if approve else None
        with self._database.writing() as connection:
            decided = connection.execute(
                "UPDATE payment_consent SET status = ?, consent_id = ?, changed_at = ?"
                " WHERE request_id = ? AND bank = ? AND status = 'pending' AND (? IS NULL OR client_id = ?)",
                (
                    "active" if approve else "rejected",
                    consent_id,
                    datetime.now(UTC).isoformat(),
                    request_id,
                    bank,
                    client_id,
                    client_id,
                ),
            )
            if not decided.rowcount:
                raise RequestGoneError(request_id)
        return consent_id

    def revoke(self, *, bank: str, consent_id: str) -> None:
        """End a consent, even one that is used up: from then on it reads "revoked"."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE payment_consent SET status = 'revoked', changed_at = ?"
                " WHERE consent_id = ? AND bank = ? AND status <> 'revoked'",
                (datetime.now(UTC).isoformat(), consent_id, bank),
            )


def consent_of(row: sqlite3.Row) -> PaymentConsent:
    """Read a row; an active consent past its last day is expired."""
    consent = PaymentConsent(*(row[name] for name in _COLUMNS))
    ends = consent.valid_until and datetime.fromisoformat(consent.valid_until)
    if consent.status == "active" and ends and ends <= datetime.now(UTC):
        return replace(consent, status="expired")
    return consent


def _new_id(prefix: str) -> str:
    return f"{prefix}-{secrets.token_hex(6)}"
