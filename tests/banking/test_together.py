"""Parts, pairs, tags, deletion, imports and books kept by hand: together none loses or doubles money."""

from datetime import timedelta
from decimal import Decimal

import pytest

from banking import edits, importing, manual, pairing, removal, splitting, tagging
from banking.models import Account, DailyBalance, Transaction, TransferMatch
from banking.queries import transfer_review
from banking.queries.transaction_filter import TransactionFilter, matching
from banking.splitting import Part
from banking.sync.transfers import pair_own_transfers
from financehub.users.models import User
from tests.banking.test_totals import kept_months, kept_totals, months_by_hand, totals_by_hand
from tests.factories import NOW, AccountFactory, ManualAccountFactory, TransactionFactory, category, only

pytestmark = pytest.mark.django_db
FILE = b"date;sum;description\n2025-11-07;-120.00;Coffee\n2025-11-08;-450.50;Books\n"


@pytest.fixture
def cash(anna: User) -> Account:
    return manual.create_account(
        user=anna,
        terms=manual.Terms(
            name="Наличные",
            kind="cash",
            opening_balance=Decimal(1000),
            opening_on=(NOW - timedelta(days=30)).date(),
        ),
        currency="RUB",
        now=NOW,
    )


@pytest.fixture
def account(anna: User) -> Account:
    return AccountFactory(connection__user=anna)


def halves(row: Transaction) -> None:
    tags = tuple(tagging.named(user=row.user, names=["отпуск"]))
    wanted = [Part(abs(row.amount) / 2, category("cafe"), tags=tags)] * 2
    assert splitting.split(user=row.user, row=row, wanted=wanted, now=NOW) is not None
    row.refresh_from_db()


def shown(user: User) -> list[Decimal]:
    return sorted(matching(user=user, wanted=TransactionFilter()).values_list("amount", flat=True))


def is_in_step(user: User) -> bool:
    return kept_totals(user) == totals_by_hand(user) and kept_months(user) == months_by_hand(user)


def held(account: Account) -> Decimal | None:
    account.refresh_from_db()
    return account.balance_booked


def test_an_import_goes_with_the_parts_made_of_its_rows(anna: User, cash: Account) -> None:
    statement = importing.upload(user=anna, account=cash, file_name="x.csv", data=FILE, now=NOW)
    importing.run(statement=statement, now=NOW)
    row = Transaction.objects.get(description="Coffee")
    halves(row)
    assert (shown(anna), held(cash)) == ([Decimal("-450.50"), -60, -60], Decimal("429.50"))
    assert is_in_step(anna)

    importing.undo(statement=statement, now=NOW)

    assert (shown(anna), held(cash)) == ([], Decimal(1000))
    assert not Transaction.objects.exists()
    assert is_in_step(anna)


def test_a_divided_row_is_neither_deleted_nor_rewritten(anna: User, cash: Account) -> None:
    entry = manual.Entry(amount=Decimal(-100), day=NOW.date(), description="Рынок")
    row = manual.add_row(account=cash, entry=entry, key="1", now=NOW)
    halves(row)
    part = Transaction.objects.filter(part_of=row).first()
    for each in (row, part):
        with pytest.raises(edits.Divided):
            edits.delete_rows(user=anna, rows=only(each), now=NOW)
        with pytest.raises(edits.Divided):
            manual.amend_row(transaction=each, entry=entry, now=NOW)
    assert (shown(anna), held(cash)) == ([-50, -50], Decimal(900))

    splitting.unsplit(user=anna, row=row, now=NOW)
    edits.delete_rows(user=anna, rows=only(row), now=NOW)
    assert (shown(anna), held(cash)) == ([], Decimal(1000))
    assert is_in_step(anna)


def test_a_deleted_side_parts_its_pair_and_comes_back_into_it(anna: User, account: Account) -> None:
    other = AccountFactory(connection__user=anna)
    words = {"description": "Перевод между своими счетами", "merchant_name": "", "mcc": ""}
    out = TransactionFactory(account=account, amount=Decimal(-500), **words)
    into = TransactionFactory(account=other, amount=Decimal(500), **words)
    pair_own_transfers(user_id=anna.pk, since=None, now=NOW)
    out.refresh_from_db()
    assert out.transfer_pair_id == into.pk

    deleted = edits.delete_rows(user=anna, rows=only(out), now=NOW)
    into.refresh_from_db()
    assert (into.transfer_pair_id, is_in_step(anna)) == (None, True)

    edits.undo(edit=deleted, now=NOW)
    into.refresh_from_db()
    assert (into.transfer_pair_id, is_in_step(anna)) == (out.pk, True)


def test_a_divided_side_is_no_longer_offered_as_a_transfer(anna: User, account: Account) -> None:
    other = AccountFactory(connection__user=anna)
    plain = {"merchant_name": "", "mcc": "", "description": "Перевод"}
    out = TransactionFactory(account=account, amount=Decimal(-500), **plain)
    into = TransactionFactory(account=other, amount=Decimal(500), **plain)
    match = TransferMatch.objects.create(
        user=anna, out=out, into=into, state=TransferMatch.State.SUGGESTED, score=60
    )
    halves(out)
    assert not transfer_review.open_matches(user=anna).exists()
    with pytest.raises(pairing.PairNotOpen):
        pairing.accept(match=match, now=NOW)


def test_a_removed_account_leaves_nothing_of_its_rows(anna: User, account: Account) -> None:
    row = TransactionFactory(account=account, amount=Decimal(-90))
    purchase = TransactionFactory(account=account, amount=Decimal(-10))
    TransactionFactory(account=account, amount=Decimal(10), is_refund=True)
    halves(row)
    edits.add_tags(user=anna, rows=only(purchase), tags=tuple(tagging.named(user=anna, names=["x"])), now=NOW)
    removal.remove_account(account=account, now=NOW)
    assert (shown(anna), is_in_step(anna)) == ([], True)
    assert not Transaction.objects.exists()
    assert not DailyBalance.objects.exists()


def test_money_to_a_book_by_hand_is_a_transfer(anna: User, account: Account) -> None:
    book = ManualAccountFactory(user=anna, opening_on=(NOW - timedelta(days=30)).date())
    words = {"description": "Перевод между своими счетами", "merchant_name": "", "mcc": ""}
    out = TransactionFactory(account=account, amount=Decimal(-500), **words)
    entry = manual.Entry(amount=Decimal(500), day=NOW.date(), description="Перевод между своими счетами")
    into = manual.add_row(account=book, entry=entry, key="1", now=NOW)
    out.refresh_from_db()
    into.refresh_from_db()
    assert {out.kind, into.kind} == {"transfer"}
    assert is_in_step(anna)
