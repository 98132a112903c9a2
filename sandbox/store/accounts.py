"""Reads accounts, balances, pages of transactions and cards as they stand on the banks' calendar."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from sandbox.clock import Clock
from sandbox.history.days import moscow_day
from sandbox.store.database import Database

_SHOWN = "account_id = :account AND shown_from <= :now AND shown_until > :now"


@dataclass(frozen=True, slots=True)
class Account:
    """One account of one client."""

    id: int
    client_id: str
    ordinal: int
    number: str
    kind: str
    currency: str
    name: str
    holder: str
    opened_on: str
    opening_balance: int
    credit_limit: int | None

    @property
    def external_id(self) -> str:
        """Return the id on the wire; every bank counts from one."""
        return f"acc-{self.ordinal}"


@dataclass(frozen=True, slots=True)
class Balances:
    """Booked money, and what may be spent: less what is held, plus the credit limit."""

    booked: int
    available: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows, already written as JSON."""

    rows: str
    total: int


class Accounts:
    """Questions about accounts. Nothing here changes anything."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def open_accounts(self, *, bank: str, client_id: str) -> list[Account]:
        """List the client's accounts; closed ones are left out, as the banks do."""
        today = moscow_day(self._clock.now()).isoformat()
        rows = self._database.reading().execute(
            f"{_ACCOUNT} WHERE bank = ? AND client_id = ? AND (closed_on IS NULL OR closed_on > ?)",
            (bank, client_id, today),
        )
        return [_account(row) for row in rows]

    def find(self, *, bank: str, ordinal: int) -> Account | None:
        """Find an account by its number in the bank, closed or not."""
        cursor = self._database.reading().execute(
            f"{_ACCOUNT} WHERE bank = ? AND ordinal = ?", (bank, ordinal)
        )
        row = cursor.fetchone()
        return _account(row) if row else None

    def balances(self, account: Account) -> Balances:
        """Sum what is booked and what is held now."""
        sums = dict(
            self._database.reading()
            .execute(
                f"SELECT status, SUM(amount) FROM entry WHERE {_SHOWN} GROUP BY status",  # noqa: S608
                self._bound(account),
            )
            .fetchall()
        )
        booked = account.opening_balance + sums.get("completed", 0)
        held = min(0, sums.get("pending", 0))
        return Balances(booked=booked, available=booked + held + (account.credit_limit or 0))

    def page(self, account: Account, *, number: int, limit: int) -> Page:
        """Read one page, newest first. Equal times come in no settled order: it changes with the limit."""
        tie = "DESC" if limit > 50 else "ASC"
        bound = self._bound(account) | {"limit": limit, "offset": (number - 1) * limit}
        connection = self._database.reading()
        (total,) = connection.execute(
            f"SELECT COUNT(*) FROM entry WHERE {_SHOWN}",  # noqa: S608 - constants only
            bound,
        ).fetchone()
        (rows,) = connection.execute(
            "SELECT group_concat(wire, ',') FROM ("  # noqa: S608 - constants only
            f"SELECT wire FROM entry WHERE {_SHOWN} ORDER BY at DESC, id {tie} LIMIT :limit OFFSET :offset)",
            bound,
        ).fetchone()
        return Page(rows=f"[{rows or ''}]", total=total)

    def cards(self, *, bank: str, client_id: str) -> list[tuple[sqlite3.Row, Account]]:
        """List the cards of the client's open accounts."""
        accounts = {account.id: account for account in self.open_accounts(bank=bank, client_id=client_id)}
        marks = ",".join("?" * len(accounts))
        rows = self._database.reading().execute(
            f"SELECT * FROM card WHERE account_id IN ({marks}) ORDER BY issued_on",  # noqa: S608
            tuple(accounts),
        )
        return [(row, accounts[row["account_id"]]) for row in rows]

    def _bound(self, account: Account) -> dict[str, Any]:
        return {"account": account.id, "now": int(self._clock.now().timestamp())}


_ACCOUNT = (
    "SELECT account.id, client_id, ordinal, number, kind, currency, account.name, client.name AS holder,"
    " opened_on, opening_balance, credit_limit FROM account JOIN client USING (client_id)"
)


def _account(row: sqlite3.Row) -> Account:
    return Account(*row)
