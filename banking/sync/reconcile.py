"""Sync, step 3: rows that the bank no longer lists.

A pending row that settles under another id, and every row of a bank that gave out new ids, is the
same transaction: the stored row takes the new id over and keeps what the person wrote on it. What
nothing replaces is marked as missing and leaves the figures.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import chain
from typing import NamedTuple, TypeVar

from django.db.models import Q, QuerySet

from banking.models import Account, Transaction
from banking.sync.days import Days, spanned
from banking.sync.store import AT_ONCE, BANK_COLUMNS, CATEGORY_COLUMNS, stronger_than

T = TypeVar("T")
SETTLES_WITHIN = timedelta(days=7)
SETTLES_WITHIN_SHARE = Decimal("0.1")  # tips, fuel and hotel holds settle a little differently


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What became of the rows that the bank no longer lists: new ids taken over, rows marked, days."""

    merged: frozenset[str] = frozenset()
    missing: int = 0
    are_still_counted: bool = False
    days: Days | None = None


class _Brief(NamedTuple):
    """As much of a stored row as a hundred thousand of them may be held of."""

    pk: int
    external_id: str
    content_hash: str
    booked_at: datetime
    day: date
    is_missing: bool


class _Pair(NamedTuple):
    """What is gone, and what it became."""

    old: _Brief
    new: _Brief


def reconcile(
    account: Account,
    *,
    seen: Collection[str],
    since: datetime | None,
    oldest_seen: datetime | None,
    arrived: Collection[str] | None,
    is_whole: bool,
    counted_by_bank: int | None,
    now: datetime,
) -> Reconciled:
    """Merge or mark the stored rows that a complete reading from `since` on (None: of all) did not contain.

    Booked rows older than the oldest one in the answer are left alone, for banks cut old history
    off. The `arrived` rows, new in this reading (None: all that it contained), may be what the lost
    ones became. Where some rows of the answer could not be read it is not `is_whole`: a row that it
    lacks may be one of those, and is not missing; nor is any while the bank counts more rows than would
    be left. Runs inside the transaction that stores the reading.
    """
    gone = _not_listed(account, seen=seen, since=since, oldest_seen=oldest_seen, now=now)
    if not gone:
        return Reconciled()
    pairs = _paired(gone, _near(account, gone, seen if arrived is None else arrived))
    for few in _parts(pairs):
        _merge_all(few, now=now)
    merged = {pair.old.pk for pair in pairs}
    lost = [old for old in gone if old.pk not in merged and not old.is_missing] if is_whole else []
    are_still_counted = bool(lost) and _leaves_too_few(account, lost, counted_by_bank)
    if are_still_counted:
        lost = []
    for part in _parts(lost):
        rows = Transaction.objects.filter(pk__in=[old.pk for old in part])
        rows.update(missing_since=now, updated_at=now)
    touched = chain(lost, *pairs)
    return Reconciled(
        merged=frozenset(pair.new.external_id for pair in pairs),
        missing=len(lost),
        are_still_counted=are_still_counted,
        days=spanned(row.day for row in touched),
    )


def _leaves_too_few(account: Account, lost: list[_Brief], counted_by_bank: int | None) -> bool:
    if counted_by_bank is None:
        return False
    listed = Transaction.objects.whole().filter(account=account, missing_since=None)
    return listed.count() - len(lost) < counted_by_bank


def _not_listed(
    account: Account,
    *,
    seen: Collection[str],
    since: datetime | None,
    oldest_seen: datetime | None,
    now: datetime,
) -> list[_Brief]:
    """Stored rows of the window that the answer lacks, and those that went missing lately."""
    rows = Transaction.objects.whole().filter(account=account)
    if since is not None:
        rows = rows.filter(booked_at__gte=since)
    pending = Q(status=Transaction.Status.PENDING)
    listed = Q(missing_since=None)
    covered = Q(booked_at__gte=oldest_seen) if oldest_seen else Q(pk__in=[])
    lately = Q(missing_since__gte=now - SETTLES_WITHIN)
    wanted = rows.filter((listed & (pending | covered)) | lately)
    return [row for row in _briefly(wanted) if row.external_id not in seen]


def _near(account: Account, gone: list[_Brief], arrived: Collection[str]) -> list[_Brief]:
    """The arrived rows whose time is near enough to that of any row that is gone."""
    if not arrived:
        return []
    rows = Transaction.objects.whole().filter(
        account=account,
        missing_since=None,
        booked_at__gte=gone[0].booked_at - SETTLES_WITHIN,
        booked_at__lte=gone[-1].booked_at + SETTLES_WITHIN,
    )
    return [row for row in _briefly(rows) if row.external_id in arrived]


def _briefly(rows: "QuerySet[Transaction]") -> Iterator[_Brief]:
    columns = rows.order_by("booked_at", "pk").values_list(
        "pk", "external_id", "content_hash", "booked_at", "booking_date", "missing_since"
    )
    for pk, external_id, content_hash, booked_at, day, missing_since in columns.iterator():
        yield _Brief(pk, external_id, content_hash, booked_at, day, missing_since is not None)


def _paired(gone: list[_Brief], arrived: list[_Brief]) -> list[_Pair]:
    """The same content under another id first, then what settled: those few are read in full."""
    pairs = [_Pair(old, new) for old, new in _equal(gone, arrived, lambda row: row.content_hash)]
    paired = {row.pk for pair in pairs for row in pair}
    gone = [row for row in gone if row.pk not in paired]
    arrived = [row for row in arrived if row.pk not in paired]
    if not gone or not arrived:
        return pairs
    old_rows, new_rows = _in_full(gone), _in_full(arrived)
    same = _equal(old_rows, new_rows, _content)
    taken = {row.pk for pair in same for row in pair}
    settled = _settled(
        [row for row in old_rows if row.pk not in taken], [row for row in new_rows if row.pk not in taken]
    )
    brief = {row.pk: row for row in chain(gone, arrived)}
    return pairs + [_Pair(brief[old.pk], brief[new.pk]) for old, new in same + settled]


def _in_full(rows: list[_Brief]) -> list[Transaction]:
    found = [
        row
        for part in _parts(rows)
        for row in Transaction.objects.filter(pk__in=[row.pk for row in part]).defer("raw")
    ]
    return sorted(found, key=lambda row: (row.booked_at, row.pk))


def _equal(gone: Sequence[T], arrived: Sequence[T], key: Callable[[T], Hashable]) -> list[tuple[T, T]]:
    """Pair rows with the same key, in order of appearance."""
    waiting: dict[Hashable, list[T]] = defaultdict(list)
    for new in reversed(arrived):
        waiting[key(new)].append(new)
    return [(old, waiting[key(old)].pop()) for old in gone if waiting.get(key(old))]


def _content(row: Transaction) -> Hashable:
    return (
        row.amount,
        row.currency,
        row.booked_at,
        row.description,
        row.merchant_name,
        row.mcc,
        row.card_last4,
    )


def _settled(gone: list[Transaction], arrived: list[Transaction]) -> list[tuple[Transaction, Transaction]]:
    """Pair pending rows with the booked ones they became: the nearest amounts first, then times."""
    booked = [row for row in arrived if row.status == Transaction.Status.BOOKED]
    pending = [row for row in gone if row.status == Transaction.Status.PENDING]
    fitting = [(old, new) for old in pending for new in booked if _settles(old, new)]
    fitting.sort(key=_distance)
    pairs: list[tuple[Transaction, Transaction]] = []
    taken: set[int] = set()
    for old, new in fitting:
        if taken.isdisjoint((old.pk, new.pk)):
            pairs.append((old, new))
            taken |= {old.pk, new.pk}
    return pairs


def _distance(pair: tuple[Transaction, Transaction]) -> tuple[Decimal, timedelta]:
    old, new = pair
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


def _merge_all(pairs: Sequence[_Pair], *, now: datetime) -> None:
    """Each old row becomes the new one, but for what the person made of it."""
    arrived = Transaction.objects.in_bulk([pair.new.pk for pair in pairs])
    _take_over(pairs)
    Transaction.objects.filter(pk__in=list(arrived)).delete()
    for pair in pairs:
        new = arrived[pair.new.pk]
        stored = Transaction.objects.filter(pk=pair.old.pk)
        stored.update(
            **{name: getattr(new, name) for name in BANK_COLUMNS}, missing_since=None, updated_at=now
        )
        stored.exclude(category_reason__in=stronger_than(new.category_reason)).update(
            **{name: getattr(new, name) for name in CATEGORY_COLUMNS}
        )
        if new.note:
            stored.filter(note="").update(note=new.note)


def _take_over(pairs: Sequence[_Pair]) -> None:
    """What a person already put on new rows, and the old ones lack: tags and parts."""
    old_of = {pair.new.pk: pair.old.pk for pair in pairs}
    tagging, rows = Transaction.tags.through.objects, Transaction.objects
    for new in set(tagging.filter(transaction__in=old_of).values_list("transaction_id", flat=True)):
        if not tagging.filter(transaction=old_of[new]).exists():
            tagging.filter(transaction=new).update(transaction=old_of[new])
    for new in set(rows.filter(part_of__in=old_of).values_list("part_of_id", flat=True)):
        if not rows.filter(part_of=old_of[new]).exists():
            number = rows.filter(part_of=new).update(part_of=old_of[new])
            rows.filter(pk=old_of[new]).update(parts=number)


def _parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]
