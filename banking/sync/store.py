"""Sync, step 2: rows into the table, in bulk and without touching what did not change.

`bulk_create` builds and adapts one model instance a row, which is most of its cost; a first load
of years goes through plain statements instead, with the same columns and the same constraints.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from itertools import chain
from operator import attrgetter
from typing import Any

from django.db import connection

from banking.models import Account, Transaction
from banking.sync.days import Days, joined, spanned
from banking.sync.rows import Row
from financehub.fields import to_units

CATEGORY_COLUMNS = ("kind", "category_id", "category_reason", "category_detail", "is_refund")
ROW_COLUMNS = tuple(field.name for field in fields(Row))
BANK_COLUMNS = tuple(name for name in ROW_COLUMNS if name not in CATEGORY_COLUMNS)
PERSONS_REASONS = (Transaction.Reason.PERSON, Transaction.Reason.RULE, Transaction.Reason.TRANSFER)
ADAPTED_COLUMNS = ("amount", "booked_at", "value_at", "booking_date")
PLAIN_COLUMNS = tuple(name for name in ROW_COLUMNS if name not in ADAPTED_COLUMNS)
AT_ONCE = 500  # rows a statement or a query names: databases take only so many parameters


@dataclass(frozen=True, slots=True)
class Stored:
    """What a step wrote: the ids of new rows, the number of overwritten ones, and their days."""

    new: frozenset[str] = frozenset()
    changed: int = 0
    days: Days | None = None


@dataclass(frozen=True, slots=True)
class _Differing:
    """Rows that are not stored as they are: without a stored row, or with its primary key and day."""

    new: list[Row]
    changed: list[tuple[int, date, Row]]

    @property
    def rows(self) -> list[Row]:
        return self.new + [row for _pk, _day, row in self.changed]

    @property
    def days(self) -> Days | None:
        stored = (day for _pk, day, _row in self.changed)
        return spanned(chain(stored, (row.booking_date for row in self.rows)))


def contents(account: Account, *, since: datetime | None) -> dict[str, str]:
    """The stored rows that the bank lists, from `since` on (None: all): ids and what they contain."""
    rows = Transaction.objects.whole().filter(account=account, missing_since=None)
    if since is not None:
        rows = rows.filter(booked_at__gte=since)
    return dict(rows.values_list("external_id", "content_hash"))


def stronger_than(reason: str) -> tuple[str, ...]:
    """The reasons that a newly read row leaves in place; its own may be a person's rule."""
    return (Transaction.Reason.PERSON,) if reason == Transaction.Reason.RULE else PERSONS_REASONS


def upsert(account: Account, rows: Iterable[Row], *, now: datetime) -> Stored:
    """Store rows under (account, the bank's id); rows that are already stored as they are cost no write."""
    found = [_compare(account, part) for part in _parts(rows)]
    for part in found:
        _insert(account, part.new, now=now)
        for pk, _day, row in part.changed:
            _overwrite(pk, row, now=now)
    return Stored(
        new=frozenset(row.external_id for part in found for row in part.new),
        changed=sum(len(part.changed) for part in found),
        days=joined(*(part.days for part in found)),
    )


def _parts(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """The last form of each row, a good number at a time."""
    latest = list({row.external_id: row for row in rows}.values())
    for start in range(0, len(latest), AT_ONCE):
        yield latest[start : start + AT_ONCE]


def _compare(account: Account, rows: Sequence[Row]) -> _Differing:
    stored = {
        key: (pk, day, "" if missing_since else content_hash)
        for key, pk, day, content_hash, missing_since in Transaction.objects.whole()
        .filter(account=account, external_id__in=[row.external_id for row in rows])
        .values_list("external_id", "pk", "booking_date", "content_hash", "missing_since")
    }
    found = _Differing([], [])
    for row in rows:
        known = stored.get(row.external_id)
        if known is None:
            found.new.append(row)
        elif known[2] != row.content_hash:
            found.changed.append((known[0], known[1], row))
    return found


def _overwrite(pk: int, row: Row, *, now: datetime) -> None:
    """Give a stored transaction the bank's present columns; a category that a person chose stays."""
    values = {name: getattr(row, name) for name in BANK_COLUMNS}
    values["raw"] = json.loads(row.raw)
    stored = Transaction.objects.filter(pk=pk)
    stored.update(**values, missing_since=None, updated_at=now)
    stored.exclude(category_reason__in=stronger_than(row.category_reason)).update(
        **{name: getattr(row, name) for name in CATEGORY_COLUMNS}
    )


def _insert(account: Account, rows: Sequence[Row], *, now: datetime) -> None:
    if not rows:
        return
    ops = connection.ops
    stored_at = ops.adapt_datetimefield_value(now)
    constant: dict[str, Any] = {
        "user_id": account.user_id,
        "account_id": account.pk,
        "note": "",
        "excluded": False,
        "parts": 0,
        "created_at": stored_at,
        "updated_at": stored_at,
    }
    columns = ", ".join(map(ops.quote_name, (*constant, *PLAIN_COLUMNS, *ADAPTED_COLUMNS)))
    places = ", ".join(["%s"] * (len(constant) + len(ROW_COLUMNS)))
    known, plain = tuple(constant.values()), attrgetter(*PLAIN_COLUMNS)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {ops.quote_name(Transaction._meta.db_table)} ({columns}) VALUES ({places})"  # noqa: S608
            " ON CONFLICT DO NOTHING",
            [known + plain(row) + _adapted(row) for row in rows],
        )


def _adapted(row: Row) -> tuple[Any, ...]:
    """The values of ADAPTED_COLUMNS as this database takes them."""
    ops = connection.ops
    booked_at = ops.adapt_datetimefield_value(row.booked_at)
    value_at = booked_at if row.value_at is row.booked_at else ops.adapt_datetimefield_value(row.value_at)
    return to_units(row.amount), booked_at, value_at, ops.adapt_datefield_value(row.booking_date)
