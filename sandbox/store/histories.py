"""Writes the invented histories into the file: a client on first use, then each new day."""

import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from sandbox import wire
from sandbox.clock import Clock
from sandbox.history.accounts import card_plans, client_index, history_start
from sandbox.history.days import moscow_day
from sandbox.history.entries import Entry
from sandbox.history.ledger import Household, household, statement
from sandbox.history.people import DEMO_INDEX
from sandbox.store.database import Database

_INSERT_ENTRY = (
    "INSERT INTO entry (account_id, tx_id, at, amount, status, shown_from, shown_until, wire)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


class UnknownClientError(Exception):
    """The team has no such client."""


class Histories:
    """Makes sure that a client's rows exist up to the end of today."""

    def __init__(self, database: Database, clock: Clock, team_id: str) -> None:
        self._database = database
        self._clock = clock
        self._team_id = team_id
        self._pattern = re.compile(rf"{re.escape(team_id)}-(demo|0|[1-9]\d?)")
        self._lock = threading.Lock()
        self._written_until: dict[str, date] = {}

    def index_of(self, client_id: str) -> int:
        """Return the client's number; who is not of the team is unknown."""
        match = self._pattern.fullmatch(client_id)
        if match is None:
            raise UnknownClientError(client_id)
        return DEMO_INDEX if match[1] == "demo" else int(match[1])

    def client_with(self, ordinal: int) -> str | None:
        """Return the client to whom an account of this number belongs, in every bank."""
        index = client_index(ordinal)
        if index == DEMO_INDEX:
            return f"{self._team_id}-demo"
        return f"{self._team_id}-{index}" if 0 <= index < DEMO_INDEX else None

    def ensure(self, client_id: str) -> None:
        """Write what is missing of the client's history."""
        end = moscow_day(self._clock.now()) + timedelta(days=1)
        if self._written_until.get(client_id, date.min) >= end:
            return
        with self._lock:
            if self._written_until.get(client_id, date.min) < end:
                self._written_until[client_id] = self._write(client_id, end)

    def forget(self) -> None:
        """Drop all histories, with the payments made in them, to write them anew for another calendar."""
        with self._lock:
            self._written_until.clear()
            with self._database.writing_rows() as connection:
                for table in ("payment", "payment_consent", "entry", "card", "account", "client"):
                    connection.execute(f"DELETE FROM {table}")  # noqa: S608 - fixed names

    def _write(self, client_id: str, end: date) -> date:
        index = self.index_of(client_id)
        known = self._known(client_id)
        if known is None:
            start = since = history_start(end - timedelta(days=1))
        else:
            start, since = (
                date.fromisoformat(known["history_start"]),
                date.fromisoformat(known["history_end"]),
            )
        if since >= end:
            return since
        home = household(client_id=client_id, index=index, start=start)
        entries = list(statement(home, since=since, until=end))
        with self._database.writing_rows() as connection:
            if known is None:
                _write_client(connection, home)
            self._write_entries(connection, home, entries)
            connection.execute(
                "UPDATE client SET history_end = ? WHERE client_id = ?", (end.isoformat(), client_id)
            )
        return end

    def _known(self, client_id: str) -> sqlite3.Row | None:
        row: sqlite3.Row | None = (
            self._database.reading()
            .execute("SELECT history_start, history_end FROM client WHERE client_id = ?", (client_id,))
            .fetchone()
        )
        return row

    def _write_entries(
        self, connection: sqlite3.Connection, home: Household, entries: Iterable[Entry]
    ) -> None:
        now = int(self._clock.now().timestamp())
        shown = sorted(
            (entry for entry in entries if entry.shown_until > now),
            key=lambda entry: (entry.account, entry.at),  # rows of one page lie side by side in the file
        )
        connection.executemany(_INSERT_ENTRY, _entry_rows(connection, home, shown))


def _write_client(connection: sqlite3.Connection, home: Household) -> None:
    person = home.person
    start = home.start.isoformat()
    connection.execute(
        "INSERT INTO client VALUES (?, ?, ?, ?, ?)",
        (person.client_id, person.name, person.latin_name, start, start),
    )
    connection.executemany(
        "INSERT INTO account (client_id, bank, ordinal, key, number, kind, currency, name, opened_on,"
        " closed_on, opening_balance, credit_limit) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                person.client_id,
                plan.bank,
                plan.ordinal,
                plan.key,
                plan.number,
                plan.kind,
                plan.currency,
                plan.name,
                plan.opened_on.isoformat(),
                plan.closed_on and plan.closed_on.isoformat(),
                plan.opening_balance,
                plan.credit_limit,
            )
            for plan in home.accounts
        ],
    )
    ids = _account_ids(connection, person.client_id)
    connection.executemany(
        "INSERT INTO card VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                card.card_id,
                ids[card.account_key],
                card.last_four,
                card.kind,
                card.name,
                card.status,
                card.daily_limit,
                card.monthly_limit,
                card.issued_on.isoformat(),
                card.expires_on.isoformat(),
            )
            for card in card_plans(person, home.accounts, home.start)
        ],
    )


def _account_ids(connection: sqlite3.Connection, client_id: str) -> dict[str, int]:
    rows = connection.execute("SELECT key, id FROM account WHERE client_id = ?", (client_id,))
    return {row["key"]: row["id"] for row in rows}


def _entry_rows(
    connection: sqlite3.Connection, home: Household, entries: Iterable[Entry]
) -> Iterator[tuple[object, ...]]:
    ids = _account_ids(connection, home.person.client_id)
    plans = {plan.key: plan for plan in home.accounts}
    cards = _card_documents(home)
    for entry in entries:
        plan = plans[entry.account]
        document = wire.transaction(
            entry,
            account_id=f"acc-{plan.ordinal}",
            currency=plan.currency,
            town=home.person.town,
            card=cards.get(entry.card or ""),
        )
        yield (
            ids[entry.account],
            entry.tx_id,
            entry.at,
            entry.amount,
            entry.status,
            entry.shown_from,
            entry.shown_until,
            wire.compact(document),
        )


def _card_documents(home: Household) -> dict[str, dict[str, str]]:
    """Return what rows tell of the card that paid: the active one of each account."""
    return {
        card.account_key: {
            "cardId": card.card_id,
            "cardNumber": f"****{card.last_four}",
            "cardType": card.kind,
            "cardName": card.name,
        }
        for card in card_plans(home.person, home.accounts, home.start)
        if card.status == "active"
    }
