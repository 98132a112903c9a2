"""Sync, step 2: rows into the table, in bulk and without touching what did not change.

`bulk_create` builds and adapts one model instance a row, which is most of its cost; a first load
of years goes through plain statements instead, with the same columns and the same constraints.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db import connection

from banking.models import Account, Transaction
from banking.sync.rows import Row
from financehub.fields import to_units

CATEGORY_COLUMNS = ("kind", "category_id", "category_reason", "category_detail", "is_refund")
ROW_COLUMNS = tuple(field.name for field in fields(Row))
BANK_COLUMNS = tuple(name for name in ROW_COLUMNS if name not in CATEGORY_COLUMNS)
PERSONS_REASONS = (Transaction.Reason.PERSON, Transaction.Reason.RULE, Transaction.Reason.TRANSFER)
TABLE = connection.ops.quote_name(Transaction._meta.db_table)


@dataclass(frozen=True, slots=True)
class Known:
    """What the table holds under a bank's id."""

    pk: int
    content_hash: str
    is_missing: bool
    keeps_category: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """How many rows a step added and overwrote."""

    new: int = 0
    changed: int = 0

    def __add__(self, other: "Changes") -> "Changes":
        return Changes(self.new + other.new, self.changed + other.changed)


def upsert(account: Account, rows: Sequence[Row], *, now: datetime) -> Changes:
    """Store rows under (account, the bank's id); rows that are already stored as they are cost no write."""
    latest = {row.external_id: row for row in rows}
    known = _known(account, latest)
    new = [row for key, row in latest.items() if key not in known]
    changed = [
        (known[key], row)
        for key, row in latest.items()
        if key in known and (known[key].content_hash != row.content_hash or known[key].is_missing)
    ]
    _insert(account, new, now=now)
    for stored, row in changed:
        overwrite(stored, row, now=now)
    return Changes(len(new), len(changed))


def overwrite(stored: Known, row: Row, *, now: datetime) -> None:
    """Give a stored transaction the bank's present columns; the person's category stays."""
    columns = BANK_COLUMNS if stored.keeps_category else ROW_COLUMNS
    assignments = ", ".join(f"{connection.ops.quote_name(name)} = %s" for name in columns)
    adapt = _adapter()
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {TABLE} SET {assignments}, missing_since = NULL, updated_at = %s WHERE id = %s",  # noqa: S608
            [*adapt(row, columns), connection.ops.adapt_datetimefield_value(now), stored.pk],
        )


def _known(account: Account, keys: Iterable[str]) -> dict[str, Known]:
    stored = Transaction.objects.filter(account=account, external_id__in=list(keys)).values_list(
        "external_id", "pk", "content_hash", "missing_since", "category_reason"
    )
    return {
        key: Known(pk, content_hash, missing is not None, reason in PERSONS_REASONS)
        for key, pk, content_hash, missing, reason in stored
    }


def _insert(account: Account, rows: Sequence[Row], *, now: datetime) -> None:
    if not rows:
        return
    constant: dict[str, Any] = {
        "user_id": account.user_id,
        "account_id": account.pk,
        "note": "",
        "created_at": connection.ops.adapt_datetimefield_value(now),
        "updated_at": connection.ops.adapt_datetimefield_value(now),
    }
    columns = ", ".join(map(connection.ops.quote_name, (*constant, *ROW_COLUMNS)))
    places = ", ".join(["%s"] * (len(constant) + len(ROW_COLUMNS)))
    adapt = _adapter()
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {TABLE} ({columns}) VALUES ({places}) ON CONFLICT DO NOTHING",  # noqa: S608
            [(*constant.values(), *adapt(row, ROW_COLUMNS)) for row in rows],
        )


def _adapter() -> Callable[[Row, Sequence[str]], list[Any]]:
    """How this database takes the values of a row, in the order of the columns asked for."""
    ops = connection.ops
    special: dict[str, Callable[[Any], Any]] = {
        "amount": to_units,
        "booked_at": ops.adapt_datetimefield_value,
        "value_at": ops.adapt_datetimefield_value,
        "booking_date": ops.adapt_datefield_value,
    }

    def adapt(row: Row, columns: Sequence[str]) -> list[Any]:
        return [
            special[name](getattr(row, name)) if name in special else getattr(row, name) for name in columns
        ]

    return adapt
