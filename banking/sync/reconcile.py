"""Sync, step 3: rows that the bank no longer lists.

A pending row that settles under another id, and every row of a bank that gave out new ids, is the
same transaction: the stored row takes the new id over and keeps what the person wrote on it. What
nothing replaces is marked as missing and leaves the figures.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import Q

from banking.models import Account, Transaction
from banking.sync.store import BANK_COLUMNS, CATEGORY_COLUMNS, PERSONS_REASONS

Pair = tuple[Transaction, Transaction]  # what is gone, and what it became
SETTLES_WITHIN = timedelta(days=7)
SETTLES_WITHIN_SHARE = Decimal("0.1")  # tips, fuel and hotel holds settle a little differently


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What became of the rows that the bank no longer lists."""

    merged: int = 0
    missing: int = 0
    ids_reissued: bool = False


def reconcile(
    account: Account,
    *,
    seen: Collection[str],
    since: datetime | None,
    oldest_seen: datetime | None,
    arrived_after: datetime | None,
    now: datetime,
) -> Reconciled:
    """Merge or mark the stored rows that a complete reading from `since` on (None: of all) did not contain.

    Booked rows older than the oldest one in the answer are left alone, for banks cut old history
    off. Rows stored after `arrived_after`, the end of the last complete reading, may be what the
    lost ones became. Runs inside the transaction that stores the reading.
    """
    gone = _not_listed(account, seen=seen, since=since, oldest_seen=oldest_seen, now=now)
    if not gone:
        return Reconciled()
    arrived = _arrived(account, after=arrived_after, seen=seen)
    pairs = _same_content(gone, arrived) + _settled(gone, arrived)
    for old, new in pairs:
        _merge(old, new, now=now)
    merged = {old.pk for old, _ in pairs}
    lost = [old.pk for old in gone if old.pk not in merged and old.missing_since is None]
    return Reconciled(
        merged=len(pairs),
        missing=Transaction.objects.filter(pk__in=lost).update(missing_since=now, updated_at=now),
        ids_reissued=any(old.status == Transaction.Status.BOOKED for old, _ in pairs),
    )


def _not_listed(
    account: Account,
    *,
    seen: Collection[str],
    since: datetime | None,
    oldest_seen: datetime | None,
    now: datetime,
) -> list[Transaction]:
    """Stored rows of the window that the answer lacks, and pending ones that went missing lately."""
    rows = Transaction.objects.filter(account=account).order_by("booked_at", "pk")
    if since is not None:
        rows = rows.filter(booked_at__gte=since)
    pending = Q(status=Transaction.Status.PENDING)
    listed = Q(missing_since=None)
    covered = Q(booked_at__gte=oldest_seen) if oldest_seen else Q(pk__in=[])
    lately = Q(missing_since__gte=now - SETTLES_WITHIN)
    wanted = rows.filter((listed & (pending | covered)) | (pending & lately)).values_list("pk", "external_id")
    gone = [pk for pk, external_id in wanted.iterator() if external_id not in seen]
    return list(_by_pk(gone))


def _arrived(account: Account, *, after: datetime | None, seen: Collection[str]) -> list[Transaction]:
    """Listed rows that are new, whichever worker stored them."""
    rows = Transaction.objects.filter(account=account, missing_since=None)
    if after is not None:
        rows = rows.filter(created_at__gt=after)
    return [row for row in rows.order_by("booked_at", "pk") if row.external_id in seen]


def _by_pk(pks: list[int]) -> Iterable[Transaction]:
    for start in range(0, len(pks), 500):
        yield from Transaction.objects.filter(pk__in=pks[start : start + 500]).order_by("booked_at", "pk")


def _same_content(
    gone: list[Transaction], arrived: list[Transaction]
) -> list[tuple[Transaction, Transaction]]:
    """Pair rows that differ in their id only, in order of appearance; paired rows leave both lists."""
    waiting: dict[tuple[Any, ...], list[Transaction]] = defaultdict(list)
    for new in reversed(arrived):
        waiting[_content(new)].append(new)
    pairs = [(old, waiting[_content(old)].pop()) for old in gone if waiting.get(_content(old))]
    taken = {new.pk for _, new in pairs}
    arrived[:] = [new for new in arrived if new.pk not in taken]
    return pairs


def _settled(gone: list[Transaction], arrived: list[Transaction]) -> list[Pair]:
    """Pair pending rows with the booked ones they became: nearest amount first, then nearest time."""
    free = {new.pk: new for new in arrived if new.status == Transaction.Status.BOOKED}
    pairs = []
    for old in gone:
        if old.status != Transaction.Status.PENDING:
            continue
        fitting = [new for new in free.values() if _settles(old, new)]
        if fitting:
            nearest = min(fitting, key=partial(_distance, old))
            pairs.append((old, free.pop(nearest.pk)))
    return pairs


def _distance(old: Transaction, new: Transaction) -> tuple[Decimal, timedelta]:
    return abs(new.amount - old.amount), abs(new.booked_at - old.booked_at)


def _settles(old: Transaction, new: Transaction) -> bool:
    return (
        old.currency == new.currency
        and (old.amount < 0) == (new.amount < 0)
        and abs(new.amount - old.amount) <= abs(old.amount) * SETTLES_WITHIN_SHARE
        and abs(new.booked_at - old.booked_at) <= SETTLES_WITHIN
        and _same_merchant(old, new)
    )


def _same_merchant(old: Transaction, new: Transaction) -> bool:
    if old.merchant_name and new.merchant_name:
        return old.merchant_name.casefold() == new.merchant_name.casefold()
    return old.search_text == new.search_text or (old.mcc != "" and old.mcc == new.mcc)


def _content(row: Transaction) -> tuple[Any, ...]:
    return (
        row.amount,
        row.currency,
        row.booked_at,
        row.description,
        row.merchant_name,
        row.mcc,
        row.card_last4,
    )


def _merge(old: Transaction, new: Transaction, *, now: datetime) -> None:
    """The old row becomes the new one, but for what the person made of it."""
    columns: tuple[str, ...] = BANK_COLUMNS
    if old.category_reason not in PERSONS_REASONS:
        columns += CATEGORY_COLUMNS
    values = {name: getattr(new, name) for name in columns}
    new.delete()
    Transaction.objects.filter(pk=old.pk).update(**values, missing_since=None, updated_at=now)
