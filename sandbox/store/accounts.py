"""Reads accounts, balances, pages of transactions and cards as they stand on the banks' calendar."""

import sqlite3
from array import array
from dataclasses import dataclass

from sandbox.clock import Clock
from sandbox.history.days import moscow_day
from sandbox.history.entries import FOREVER
from sandbox.store.database import Database

_SHOWN_ROWS = (
    "SELECT id, at, status, amount FROM entry"
    " WHERE account_id = :account AND shown_from <= :now AND shown_until > :now ORDER BY at DESC, id DESC"
)
_NEXT_CHANGE = (
    f"SELECT MIN(moment) FROM (SELECT {FOREVER} AS moment"  # noqa: S608 - a constant number
    " UNION ALL SELECT MIN(shown_from) FROM entry WHERE account_id = :account AND shown_from > :now"
    " UNION ALL SELECT MIN(shown_until) FROM entry WHERE account_id = :account AND shown_until > :now)"
)
_ROWS = (
    "SELECT CAST(group_concat(wire, ',') AS BLOB) FROM (SELECT wire FROM json_each(?) AS wanted"
    " CROSS JOIN entry ON entry.id = wanted.value ORDER BY wanted.key)"
)


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
    """One page of rows, already written as JSON; as bytes, so that nothing is decoded on its way out."""

    rows: bytes
    total: int


@dataclass(frozen=True, slots=True)
class _Statement:
    """Which rows an account shows from `since` until `until`, unless rows are changed in between."""

    version: int
    since: int
    until: int
    ids: "array[int]"
    ids_with_ties_reversed: "array[int]"
    booked: int
    held: int


class Accounts:
    """Questions about accounts. Nothing here changes anything."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._statements: dict[int, _Statement] = {}

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
        statement = self._statement(account)
        booked = account.opening_balance + statement.booked
        return Balances(booked=booked, available=booked + statement.held + (account.credit_limit or 0))

    def page(self, account: Account, *, number: int, limit: int) -> Page:
        """Read one page, newest first. Equal times come in no settled order: it changes with the limit."""
        statement = self._statement(account)
        order = statement.ids if limit > 50 else statement.ids_with_ties_reversed
        wanted = order[(number - 1) * limit : number * limit]
        (rows,) = self._database.reading().execute(_ROWS, (str(list(wanted)),)).fetchone()
        return Page(rows=b"[%s]" % (rows or b""), total=len(order))

    def cards(self, *, bank: str, client_id: str) -> list[tuple[sqlite3.Row, Account]]:
        """List the cards of the client's open accounts."""
        accounts = {account.id: account for account in self.open_accounts(bank=bank, client_id=client_id)}
        rows = self._database.reading().execute(
            "SELECT card.*, client.latin_name AS holder_latin FROM card"
            " JOIN account ON account.id = card.account_id JOIN client USING (client_id)"
            " WHERE account.bank = ? AND client_id = ? ORDER BY issued_on",
            (bank, client_id),
        )
        return [(row, accounts[row["account_id"]]) for row in rows if row["account_id"] in accounts]

    def _statement(self, account: Account) -> _Statement:
        """Return what the account shows now, read anew only when time or a change of rows calls for it."""
        now, version = int(self._clock.now().timestamp()), self._database.rows_version
        known = self._statements.get(account.id)
        if known is None or known.version != version or not known.since <= now < known.until:
            known = self._read_statement(account, now, version)
            self._statements[account.id] = known
        return known

    def _read_statement(self, account: Account, now: int, version: int) -> _Statement:
        bound = {"account": account.id, "now": now}
        connection = self._database.reading()
        rows = connection.execute(_SHOWN_ROWS, bound).fetchall()
        (until,) = connection.execute(_NEXT_CHANGE, bound).fetchone()
        return _Statement(
            version=version,
            since=now,
            until=until,
            ids=array("q", (row["id"] for row in rows)),
            ids_with_ties_reversed=array("q", (row["id"] for row in sorted(rows, key=_by_time_then_id))),
            booked=sum(row["amount"] for row in rows if row["status"] == "completed"),
            held=sum(row["amount"] for row in rows if row["status"] == "pending" and row["amount"] < 0),
        )


def _by_time_then_id(row: sqlite3.Row) -> tuple[int, int]:
    return -row["at"], row["id"]


_ACCOUNT = (
    "SELECT account.id, client_id, ordinal, number, kind, currency, account.name, client.name AS holder,"
    " opened_on, opening_balance, credit_limit FROM account JOIN client USING (client_id)"
)


def _account(row: sqlite3.Row) -> Account:
    return Account(*row)
