"""What a person changes on rows: figures follow, former values come back, later changes are respected."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from banking import edits, removal
from banking.models import Account, DayTotal, Edit, RowChange, Transaction
from banking.queries import edits as queries
from banking.queries.transaction_filter import TransactionFilter
from banking.queries.transactions import filtered_totals
from financehub.users.models import User
from tests.factories import NOW, AccountFactory, TransactionFactory, category, only

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def account(anna: User) -> Account:
    return AccountFactory(connection__user=anna)


def spending(user: User) -> Decimal:
    flows = filtered_totals(user=user, wanted=TransactionFilter()).flows
    return flows[0].spending if flows else Decimal(0)


def columns(*rows: Transaction) -> list[tuple[object, ...]]:
    return list(only(*rows).order_by("pk").values_list(*edits.COLUMNS))


def test_a_chosen_category_changes_the_days_total(anna: User, account: Account) -> None:
    row = TransactionFactory(account=account, amount=10, slug="income-other")
    edits.set_category(user=anna, rows=only(row), category=category("groceries-supermarket"), now=NOW)
    row.refresh_from_db()
    assert (row.kind, row.is_refund, row.category_reason) == ("expense", True, Transaction.Reason.PERSON)
    assert DayTotal.objects.get(user=row.user).kind == "expense"


def test_rows_taken_out_leave_every_figure_and_come_back(anna: User, account: Account) -> None:
    rows = [TransactionFactory(account=account, amount=Decimal(-100 * n)) for n in (1, 2, 3)]
    edit = edits.set_excluded(user=anna, rows=only(*rows[:2]), excluded=True, now=NOW)
    assert edit is not None
    assert (edit.rows, spending(anna)) == (2, Decimal(300))
    undone = edits.undo(edit=edit, now=LATER)
    assert (undone.restored, undone.left, spending(anna)) == (2, 0, Decimal(600))


@pytest.mark.parametrize("deed", ["category", "note", "exclude", "review"])
def test_an_undo_brings_back_exactly_what_was_there(anna: User, account: Account, deed: str) -> None:
    rows = [
        TransactionFactory(account=account, note="старая"),
        TransactionFactory(account=account, slug="other", category_reason="default", category_detail=""),
        TransactionFactory(account=account, amount=Decimal(70), is_refund=True),
    ]
    before, days = columns(*rows), list(DayTotal.objects.order_by("kind").values_list("kind", "amount"))
    chosen = {"user": anna, "rows": only(*rows), "now": NOW}
    edit = {
        "category": lambda: edits.set_category(category=category("income-gift"), **chosen),
        "note": lambda: edits.set_note(note="новая", **chosen),
        "exclude": lambda: edits.set_excluded(excluded=True, **chosen),
        "review": lambda: edits.mark_reviewed(**chosen),
    }[deed]()
    assert columns(*rows) != before
    edits.undo(edit=edit, now=LATER)
    assert columns(*rows) == before
    assert list(DayTotal.objects.order_by("kind").values_list("kind", "amount")) == days


def test_an_undo_leaves_rows_that_changed_since(anna: User, account: Account) -> None:
    first, second = (TransactionFactory(account=account) for _ in range(2))
    edit = edits.set_category(user=anna, rows=only(first, second), category=category("cafe"), now=NOW)
    edits.set_category(user=anna, rows=only(second), category=category("gifts"), now=LATER)
    undone = edits.undo(edit=edit, now=LATER)
    assert (undone.restored, undone.left) == (1, 1)
    slugs = only(first, second).order_by("pk").values_list("category__slug", flat=True)
    assert list(slugs) == ["groceries-supermarket", "gifts"]
    with pytest.raises(edits.AlreadyUndone):
        edits.undo(edit=edit, now=LATER)


@pytest.mark.parametrize("was_paired", [True, False])
def test_an_undo_leaves_rows_whose_pair_came_or_went_since(
    anna: User, account: Account, was_paired: bool
) -> None:
    sides = {
        "slug": "transfer-own" if was_paired else "other",
        "category_reason": "transfer_pair" if was_paired else "default",
        "merchant_name": "",
        "mcc": "",
    }
    out = TransactionFactory(account=account, amount=Decimal(-100), **sides)
    into = TransactionFactory(account=AccountFactory(connection__user=anna), amount=Decimal(100), **sides)
    if was_paired:
        only(out).update(transfer_pair=into)
        only(into).update(transfer_pair=out)
    edit = edits.set_category(user=anna, rows=only(out), category=category("cafe"), now=NOW)
    only(out).update(transfer_pair=None if was_paired else into)
    with pytest.raises(edits.ChangedSince):
        edits.undo(edit=edit, now=LATER)
    out.refresh_from_db()
    assert (out.category.slug, out.category_reason) == ("cafe", "person")


def test_an_undo_that_can_bring_nothing_back_says_so_and_stays_open(anna: User, account: Account) -> None:
    row = TransactionFactory(account=account)
    edit = edits.set_note(user=anna, rows=only(row), note="раз", now=NOW)
    edits.set_note(user=anna, rows=only(row), note="два", now=LATER)
    with pytest.raises(edits.ChangedSince):
        edits.undo(edit=edit, now=LATER)
    edit.refresh_from_db()
    assert edit.undone_at is None


def test_an_undo_is_not_undone(anna: User, account: Account) -> None:
    edit = edits.set_note(user=anna, rows=only(TransactionFactory(account=account)), note="раз", now=NOW)
    undoing = edits.undo(edit=edit, now=LATER).edit
    with pytest.raises(edits.AlreadyUndone):
        edits.undo(edit=undoing, now=LATER)


def test_what_changes_nothing_is_no_edit(anna: User, boris: User, account: Account) -> None:
    row = TransactionFactory(account=account, note="та же")
    assert edits.set_note(user=anna, rows=only(row), note="та же", now=NOW) is None
    assert edits.set_note(user=boris, rows=only(row), note="чужая", now=NOW) is None
    assert not Edit.objects.exists()


def test_too_many_rows_at_once_are_refused(
    anna: User, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edits, "MOST_ROWS", 1)
    rows = [TransactionFactory(account=account) for _ in range(2)]
    with pytest.raises(edits.TooManyRows):
        edits.set_excluded(user=anna, rows=only(*rows), excluded=True, now=NOW)


def test_the_history_of_a_row_tells_each_change(anna: User, account: Account) -> None:
    row = TransactionFactory(account=account)
    edits.set_category(user=anna, rows=only(row), category=category("cafe"), now=NOW)
    edit = edits.set_note(user=anna, rows=only(row), note="обед", now=LATER)
    edits.undo(edit=edit, now=LATER + timedelta(minutes=1))
    lines = queries.history_of(row=row)
    assert [line.edit.kind for line in lines] == ["undo", "note", "category"]
    assert (lines[2].former_category, lines[2].new_category) == (
        category("groceries-supermarket"),
        category("cafe"),
    )


def test_changes_go_with_their_rows(anna: User, account: Account) -> None:
    rows = [TransactionFactory(account=account, booking_date=date(2025, 11, day)) for day in (1, 2)]
    edits.set_note(user=anna, rows=only(*rows), note="раз", now=NOW)
    rows[0].delete()
    removal.remove_account(account=account, now=NOW)
    assert not RowChange.objects.exists()
