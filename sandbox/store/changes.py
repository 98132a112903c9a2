"""Changes of rows by hand: what tests and demonstrations do to a statement."""

import json
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from sandbox import wire
from sandbox.clock import Clock
from sandbox.history.days import moscow_day
from sandbox.history.entries import FOREVER, Entry, settled_id
from sandbox.history.merchants import Merchant
from sandbox.store.accounts import Account
from sandbox.store.database import Database


class RowGoneError(Exception):
    """The account shows no such row now."""


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row to be added; the amount is signed and in kopecks."""

    amount: int
    text: str
    status: str = "completed"
    at: datetime | None = None
    tx_id: str | None = None
    counterparty: str | None = None
    merchant: str | None = None
    mcc: str | None = None


class RowChanges:
    """Adds, settles, cancels and removes rows; balances follow."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add(self, account: Account, row: NewRow) -> str:
        """Put a row on the account from now on and return its id."""
        now = self._clock.now()
        at = int((row.at or now).timestamp())
        merchant = None
        if row.merchant is not None:
            merchant = Merchant(row.merchant, row.mcc or "5999", "retail", 0, 0, 0, ())
        entry = Entry(
            day=moscow_day(now),
            account="",
            tx_id=row.tx_id or f"tx-{secrets.token_hex(6)}",
            at=at,
            amount=row.amount,
            status=row.status,
            text=row.text,
            code="01" if merchant else "02",
            shown_from=min(at, int(now.timestamp())),
            merchant=merchant,
            counterparty=row.counterparty,
        )
        with self._database.writing_rows() as connection:
            document = wire.transaction(
                entry, account_id=account.external_id, currency=account.currency, town="Москва", card=None
            )
            insert_entry(connection, account.id, entry, document)
        return entry.tx_id

    def settle(self, account: Account, tx_id: str, *, new_id: bool, amount: int | None = None) -> str:
        """Book a pending row now, under its own or a new id; the bank may book another amount."""
        with self._database.writing_rows() as connection:
            pending = self._end(connection, account, tx_id, status="pending")
            document = json.loads(pending["wire"])
            document["status"] = "completed"
            booked_id = f"tx-{secrets.token_hex(6)}" if new_id else tx_id
            document["transactionId"] = booked_id
            signed = pending["amount"] if amount is None else amount
            document["amount"]["amount"] = wire.money(abs(signed))
            entry = Entry(
                day=moscow_day(self._clock.now()),
                account="",
                tx_id=booked_id,
                at=pending["at"],
                amount=signed,
                status="completed",
                text=document["transactionInformation"],
                code=document["bankTransactionCode"]["code"],
                shown_from=self._now(),
            )
            insert_entry(connection, account.id, entry, document)
        return booked_id

    def cancel(self, account: Account, tx_id: str) -> None:
        """Let a pending row vanish: it will never be booked."""
        with self._database.writing_rows() as connection:
            self._end(connection, account, tx_id, status="pending")

    def cancel_all(self, account: Account) -> None:
        """Let all pending rows of the account vanish."""
        with self._database.writing_rows() as connection:
            rows = connection.execute(
                "SELECT tx_id FROM entry WHERE account_id = ? AND status = 'pending'"
                " AND shown_from <= ? AND shown_until > ?",
                (account.id, self._now(), self._now()),
            ).fetchall()
            for row in rows:
                self._end(connection, account, row["tx_id"], status="pending")

    def remove(self, account: Account, tx_id: str) -> None:
        """Take a row, booked or not, off the statement."""
        with self._database.writing_rows() as connection:
            self._end(connection, account, tx_id, status=None)

    def _end(
        self, connection: sqlite3.Connection, account: Account, tx_id: str, *, status: str | None
    ) -> sqlite3.Row:
        """Stop showing the row, and drop what it would have become."""
        now = self._now()
        row: sqlite3.Row | None = connection.execute(
            "SELECT * FROM entry WHERE account_id = ? AND tx_id = ? AND shown_from <= ? AND shown_until > ?"
            " AND (? IS NULL OR status = ?)",
            (account.id, tx_id, now, now, status, status),
        ).fetchone()
        if row is None:
            raise RowGoneError(tx_id)
        connection.execute("UPDATE entry SET shown_until = ? WHERE id = ?", (now, row["id"]))
        connection.execute(
            "DELETE FROM entry WHERE account_id = ? AND tx_id IN (?, ?) AND shown_from > ?",
            (account.id, tx_id, settled_id(tx_id), now),
        )
        return row

    def _now(self) -> int:
        return int(self._clock.now().timestamp())


def insert_entry(
    connection: sqlite3.Connection, account_id: int, entry: Entry, document: dict[str, object]
) -> None:
    """Put a row on an account, within the caller's transaction."""
    connection.execute(
        "INSERT INTO entry (account_id, tx_id, at, amount, status, shown_from, shown_until, wire)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            account_id,
            entry.tx_id,
            entry.at,
            entry.amount,
            entry.status,
            entry.shown_from,
            FOREVER,
            wire.compact(document),
        ),
    )
