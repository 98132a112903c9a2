"""Payments: money leaves one account and reaches another, in one transaction with the consent's end."""

import secrets
import sqlite3
from dataclasses import astuple, dataclass, fields, replace
from datetime import UTC, datetime

from sandbox import wire
from sandbox.clock import Clock
from sandbox.history.days import moscow_day
from sandbox.history.entries import Entry
from sandbox.store.changes import insert_entry
from sandbox.store.database import Database
from sandbox.store.payment_consents import Initiation, PaymentConsent, consent_of

IN_PROCESS = "AcceptedSettlementInProcess"
COMPLETED = "AcceptedSettlementCompleted"
REJECTED = "Rejected"
_PAYING_KINDS = frozenset({"checking", "savings"})
_UNPAYABLE_KINDS = frozenset({"loan"})
_TRANSFER = "02"


class PaymentRefusedError(Exception):
    """The order cannot be carried out; nothing was booked and the consent is as it was."""


class ConsentUnusableError(Exception):
    """There is no active consent of this kind for this order."""


class ForeignConsentError(Exception):
    """The consent was given to another application."""


@dataclass(frozen=True, slots=True)
class Payment:
    """One order that the bank took."""

    payment_id: str
    bank: str
    client_id: str
    granted_to: str
    consent_id: str
    debtor_account: str
    creditor_account: str
    amount: int
    currency: str
    description: str
    status: str
    created_at: str
    changed_at: str


@dataclass(frozen=True, slots=True)
class _Place:
    """An account as far as a booking needs it."""

    id: int
    client_id: str
    bank: str
    ordinal: int
    number: str
    kind: str
    currency: str
    holder: str
    opening_balance: int
    credit_limit: int | None


_COLUMNS = [field.name for field in fields(Payment)]
_INSERT = f"INSERT INTO payment VALUES ({', '.join('?' for _ in _COLUMNS)})"  # noqa: S608 - own names
_PLACE = (
    "SELECT account.id, client_id, bank, ordinal, number, kind, currency, client.name AS holder,"
    " opening_balance, credit_limit FROM account JOIN client USING (client_id)"
    " WHERE number = ? AND (closed_on IS NULL OR closed_on > ?)"
)


class Payments:
    """Takes orders and books them on both sides."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def pay(
        self,
        *,
        bank: str,
        client_id: str,
        granted_to: str,
        consent_id: str,
        order: Initiation,
        target_bank: str | None,
        settlement: str,
    ) -> Payment:
        """Book an order that its consent allows, and use the consent up."""
        now = datetime.now(UTC).isoformat()
        with self._database.writing_rows() as connection:
            consent = _usable(connection, bank, consent_id, granted_to)
            source, target = self._places(connection, bank, client_id, order, target_bank)
            _check(consent, order, source, target, client_id)
            self._check_funds(connection, source, order.amount)
            payment = Payment(
                f"pay-{secrets.token_hex(6)}",
                bank,
                client_id,
                granted_to,
                consent_id,
                order.debtor_account,
                target.number,
                order.amount,
                order.currency,
                order.reference,
                IN_PROCESS,
                now,
                now,
            )
            connection.execute(_INSERT, astuple(payment))
            connection.execute(
                "UPDATE payment_consent SET status = 'used', changed_at = ? WHERE consent_id = ?",
                (now, consent_id),
            )
            self._book(connection, source, -order.amount, _outgoing_text(source, target, order.reference))
            if settlement != "delayed":
                payment = self._conclude(connection, payment, source, target, settlement)
        return payment

    def find(self, *, bank: str, payment_id: str) -> Payment | None:
        """Find a payment by id."""
        row = self._database.reading().execute(
            "SELECT * FROM payment WHERE payment_id = ? AND bank = ?", (payment_id, bank)
        )
        found = row.fetchone()
        return Payment(*found) if found else None

    def settle(self, payment: Payment, settlement: str) -> Payment:
        """Finish a payment whose other side was still to come."""
        with self._database.writing_rows() as connection:
            row = connection.execute(
                "SELECT * FROM payment WHERE payment_id = ?", (payment.payment_id,)
            ).fetchone()
            present = Payment(*row)
            if present.status != IN_PROCESS:
                return present
            source = self._place(connection, payment.debtor_account)
            target = self._place(connection, payment.creditor_account)
            if source is None or target is None:
                return present
            return self._conclude(connection, present, source, target, settlement)

    def made(self, *, bank: str, client_id: str) -> list[Payment]:
        """List all payments of a client, oldest first."""
        rows = self._database.reading().execute(
            "SELECT * FROM payment WHERE bank = ? AND client_id = ? ORDER BY created_at, rowid",
            (bank, client_id),
        )
        return [Payment(*row) for row in rows]

    def _conclude(
        self,
        connection: sqlite3.Connection,
        payment: Payment,
        source: _Place,
        target: _Place,
        settlement: str,
    ) -> Payment:
        """Credit the other side, or give the money back."""
        if settlement == "rejected":
            text = f"Возврат неудачного перевода на счет {target.number}"
            self._book(connection, source, payment.amount, _with_comment(text, payment.description))
        else:
            text = f"Перевод от счета {source.number}"
            self._book(connection, target, payment.amount, _with_comment(text, payment.description))
        status = REJECTED if settlement == "rejected" else COMPLETED
        changed_at = datetime.now(UTC).isoformat()
        connection.execute(
            "UPDATE payment SET status = ?, changed_at = ? WHERE payment_id = ?",
            (status, changed_at, payment.payment_id),
        )
        return replace(payment, status=status, changed_at=changed_at)

    def _places(
        self,
        connection: sqlite3.Connection,
        bank: str,
        client_id: str,
        order: Initiation,
        target_bank: str | None,
    ) -> tuple[_Place, _Place]:
        source = self._place(connection, order.debtor_account)
        own = source is not None and (source.bank, source.client_id) == (bank, client_id)
        if source is None or not own or source.kind not in _PAYING_KINDS:
            raise PaymentRefusedError("Source account not found")
        target = self._place(connection, order.creditor_account or "")
        elsewhere = target is not None and target_bank not in {None, target.bank}
        if target is None or elsewhere or target.kind in _UNPAYABLE_KINDS:
            raise PaymentRefusedError(f"Target account {order.creditor_account} not found in any bank")
        return source, target

    def _place(self, connection: sqlite3.Connection, number: str) -> _Place | None:
        today = moscow_day(self._clock.now()).isoformat()
        row = connection.execute(_PLACE, (number, today)).fetchone()
        return _Place(*row) if row else None

    def _check_funds(self, connection: sqlite3.Connection, source: _Place, amount: int) -> None:
        now = int(self._clock.now().timestamp())
        (moved,) = connection.execute(
            "SELECT COALESCE(SUM(amount), 0) FROM entry WHERE account_id = ? AND shown_from <= ?"
            " AND shown_until > ? AND (status = 'completed' OR status = 'pending' AND amount < 0)",
            (source.id, now, now),
        ).fetchone()
        if source.opening_balance + moved + (source.credit_limit or 0) < amount:
            raise PaymentRefusedError("Insufficient funds")

    def _book(self, connection: sqlite3.Connection, place: _Place, amount: int, text: str) -> None:
        now = self._clock.now()
        at = int(now.timestamp())
        entry = Entry(
            day=moscow_day(now),
            account="",
            tx_id=f"tx-{secrets.token_hex(6)}",
            at=at,
            amount=amount,
            status="completed",
            text=text,
            code=_TRANSFER,
            shown_from=at,
            counterparty=place.holder,
        )
        document = wire.transaction(
            entry, account_id=f"acc-{place.ordinal}", currency=place.currency, town="", card=None
        )
        insert_entry(connection, place.id, entry, document)


def _usable(connection: sqlite3.Connection, bank: str, consent_id: str, granted_to: str) -> PaymentConsent:
    row = connection.execute(
        "SELECT * FROM payment_consent WHERE bank = ? AND consent_id = ?", (bank, consent_id)
    ).fetchone()
    consent = consent_of(row) if row else None
    if consent is None:
        raise ConsentUnusableError
    if consent.granted_to != granted_to:
        raise ForeignConsentError
    if consent.status != "active":
        raise ConsentUnusableError
    return consent


def _check(
    consent: PaymentConsent, order: Initiation, source: _Place, target: _Place, client_id: str
) -> None:
    """Refuse what the consent does not say, and what no bank books."""
    if order.amount <= 0:
        raise PaymentRefusedError("Amount must be positive")
    if source.id == target.id:
        raise PaymentRefusedError("Source and target are the same account")
    if {source.currency, target.currency} != {order.currency}:
        raise PaymentRefusedError("Currency of the payment differs from the accounts")
    agreed = (consent.client_id, consent.debtor_account, consent.amount, consent.currency)
    payee = consent.creditor_account in {None, target.number}
    if agreed != (client_id, order.debtor_account, order.amount, order.currency) or not payee:
        raise PaymentRefusedError("Payment does not match the consent")


def _outgoing_text(source: _Place, target: _Place, comment: str) -> str:
    if source.bank != target.bank:
        return _with_comment(f"Межбанковский перевод в {target.bank} на счет {target.number}", comment)
    if target.kind == "deposit":
        return f"Пополнение депозита {target.number}"
    return _with_comment(f"Перевод на счет {target.number}", comment)


def _with_comment(text: str, comment: str) -> str:
    return f"{text}: {comment}" if comment else text
