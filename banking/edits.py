"""What a person changes on rows, on one or on many at once, and how it is taken back.

Every change keeps what was there before (`Edit`, `RowChange`). An undo brings that back where the row
still stands as the edit left it; a row that has changed since is left alone and counted.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.transaction import atomic
from django.utils.translation import gettext_lazy as _

from banking import totals
from banking.models import Category, CategoryRule, Edit, HiddenCategory, RowChange, Transaction
from banking.sync.accounts import lock_accounts
from financehub.errors import DomainError

if TYPE_CHECKING:
    from banking.models.transaction import TransactionQuerySet
    from financehub.users.models import User

MOST_ROWS = 10_000  # that a person changes at once
AT_ONCE = 500
CATEGORY_COLUMNS = ("category_id", "kind", "category_reason", "category_detail", "is_refund")
COLUMNS = (*CATEGORY_COLUMNS, "note", "excluded", "reviewed_at")

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

    return _change(user, Edit.Kind.CATEGORY, rows, chosen, now=now)


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
    return _change(user, Edit.Kind.NOTE, rows, lambda _row: {"note": note}, now=now)


def set_excluded(*, user: "User", rows: "TransactionQuerySet", excluded: bool, now: datetime) -> Edit | None:
    """Take rows out of every figure, or back into them."""
    kind = Edit.Kind.EXCLUDE if excluded else Edit.Kind.INCLUDE
    return _change(user, kind, rows, lambda _row: {"excluded": excluded}, now=now)


def mark_reviewed(*, user: "User", rows: "TransactionQuerySet", now: datetime) -> Edit | None:
    """The person has looked at rows; those looked at before keep their time."""
    unseen = rows.filter(reviewed_at=None)
    return _change(user, Edit.Kind.REVIEW, unseen, lambda _row: {"reviewed_at": now}, now=now)


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
    for row in rows:
        change = _change_of(edit, row, values(row))
        if change is not None:
            changes.append(change)
            days.add(row.booking_date)
    if not changes:
        return None
    edit.rows = len(changes)
    edit.save()
    RowChange.objects.bulk_create(changes, batch_size=AT_ONCE)
    _write(changes, now=now)
    totals.refresh(user_id=user.pk, since=min(days), until=max(days))
    return edit


@atomic
def undo(*, edit: Edit, now: datetime) -> Undone:
    """Bring back what was there before; raises AlreadyUndone or ChangedSince."""
    lock_accounts(edit.user_id)
    open_ones = Edit.objects.filter(pk=edit.pk, undone_at=None).exclude(kind=Edit.Kind.UNDO)
    if not open_ones.update(undone_at=now):
        raise AlreadyUndone
    former = {change.transaction_id: change for change in RowChange.objects.filter(edit=edit)}
    categories = set(Category.objects.for_user(edit.user).values_list("pk", flat=True))
    standing = [row for row in held(former) if _can_return(row, former[row.pk], categories)]
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
    if edit.kind == Edit.Kind.MERGE:  # what has rows again is offered again
        back = {row_change.before["category_id"] for row_change in former.values()}
        HiddenCategory.objects.filter(user=edit.user_id, category__in=back).delete()
    return Undone(undone, restored=undone.rows, left=edit.rows - undone.rows)


def held(ids: Iterable[int]) -> Iterator[Transaction]:
    """Rows by their ids, locked, always in the same order."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), AT_ONCE):
        part = Transaction.objects.filter(pk__in=ordered[start : start + AT_ONCE]).order_by("pk")
        yield from part.select_for_update().only("amount", "booking_date", "transfer_pair_id", *COLUMNS)


def _change(
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
        alike[tuple(sorted(change.after.items()))].append(change.transaction_id)
    for values, ids in alike.items():
        columns = {name: _from_json(name, value) for name, value in values}
        for start in range(0, len(ids), AT_ONCE):
            part = Transaction.objects.filter(pk__in=ids[start : start + AT_ONCE])
            part.update(**columns, updated_at=now)


def _can_return(row: Transaction, change: RowChange, categories: set[int]) -> bool:
    """Whether a row stands as the edit left it. A category that is no more cannot come back."""
    stands = _kept(row, change.after) == change.after and _fits_its_pair(row, change)
    return stands and _category_is_left(change, categories)


def _fits_its_pair(row: Transaction, change: RowChange) -> bool:
    """Whether the category to come back agrees with the row's pair, which may have come or gone since.

    The category of a transfer without one, or a purchase with one, would stay wrong for ever.
    """
    reason = change.before.get("category_reason")
    if reason in {None, Transaction.Reason.PERSON, Transaction.Reason.RULE}:
        return True
    was_paired = bool(reason == Transaction.Reason.TRANSFER)
    return was_paired == (row.transfer_pair_id is not None)


def _category_is_left(change: RowChange, categories: set[int]) -> bool:
    return "category_id" not in change.before or change.before["category_id"] in categories


def _kept(row: Transaction, names: Iterable[str]) -> Values:
    return {name: _as_json(getattr(row, name)) for name in names}


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _from_json(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name == "reviewed_at" and value else value
