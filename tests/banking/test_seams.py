"""Undo, parts, pairs and deletion of one row: whatever their order, no money is lost or counted twice."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

import pytest

from analytics.models import SeriesRow
from analytics.recurring import queries as recurring
from banking import edits, manual, pairing, splitting
from banking.models import Account, RefundLink, Transaction, TransferMatch
from banking.queries import month_cut, transfer_review
from banking.splitting import Part
from banking.sync.transfers import pair_own_transfers
from financehub.users.models import User
from tests.banking.test_together import halves, held, is_in_step, shown
from tests.factories import NOW, AccountFactory, SeriesFactory, TransactionFactory, category, only

pytestmark = pytest.mark.django_db
WORDS = {"description": "Перевод между своими счетами", "merchant_name": "", "mcc": ""}


@pytest.fixture
def cash(anna: User) -> Account:
    terms = manual.Terms(
        name="Наличные",
        kind="cash",
        opening_balance=Decimal(1000),
        opening_on=(NOW - timedelta(days=30)).date(),
    )
    return manual.create_account(user=anna, terms=terms, currency="RUB", now=NOW)


@pytest.fixture
def pair(anna: User) -> tuple[Transaction, Transaction]:
    rows = [
        TransactionFactory(account=AccountFactory(connection__user=anna), amount=Decimal(amount), **WORDS)
        for amount in (-500, 500)
    ]
    pair_own_transfers(user_id=anna.pk, since=None, now=NOW)
    for row in rows:
        row.refresh_from_db()
    return rows[0], rows[1]


def written(account: Account, amount: int, description: str = "Рынок") -> Transaction:
    entry = manual.Entry(amount=Decimal(amount), day=NOW.date(), description=description)
    return manual.add_row(account=account, entry=entry, key="1", now=NOW)


def test_an_amendment_of_a_row_divided_since_is_not_undone(anna: User, cash: Account) -> None:
    row = written(cash, -100)
    entry = manual.Entry(amount=Decimal(-200), day=NOW.date(), description="Рынок")
    amended = manual.amend_row(transaction=row, entry=entry, now=NOW)
    row.refresh_from_db()
    halves(row)
    assert amended is not None
    with pytest.raises(edits.ChangedSince):
        edits.undo(edit=amended, now=NOW)
    assert (shown(anna), held(cash), is_in_step(anna)) == ([-100, -100], Decimal(800), True)


def test_a_deleted_row_is_not_divided_by_an_undo(anna: User, cash: Account) -> None:
    row = written(cash, -100)
    halves(row)
    joined = splitting.unsplit(user=anna, row=row, now=NOW)
    edits.delete_rows(user=anna, rows=only(row), now=NOW)
    assert joined is not None
    with pytest.raises(edits.ChangedSince):
        edits.undo(edit=joined, now=NOW)
    assert (shown(anna), held(cash), is_in_step(anna)) == ([], Decimal(1000), True)


def test_a_divided_row_is_not_deleted_by_an_undo(anna: User, cash: Account) -> None:
    row = written(cash, -100)
    edits.delete_rows(user=anna, rows=only(row), now=NOW)
    restored = edits.restore_rows(user=anna, rows=only(row), now=NOW)
    row.refresh_from_db()
    halves(row)
    assert restored is not None
    with pytest.raises(edits.ChangedSince):
        edits.undo(edit=restored, now=NOW)
    assert (shown(anna), held(cash), is_in_step(anna)) == ([-50, -50], Decimal(900), True)


def test_a_paired_row_is_not_divided_by_an_undo(anna: User, pair: tuple[Transaction, Transaction]) -> None:
    out, into = pair
    assert out.transfer_pair_id == into.pk
    pairing.part(row=out, now=NOW)
    out.refresh_from_db()
    halves(out)
    joined = splitting.unsplit(user=anna, row=out, now=NOW)
    match = TransferMatch.objects.get()
    pairing.undo(match=match, now=NOW)
    out.refresh_from_db()
    assert (joined is not None, out.transfer_pair_id) == (True, into.pk)
    with pytest.raises(edits.ChangedSince):
        edits.undo(edit=joined, now=NOW)
    assert (shown(anna), is_in_step(anna)) == ([-500, 500], True)


def deleted(row: Transaction) -> None:
    edits.delete_rows(user=row.user, rows=only(row), now=NOW)


@pytest.mark.parametrize("deed", [halves, deleted])
def test_a_divided_or_deleted_row_is_not_paired_by_an_undo(
    anna: User, pair: tuple[Transaction, Transaction], deed: Callable[[Transaction], None]
) -> None:
    out, into = pair
    parted = pairing.part(row=out, now=NOW)
    out.refresh_from_db()
    deed(out)
    assert parted is not None
    with pytest.raises(edits.ChangedSince):
        edits.undo(edit=parted, now=NOW)
    into.refresh_from_db()
    assert (into.transfer_pair_id, is_in_step(anna)) == (None, True)


def test_a_deleted_row_is_not_divided(anna: User, cash: Account) -> None:
    row = written(cash, -100)
    edits.delete_rows(user=anna, rows=only(row), now=NOW)
    with pytest.raises(splitting.NotDivisible):
        splitting.split(user=anna, row=row, wanted=[Part(Decimal(50), category("cafe"))] * 2, now=NOW)


def test_an_amended_side_of_a_transfer_stays_a_transfer(anna: User, cash: Account) -> None:
    out = TransactionFactory(account=AccountFactory(connection__user=anna), amount=Decimal(-500), **WORDS)
    row = written(cash, 500, "От себя")
    match, _made = TransferMatch.objects.get_or_create(
        user=anna, out=out, into=row, defaults={"state": TransferMatch.State.SUGGESTED, "score": 60}
    )
    pairing.accept(match=match, now=NOW)
    entry = manual.Entry(amount=Decimal(500), day=NOW.date(), description="От себя", note="на дачу")
    amended = manual.amend_row(transaction=row, entry=entry, now=NOW)
    row.refresh_from_db()
    assert (row.note, row.transfer_pair_id, row.kind) == ("на дачу", out.pk, "transfer")
    assert amended is not None
    edits.undo(edit=amended, now=NOW)
    row.refresh_from_db()
    assert (row.note, row.transfer_pair_id, row.kind) == ("", out.pk, "transfer")
    assert is_in_step(anna)


def test_a_refund_written_by_hand_finds_its_purchase(anna: User, cash: Account) -> None:
    bought = TransactionFactory(account=cash, amount=Decimal(-300), booked_at=NOW - timedelta(days=2))
    entry = manual.Entry(
        amount=Decimal(300),
        day=NOW.date(),
        description=bought.description,
        merchant=bought.merchant_name,
        category=bought.category,
    )
    refund = manual.add_row(account=cash, entry=entry, key="1", now=NOW)
    assert RefundLink.objects.get(refund=refund).purchase_id == bought.pk


def test_a_refund_is_offered_whole_purchases_only(anna: User) -> None:
    account = AccountFactory(connection__user=anna)
    bought = TransactionFactory(account=account, amount=Decimal(-300), booked_at=NOW - timedelta(days=2))
    halves(bought)
    refund = TransactionFactory(account=account, amount=Decimal(100), is_refund=True)
    assert [row.pk for row in transfer_review.purchases_for(row=refund)] == [bought.pk]


def test_a_series_shows_no_row_that_was_deleted(anna: User) -> None:
    row = TransactionFactory(account=AccountFactory(connection__user=anna))
    series = SeriesFactory(user=anna, account=row.account)
    SeriesRow.objects.create(series=series, transaction=row)
    edits.delete_rows(user=anna, rows=only(row), now=NOW)
    assert recurring.rows_of(series=series) == []


def test_two_debits_are_no_accepted_transfer(anna: User, cash: Account) -> None:
    out = TransactionFactory(account=AccountFactory(connection__user=anna), amount=Decimal(-500))
    row = written(cash, 500, "От себя")
    match = TransferMatch.objects.create(
        user=anna, out=out, into=row, state=TransferMatch.State.SUGGESTED, score=60
    )
    pairing.accept(match=match, now=NOW)
    entry = manual.Entry(amount=Decimal(-500), day=NOW.date(), description="От себя")
    manual.amend_row(transaction=row, entry=entry, now=NOW)
    for _ in range(2):
        pair_own_transfers(user_id=anna.pk, since=None, now=NOW)
        rows = Transaction.objects.filter(pk__in=[out.pk, row.pk])
        assert list(rows.values_list("transfer_pair", "kind")) == [(None, "expense")] * 2
        assert is_in_step(anna)


def test_a_pair_with_a_deleted_side_is_not_offered(anna: User, pair: tuple[Transaction, Transaction]) -> None:
    out, _into = pair
    match = TransferMatch.objects.get()
    pairing.reject(match=match, now=NOW)
    deleted(out)
    match.refresh_from_db()
    with suppress(edits.ChangedSince):
        pairing.undo(match=match, now=NOW)
    pairing.reject(match=match, now=NOW)
    pairing.undo(match=match, now=NOW)
    assert not transfer_review.open_matches(user=anna).exists()
    with pytest.raises(pairing.PairNotOpen):
        pairing.accept(match=match, now=NOW)


def test_a_deleted_refund_gives_nothing_back(anna: User) -> None:
    account = AccountFactory(connection__user=anna)
    bought = TransactionFactory(account=account, amount=Decimal(-300), booked_at=NOW - timedelta(days=2))
    first, second = (
        TransactionFactory(account=account, amount=Decimal(300), is_refund=True) for _ in range(2)
    )
    pairing.link_refund(row=first, purchase_id=bought.pk)
    deleted(first)
    assert transfer_review.purchase_of(row=second) == bought
    assert transfer_review.refunds_of(row=bought) == [second]
    deleted(bought)
    assert transfer_review.purchase_of(row=second) is None


def test_a_divided_pay_and_a_declined_one_do_not_begin_the_month(anna: User) -> None:
    anna.month_start = 0
    account = AccountFactory(connection__user=anna)
    for month in (8, 9, 10):
        for day, amount, status in ((5, 60_000, "booked"), (20, 50_000, "booked"), (25, 99_000, "declined")):
            pay = TransactionFactory(
                account=account,
                amount=Decimal(amount),
                slug="income-salary",
                status=status,
                booked_at=NOW.replace(month=month, day=day),
            )
            if day == 20:
                wanted = [Part(Decimal(25_000), category("income-salary"))] * 2
                splitting.split(user=anna, row=pay, wanted=wanted, now=NOW)
    assert month_cut.cut_of(user=anna, today=NOW.date()).day == 5
