"""What a person changes on rows, on one or on many at once, and how it is taken back.

Every change keeps what was there before (`Edit`, `RowChange`). An undo brings that back where the row
still stands as the edit left it; a row that has changed since is left alone and counted.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.transaction import atomic
from django.utils.translation import gettext_lazy as _

from banking import ledger, parts, totals
from banking.models import (
    Category,
    CategoryRule,
    Edit,
    HiddenCategory,
    RowChange,
    Tag,
    Transaction,
    TransferMatch,
)
from banking.sync.accounts import lock_accounts
from banking.sync.relations import relate
from financehub.errors import DomainError

if TYPE_CHECKING:
    from banking.models.transaction import TransactionQuerySet
    from financehub.users.models import User

MOST_ROWS = 10_000  # that a person changes at once
AT_ONCE = 500
CATEGORY_COLUMNS = ("category_id", "kind", "category_reason", "category_detail", "is_refund")
MOVING_COLUMNS = ("amount", "booked_at", "booking_date", "deleted_at")  # balances and transfers rest on them
TEXT_COLUMNS = ("description", "merchant_name", "search_text", "content_hash")
PERSONS_COLUMNS = ("note", "excluded", "reviewed_at", "transfer_pair_id")
COLUMNS = (*CATEGORY_COLUMNS, *MOVING_COLUMNS, *TEXT_COLUMNS, *PERSONS_COLUMNS)
TAGS, PARTS = "tag_ids", "part_values"  # what a row has many of: no columns, but changed and kept like them
FROM_JSON: Mapping[str, Callable[[str], Any]] = {
    "amount": Decimal,
    "booked_at": datetime.fromisoformat,
    "booking_date": date.fromisoformat,
    "deleted_at": datetime.fromisoformat,
    "reviewed_at": datetime.fromisoformat,
}

Values = dict[str, Any]


class TooManyRows(DomainError):
    code = "too_many_rows"
    message = _("За один раз можно изменить не больше 10 000 операций. Уточните фильтр.")


class NothingChosen(DomainError):
    code = "nothing_chosen"
    message = _("Отметьте хотя бы одну операцию.")


class AlreadyUndone(DomainError):
    code = "already_undone"
    message = _("Это изменение уже отменено.")


class Divided(DomainError):
    """A row and its parts are deleted or rewritten as one."""

    code = "divided"
    message = _("Эта операция разделена на части. Сначала сделайте её снова одной строкой.")


class ChangedSince(DomainError):
    """No row stands as the edit left it."""

    code = "changed_since"
    message = _("Отменить нельзя: эти операции с тех пор изменились.")


@dataclass(frozen=True, slots=True)
class Undone:
    """How many rows are as they were before, and how many had changed since and were left alone."""

    edit: Edit
    restored: int
    left: int


def set_category(
    *, user: "User", rows: "TransactionQuerySet", category: Category, now: datetime
) -> Edit | None:
    """The person's choice of a category: no synchronisation changes it again."""

    def chosen(row: Transaction) -> Values:
        return category_values(row, category, reason=Transaction.Reason.PERSON)

    return change_named(user, Edit.Kind.CATEGORY, rows, chosen, now=now)


def category_values(row: Transaction, category: Category, *, reason: str, detail: str = "") -> Values:
    """What a row holds once it is of a category: money back for an expense is a refund."""
    return {
        "category_id": category.pk,
        "kind": category.kind,
        "category_reason": str(reason),
        "category_detail": detail,
        "is_refund": category.kind == Category.Kind.EXPENSE and row.amount > 0,
    }


def set_note(*, user: "User", rows: "TransactionQuerySet", note: str, now: datetime) -> Edit | None:
    """The person's own words on a transaction."""
    return change_named(user, Edit.Kind.NOTE, rows, lambda _row: {"note": note}, now=now)


def set_excluded(*, user: "User", rows: "TransactionQuerySet", excluded: bool, now: datetime) -> Edit | None:
    """Take rows out of every figure, or back into them."""
    kind = Edit.Kind.EXCLUDE if excluded else Edit.Kind.INCLUDE
    return change_named(user, kind, rows, lambda _row: {"excluded": excluded}, now=now)


def add_tags(
    *, user: "User", rows: "TransactionQuerySet", tags: Collection[Tag], now: datetime
) -> Edit | None:
    """Put tags on rows, beside those that they have."""
    added = {tag.pk for tag in tags}
    return change_named(
        user, Edit.Kind.TAGS, rows, lambda row: {TAGS: sorted({*row.tag_ids, *added})}, now=now
    )


def remove_tags(
    *, user: "User", rows: "TransactionQuerySet", tags: Collection[Tag], now: datetime
) -> Edit | None:
    """Take tags off rows."""
    removed = {tag.pk for tag in tags}
    return change_named(
        user, Edit.Kind.TAGS, rows, lambda row: {TAGS: sorted({*row.tag_ids} - removed)}, now=now
    )


def set_tags(
    *, user: "User", rows: "TransactionQuerySet", tags: Collection[Tag], now: datetime
) -> Edit | None:
    """Give rows these tags and no others."""
    wanted = sorted({tag.pk for tag in tags})
    return change_named(user, Edit.Kind.TAGS, rows, lambda _row: {TAGS: wanted}, now=now)


def mark_reviewed(*, user: "User", rows: "TransactionQuerySet", now: datetime) -> Edit | None:
    """The person has looked at rows; those looked at before keep their time."""
    unseen = rows.filter(reviewed_at=None)
    return change_named(user, Edit.Kind.REVIEW, unseen, lambda _row: {"reviewed_at": now}, now=now)


def delete_rows(*, user: "User", rows: "TransactionQuerySet", now: datetime) -> Edit | None:
    """Take rows out of every list and figure; no synchronisation brings them back, the person can.

    Raises Divided.
    """

    def deleted(row: Transaction) -> Values:
        require_undivided(row)
        return {"deleted_at": row.deleted_at or now}

    return change_named(user, Edit.Kind.DELETE, rows, deleted, now=now)


def require_undivided(row: Transaction) -> None:
    """Raise Divided for a row that stands for its parts, and for a part."""
    if row.parts or row.part_of_id is not None:
        raise Divided


def restore_rows(*, user: "User", rows: "TransactionQuerySet", now: datetime) -> Edit | None:
    """Bring deleted rows back as they were."""
    return change_named(user, Edit.Kind.RESTORE, rows.deleted(), lambda _row: {"deleted_at": None}, now=now)


@atomic
def change_rows(
    *,
    user: "User",
    kind: str,
    rows: Iterable[Transaction],
    values: Callable[[Transaction], Values],
    rule: CategoryRule | None = None,
    undoes: Edit | None = None,
    now: datetime,
) -> Edit | None:
    """Give rows that the caller holds locked new values and keep the old ones; None if nothing changes."""
    edit = Edit(user=user, kind=kind, at=now, rule=rule, undoes=undoes)
    changes: list[RowChange] = []
    days: set[date] = set()
    moved: set[int] = set()
    for row in rows:
        new = values(row)
        change = _change_of(edit, row, new)
        if change is not None:
            changes.append(change)
            days |= {row.booking_date, _from_json("booking_date", new.get("booking_date", row.booking_date))}
            if not change.after.keys().isdisjoint(MOVING_COLUMNS):
                moved.add(row.account_id)
    if not changes:
        return None
    edit.rows = len(changes)
    edit.save()
    RowChange.objects.bulk_create(changes, batch_size=AT_ONCE)
    _write(changes, now=now)
    totals.refresh(user_id=user.pk, since=min(days), until=max(days))
    if moved:
        ledger.settle_all(accounts=moved, now=now)
        relate(user_id=user.pk, since=min(days), now=now)
    return edit


@atomic
def undo(*, edit: Edit, now: datetime) -> Undone:
    """Bring back what was there before; raises AlreadyUndone or ChangedSince."""
    lock_accounts(edit.user_id)
    open_ones = Edit.objects.filter(pk=edit.pk, undone_at=None).exclude(kind__in=Edit.FINAL_KINDS)
    if not open_ones.update(undone_at=now):
        raise AlreadyUndone
    former = {change.transaction_id: change for change in RowChange.objects.filter(edit=edit)}
    known = _Known.of(edit.user)
    standing = _with_both_sides(
        [row for row in held(former) if _can_return(row, former[row.pk], known)], former
    )
    undone = change_rows(
        user=edit.user,
        kind=Edit.Kind.UNDO,
        rows=standing,
        values=lambda row: former[row.pk].before,
        rule=edit.rule,
        undoes=edit,
        now=now,
    )
    if undone is None:
        raise ChangedSince
    if edit.kind == Edit.Kind.MERGE:
        _offer_again(edit, former.values())
    _undecide(edit, standing)
    return Undone(undone, restored=undone.rows, left=edit.rows - undone.rows)


def _with_both_sides(rows: list[Transaction], changes: Mapping[int, RowChange]) -> list[Transaction]:
    """The rows but those that were paired or parted with one that has changed since."""
    found = {row.pk for row in rows}

    others = {
        pk: change.after.get("transfer_pair_id") or change.before.get("transfer_pair_id")
        for pk, change in changes.items()
    }
    return [row for row in rows if others[row.pk] is None or others[row.pk] in found]


def _offer_again(edit: Edit, changes: Iterable[RowChange]) -> None:
    """A merged category that has rows again is offered again."""
    back = {change.before["category_id"] for change in changes}
    HiddenCategory.objects.filter(user=edit.user_id, category__in=back).delete()


def _undecide(edit: Edit, rows: Iterable[Transaction]) -> None:
    """What was decided by an edit of pairs is as open, or as accepted, as before."""
    decided = TransferMatch.objects.filter(edit=edit, out__in=[row.pk for row in rows])
    if edit.kind == Edit.Kind.PAIR:
        decided.update(state=TransferMatch.State.SUGGESTED, by_person=False, decided_at=None, edit=None)
    elif edit.kind == Edit.Kind.UNPAIR:
        decided.update(state=TransferMatch.State.ACCEPTED, by_person=True, edit=None)


def held(ids: Iterable[int]) -> Iterator[Transaction]:
    """Rows by their ids, locked, always in the same order."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), AT_ONCE):
        part = Transaction.objects.filter(pk__in=ordered[start : start + AT_ONCE]).order_by("pk")
        rows = part.select_for_update().only("account", "part_of", "parts", *COLUMNS)
        yield from rows.prefetch_related("tags")


def change_named(
    user: "User",
    kind: Edit.Kind,
    rows: "TransactionQuerySet",
    values: Callable[[Transaction], Values],
    *,
    now: datetime,
) -> Edit | None:
    """Change rows that a person named or filtered, in the order in which a synchronisation locks."""
    with atomic():
        lock_accounts(user.pk)
        ids = list(rows.filter(user=user).order_by().values_list("pk", flat=True)[: MOST_ROWS + 1])
        if len(ids) > MOST_ROWS:
            raise TooManyRows
        return change_rows(user=user, kind=kind, rows=held(ids), values=values, now=now)


def _change_of(edit: Edit, row: Transaction, values: Mapping[str, Any]) -> RowChange | None:
    """What differs between a row and its new values; None when nothing does."""
    before, after = _kept(row, values), {name: _as_json(value) for name, value in values.items()}
    if before == after:
        return None
    return RowChange(edit=edit, transaction=row, before=before, after=after)


def _write(changes: Sequence[RowChange], *, now: datetime) -> None:
    """Rows that become alike are written together."""
    alike: dict[tuple[tuple[str, Any], ...], list[int]] = defaultdict(list)
    for change in changes:
        plain = ((name, value) for name, value in change.after.items() if name not in {TAGS, PARTS})
        alike[tuple(sorted(plain))].append(change.transaction_id)
    for values, ids in alike.items():
        columns = {name: _from_json(name, value) for name, value in values}
        for start in range(0, len(ids), AT_ONCE):
            part = Transaction.objects.filter(pk__in=ids[start : start + AT_ONCE])
            part.update(**columns, updated_at=now)
    _write_tags([change for change in changes if TAGS in change.after])
    for change in changes:
        if PARTS in change.after:
            parts.put(row_id=change.transaction_id, values=change.after[PARTS])


def _write_tags(changes: Sequence[RowChange]) -> None:
    tagging = Transaction.tags.through
    for start in range(0, len(changes), AT_ONCE):
        some = changes[start : start + AT_ONCE]
        tagging.objects.filter(transaction__in=[change.transaction_id for change in some]).delete()
        tagging.objects.bulk_create(
            [
                tagging(transaction_id=change.transaction_id, tag_id=tag_id)
                for change in some
                for tag_id in change.after[TAGS]
            ],
            batch_size=AT_ONCE,
        )


def _fits_its_pair(row: Transaction, change: RowChange) -> bool:
    """Whether the category to come back agrees with the pair that the row will have.

    The category of a transfer without one, or a purchase with one, would stay wrong for ever.
    """
    reason = change.before.get("category_reason")
    if reason in {None, Transaction.Reason.PERSON, Transaction.Reason.RULE}:
        return True
    is_paired = change.before.get("transfer_pair_id", row.transfer_pair_id) is not None
    return is_paired is (str(reason) == Transaction.Reason.TRANSFER.value)


def _holds_together(row: Transaction, change: RowChange) -> bool:
    """Whether the row would be at most one of divided, paired and deleted, and keeps what its parts rest on.

    Its parts stand in lists and figures by themselves: nothing of the bank's may change behind them.
    """
    before = change.before
    is_divided = bool(before.get(PARTS, row.parts))
    is_paired = before.get("transfer_pair_id", row.transfer_pair_id) is not None
    is_deleted = before.get("deleted_at", row.deleted_at) is not None
    rewrites_parts = is_divided and not before.keys().isdisjoint((*MOVING_COLUMNS, *TEXT_COLUMNS))
    return is_divided + is_paired + is_deleted <= 1 and not rewrites_parts


@dataclass(frozen=True, slots=True)
class _Known:
    """The ids of what a former state of a row may name."""

    categories: frozenset[int]
    tags: frozenset[int]

    @classmethod
    def of(cls, user: "User") -> "_Known":
        return cls(
            frozenset(Category.objects.for_user(user).values_list("pk", flat=True)),
            frozenset(Tag.objects.for_user(user).values_list("pk", flat=True)),
        )


def _can_return(row: Transaction, change: RowChange, known: _Known) -> bool:
    """Whether a row stands as the edit left it, and all that its former state names is still there."""
    if _kept(row, change.after) != change.after:
        return False
    if not (_fits_its_pair(row, change) and _holds_together(row, change)):
        return False
    states = [change.before, *change.before.get(PARTS, ())]
    return (
        known.categories.issuperset(state["category_id"] for state in states if "category_id" in state)
        and known.tags.issuperset(tag for state in states for tag in state.get(TAGS, ()))
        and parts.fit(row, change.before.get(PARTS, ()))
    )


def _kept(row: Transaction, names: Iterable[str]) -> Values:
    return {name: _as_json(getattr(row, name)) for name in names}


def _as_json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _from_json(name: str, value: Any) -> Any:
    return FROM_JSON[name](value) if name in FROM_JSON and isinstance(value, str) else value
