"""The SQLite file: its tables, one connection a thread, one writer at a time."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS client (
    client_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    latin_name TEXT NOT NULL,
    history_start TEXT NOT NULL,
    history_end TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS account (
    id INTEGER PRIMARY KEY,
    client_id TEXT NOT NULL REFERENCES client,
    bank TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    key TEXT NOT NULL,
    number TEXT NOT NULL,
    kind TEXT NOT NULL,
    currency TEXT NOT NULL,
    name TEXT NOT NULL,
    opened_on TEXT NOT NULL,
    closed_on TEXT,
    opening_balance INTEGER NOT NULL,
    credit_limit INTEGER,
    UNIQUE (bank, ordinal),
    UNIQUE (client_id, key)
) STRICT;

CREATE TABLE IF NOT EXISTS card (
    card_id TEXT PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account,
    last_four TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    daily_limit INTEGER,
    monthly_limit INTEGER,
    issued_on TEXT NOT NULL,
    expires_on TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS card_account ON card (account_id);

CREATE TABLE IF NOT EXISTS entry (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account,
    tx_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    status TEXT NOT NULL,
    shown_from INTEGER NOT NULL,
    shown_until INTEGER NOT NULL,
    wire TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS entry_statement ON entry (account_id, at, shown_from, shown_until, status, amount);
CREATE INDEX IF NOT EXISTS entry_tx ON entry (account_id, tx_id);

CREATE TABLE IF NOT EXISTS consent_request (
    request_id TEXT PRIMARY KEY,
    bank TEXT NOT NULL,
    client_id TEXT NOT NULL,
    granted_to TEXT NOT NULL,
    granted_to_name TEXT NOT NULL,
    permissions TEXT NOT NULL,
    reason TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at TEXT NOT NULL,
    decided_at TEXT,
    consent_id TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS consent_request_client ON consent_request (bank, client_id, status);

CREATE TABLE IF NOT EXISTS consent (
    consent_id TEXT PRIMARY KEY,
    bank TEXT NOT NULL,
    client_id TEXT NOT NULL,
    granted_to TEXT NOT NULL,
    granted_to_name TEXT NOT NULL,
    permissions TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    last_used_at TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS consent_client ON consent (bank, client_id, status);

CREATE TABLE IF NOT EXISTS payment_consent (
    request_id TEXT PRIMARY KEY,
    consent_id TEXT UNIQUE,
    bank TEXT NOT NULL,
    client_id TEXT NOT NULL,
    granted_to TEXT NOT NULL,
    debtor_account TEXT NOT NULL,
    creditor_account TEXT,
    creditor_name TEXT NOT NULL,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    reference TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    valid_until TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS payment_consent_client ON payment_consent (bank, client_id, status);

CREATE TABLE IF NOT EXISTS payment (
    payment_id TEXT PRIMARY KEY,
    bank TEXT NOT NULL,
    client_id TEXT NOT NULL,
    granted_to TEXT NOT NULL,
    consent_id TEXT NOT NULL,
    debtor_account TEXT NOT NULL,
    creditor_account TEXT NOT NULL,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    description TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at TEXT NOT NULL,
    changed_at TEXT NOT NULL
) STRICT;
"""

_TABLES = ("payment", "payment_consent", "consent", "consent_request", "entry", "card", "account", "client")


class Database:
    """Connections to one file. Reads run side by side; writes wait for each other."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._local = threading.local()
        self._write_lock = threading.Lock()
        self.rows_version = 0
        self.reading().executescript(_SCHEMA)

    def reading(self) -> sqlite3.Connection:
        """Return this thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, isolation_level=None, timeout=20)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute("PRAGMA mmap_size=268435456")
            self._local.connection = connection
        return connection

    @contextmanager
    def writing_rows(self) -> Iterator[sqlite3.Connection]:
        """Run a transaction that changes rows of statements; what was kept of them is read anew."""
        with self.writing() as connection:
            yield connection
        self.rows_version += 1

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Run a transaction: committed at the end, rolled back when the block fails."""
        connection = self.reading()
        with self._write_lock:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    def forget_everything(self) -> None:
        """Empty all tables."""
        with self.writing_rows() as connection:
            for table in _TABLES:
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names from the list above

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None
