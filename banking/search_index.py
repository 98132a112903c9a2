"""The index of what a search reads: three-letter pieces of every row's text.

PostgreSQL keeps it itself (pg_trgm), beginning with the person. SQLite holds it in a table of its own (FTS5):
triggers take rows out and follow changes, but an insertion by trigger would cost a load of rows a quarter of
its speed, so new rows are added in bulk, by the worker, in the order of their ids. Until then they are read.
Everything is put in place after each migration: SQLite drops the triggers of a table that one rebuilds.
"""

from typing import Any

from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "banking_transaction"
INDEX = "banking_transaction_search"
SHORTEST = 3  # letters that a piece has: shorter words are looked for without the index
AT_ONCE = 5_000  # rows added in one transaction, which holds SQLite's only pen

_SQLITE_INDEX = """
    CREATE VIRTUAL TABLE IF NOT EXISTS banking_transaction_search
    USING fts5(search_text, content='banking_transaction', content_rowid='id', tokenize='trigram')
"""
_SQLITE_TRIGGERS = {
    "banking_transaction_search_removed": """
        AFTER DELETE ON banking_transaction
        WHEN EXISTS (SELECT 1 FROM banking_transaction_search_docsize WHERE id = old.id)
        BEGIN
            INSERT INTO banking_transaction_search (banking_transaction_search, rowid, search_text)
            VALUES ('delete', old.id, old.search_text);
        END
    """,
    "banking_transaction_search_changed": """
        AFTER UPDATE OF search_text ON banking_transaction
        WHEN old.search_text <> new.search_text
            AND EXISTS (SELECT 1 FROM banking_transaction_search_docsize WHERE id = old.id)
        BEGIN
            INSERT INTO banking_transaction_search (banking_transaction_search, rowid, search_text)
            VALUES ('delete', old.id, old.search_text);
            INSERT INTO banking_transaction_search (rowid, search_text) VALUES (new.id, new.search_text);
        END
    """,
}
_SQLITE_REBUILD = "INSERT INTO banking_transaction_search (banking_transaction_search) VALUES ('rebuild')"
_SQLITE_ADD = """
    INSERT INTO banking_transaction_search (rowid, search_text)
    SELECT id, search_text FROM banking_transaction WHERE id > %s ORDER BY id LIMIT %s
"""
_POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE EXTENSION IF NOT EXISTS btree_gin",
    """
    CREATE INDEX IF NOT EXISTS banking_transaction_search
    ON banking_transaction USING gin (user_id, search_text gin_trgm_ops)
    """,
)


def put_in_place(*, using: str, **_signal: Any) -> None:
    """Make what is missing of the index and fill it; nothing happens when all is there."""
    connection = connections[using]
    if TABLE not in connection.introspection.table_names():
        return  # migrated back to before there were transactions
    if connection.vendor == "sqlite":
        _on_sqlite(connection)
    else:
        with connection.cursor() as cursor:
            for statement in _POSTGRESQL:
                cursor.execute(statement)


def _on_sqlite(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE name LIKE %s", [f"{INDEX}%"])
        there = {name for (name,) in cursor.fetchall()}
        if there.issuperset({INDEX, *_SQLITE_TRIGGERS}):
            return
        cursor.execute(_SQLITE_INDEX)
        for name, body in _SQLITE_TRIGGERS.items():
            cursor.execute(f"CREATE TRIGGER IF NOT EXISTS {name} {body}")
        cursor.execute(_SQLITE_REBUILD)


def add_new_rows() -> int:
    """Bring rows into SQLite's index that came since it was last done; how many there were."""
    if connection.vendor != "sqlite":
        return 0
    added = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_SQLITE_ADD, [newest_row(), AT_ONCE])
            added += cursor.rowcount
            if cursor.rowcount < AT_ONCE:
                return added


def newest_row() -> int:
    """The id up to which SQLite's index knows all rows; 0 when it knows none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM banking_transaction_search_docsize")
        return cursor.fetchone()[0] or 0
