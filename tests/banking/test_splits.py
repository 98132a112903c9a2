"""Rows divided into parts: they always make up the whole, count once, and outlive readings of the bank."""

import random
from datetime import timedelta
from decimal import Decimal

import pytest

from banking import edits, removal, splitting, tagging
from banking.models import Account, BankConnection, DailyBalance, DayTotal, Edit, RowChange, Transaction
from banking.queries import edits as edit_queries
from banking.queries import multibank
from banking.queries.transaction_filter import TransactionFilter, matching
from banking.queries.transactions import filtered_totals
from banking.splitting import Part, sizes_of
from banking.sync.transfers import pair_own_transfers
from financehub.users.models import User
from tests.banking.sync.bank import NOON, Bank, sent
from tests.banking.sync.reading import read
from tests.banking.test_totals import kept_months, kept_totals, months_by_hand, totals_by_hand
from tests.factories import NOW, AccountFactory, TransactionFactory, category, only

LATER = NOW + timedelta(minutes=1)
CASES = 20_000


@pytest.fixture
def account(anna: User) -> Account:
    return AccountFactory(connection__user=anna)


def parts(*sizes: str, slug: str = "cafe") -> list[Part]:
    return [Part(Decimal(size), category(slug)) for size in sizes]


def amounts(row: Transaction) -> list[Decimal]:
    return list(Transaction.objects.filter(part_of=row).order_by("pk").values_list("amount", flat=True))


def split(row: Transaction, *sizes: str, slug: str = "cafe") -> Edit:
    edit = splitting.split(user=row.user, row=row, wanted=parts(*sizes, slug=slug), now=NOW)
    assert edit is not None
    return edit


def shown(user: User) -> list[Decimal]:
    return sorted(matching(user=user, wanted=TransactionFilter()).values_list("amount", flat=True))


def totals_are_right(user: User) -> bool:
    return kept_totals(user) == totals_by_hand(user) and kept_months(user) == months_by_hand(user)


def test_shares_sum_to_the_whole_whatever_they_are() -> None:
    dice = random.Random(7)
    for _ in range(CASES):
        amount = Decimal(dice.randint(-(10**9), 10**9)).scaleb(-2)
        cuts = sorted(dice.sample(range(1, 10_000), dice.randint(1, 19)))
        percents = [Decimal(b - a).scaleb(-2) for a, b in zip([0, *cuts], [*cuts, 10_000], strict=True)]
        sizes = sizes_of(amount, percents, currency="RUB")
        assert sum(sizes) == abs(amount)
        for size, percent in zip(sizes[:-1], percents, strict=False):
            assert abs(size - abs(amount) * percent / 100) <= Decimal("0.005")


def test_the_last_part_takes_what_rounding_leaves() -> None:
    third = Decimal("33.33")
    assert sizes_of(Decimal("-100.01"), [third, third, Decimal("33.34")], currency="RUB") == [
        Decimal("33.33"),
        Decimal("33.33"),
        Decimal("33.35"),
    ]
    with pytest.raises(splitting.WrongParts):
        sizes_of(Decimal(100), [third, third], currency="RUB")


def test_parts_stand_in_the_place_of_the_row(anna: User, account: Account) -> None:
    row, other = (TransactionFactory(account=account, amount=Decimal(-100)) for _ in range(2))
    split(row, "60", "40", slug="gifts")
    assert shown(anna) == [-100, -60, -40]
    assert filtered_totals(user=anna, wanted=TransactionFilter()).count == 3
    gifts = TransactionFilter(categories=frozenset({category("gifts").pk}))
    assert filtered_totals(user=anna, wanted=gifts).flows[0].spending == 100
    part = Transaction.objects.filter(part_of=row).first()
    assert part is not None
    assert (part.booking_date, part.description) == (row.booking_date, row.description)
    edits.set_category(user=anna, rows=only(part, other), category=category("cafe"), now=LATER)
    assert totals_are_right(anna)


@pytest.mark.parametrize(
    "sizes", [("60", "50"), ("100",), ("100", "0"), tuple(["5"] * 21), ("60", "39.99"), ("120", "-20")]
)
def test_what_does_not_make_up_the_row_is_refused(
    anna: User, account: Account, sizes: tuple[str, ...]
) -> None:
    row = TransactionFactory(account=account, amount=Decimal(-105 if len(sizes) > 20 else -100))
    with pytest.raises(splitting.WrongParts):
        splitting.split(user=anna, row=row, wanted=parts(*sizes), now=NOW)
    assert not Edit.objects.exists()


def test_parts_and_own_transfers_are_not_divided(anna: User, account: Account) -> None:
    row = TransactionFactory(account=account, amount=Decimal(-100))
    pair = TransactionFactory(account=account, amount=Decimal(-100), transfer_pair=row)
    split(row, "60", "40")
    for refused in (pair, Transaction.objects.filter(part_of=row)[0]):
        with pytest.raises(splitting.NotDivisible):
            splitting.split(user=anna, row=refused, wanted=parts("50", "50"), now=NOW)


def test_an_undo_brings_parts_back_with_all_that_was_on_them(anna: User, account: Account) -> None:
    row = TransactionFactory(account=account, amount=Decimal(-100))
    tags = tuple(tagging.named(user=anna, names=["дача"]))
    wanted = [Part(Decimal(30), category("gifts"), "гвозди", tags), Part(Decimal(70), category("cafe"))]
    divided = splitting.split(user=anna, row=row, wanted=wanted, now=NOW)
    before = Transaction.objects.get(pk=row.pk).part_values
    row.refresh_from_db()
    joined = splitting.unsplit(user=anna, row=row, now=LATER)
    assert (shown(anna), amounts(row)) == ([-100], [])
    assert joined is not None
    edits.undo(edit=joined, now=LATER)
    assert Transaction.objects.get(pk=row.pk).part_values == before
    assert divided is not None
    edits.undo(edit=divided, now=LATER)
    assert shown(anna) == [-100]
    assert totals_are_right(anna)
    assert [line.edit.kind for line in edit_queries.history_of(row=row)] == [
        "undo",
        "undo",
        "unsplit",
        "split",
    ]


def test_a_row_left_out_of_figures_stays_so_in_parts_and_partners_are_told_it_whole(
    anna: User, account: Account
) -> None:
    row = TransactionFactory(account=account, amount=Decimal(-100), excluded=True)
    split(row, "60", "40")
    assert filtered_totals(user=anna, wanted=TransactionFilter()).not_counted == 2
    told = multibank.rows_at(user=anna, bank=account.bank, account=account, limit=10)
    assert [each.pk for each in told] == [row.pk]


def test_a_split_whose_parts_changed_since_is_not_undone(anna: User, account: Account) -> None:
    row = TransactionFactory(account=account, amount=Decimal(-100))
    edit = split(row, "60", "40")
    first = Transaction.objects.filter(part_of=row)[:1]
    edits.set_note(user=anna, rows=only(*first), note="моё", now=LATER)
    with pytest.raises(edits.ChangedSince):
        edits.undo(edit=edit, now=LATER)
    split(row, "10", "20", "70")
    assert Transaction.objects.get(pk=first[0].pk).amount == -10  # the place keeps its row


def test_parts_count_once_in_balances_and_find_no_other_side(bank: Bank, connection: BankConnection) -> None:
    bank.rows = [sent("a", "-300.00", text="Перевод между своими счетами"), sent("b", "-20.00")]
    read(connection)
    balances = list(DailyBalance.objects.values_list("date", "amount"))
    row = Transaction.objects.get(external_id="a")
    other = AccountFactory(connection=connection)
    split(row, "200", "100")
    for amount in (200, 300):
        TransactionFactory(
            account=other,
            amount=Decimal(amount),
            booked_at=row.booked_at,
            description="Перевод между своими счетами",
            merchant_name="",
            slug="transfer-own",
        )
    assert pair_own_transfers(user_id=row.user_id, since=None, now=NOON).found == 0
    Account.objects.update(full_read_due=True)
    read(connection, now=NOON + timedelta(hours=1))
    assert list(DailyBalance.objects.filter(account=row.account).values_list("date", "amount")) == balances


def test_parts_follow_their_row_through_readings(bank: Bank, connection: BankConnection) -> None:
    """Settled under another id at another amount, moved by days, gone and back: still two parts."""
    shop = {"merchant_name": "Лента", "text": "LENTA 7"}
    bank.rows = [sent("p", "-100.00", status="pending", **shop), sent("x", "-5.00")]
    read(connection)
    row = Transaction.objects.get(external_id="p")
    split(row, "60", "40")
    steps = (
        ([sent("b", "-104.50", **shop)], [-60, Decimal("-44.50")], False),
        ([sent("b", "-104.50", at=NOON - timedelta(days=3), **shop)], [-60, Decimal("-44.50")], False),
        ([], [-60, Decimal("-44.50")], True),
        ([sent("b", "-90.00", **shop)], [-60, -30], False),
    )
    for number, (rows, expected, is_missing) in enumerate(steps, start=1):
        bank.rows = [*rows, sent("x", "-5.00", at=NOON - timedelta(days=20))]
        Account.objects.update(full_read_due=True)
        read(connection, now=NOON + timedelta(hours=number))
        row.refresh_from_db()
        found = Transaction.objects.filter(part_of=row)
        assert (amounts(row), row.parts, row.missing_since is not None) == (expected, 2, is_missing)
        assert {(part.status, part.booking_date, part.missing_since) for part in found} == {
            (row.status, row.booking_date, row.missing_since)
        }
        assert totals_are_right(connection.user)


def test_a_split_that_the_new_amount_leaves_no_room_for_is_dissolved(
    bank: Bank, connection: BankConnection
) -> None:
    bank.rows = [sent("a", "-100.00")]
    read(connection)
    row = Transaction.objects.get(external_id="a")
    edit = split(row, "60", "40")
    bank.rows = [sent("a", "-50.00")]
    read(connection, now=NOON + timedelta(hours=1))
    row.refresh_from_db()
    assert (row.parts, shown(row.user)) == (0, [-50])
    trace = RowChange.objects.get(transaction=row, edit__kind=Edit.Kind.DISSOLVE)
    assert [part["amount"] for part in trace.before["part_values"]] == ["-60.0000", "-40.0000"]
    for closed, refusal in ((trace.edit, edits.AlreadyUndone), (edit, edits.ChangedSince)):
        with pytest.raises(refusal):
            edits.undo(edit=closed, now=LATER)
    assert DayTotal.objects.get(user=row.user).amount == -50


def test_parts_and_tags_go_with_their_account(anna: User, account: Account) -> None:
    row = TransactionFactory(account=account, amount=Decimal(-100))
    tags = tuple(tagging.named(user=anna, names=["дача"]))
    wanted = [Part(Decimal(30), category("cafe"), "", tags), Part(Decimal(70), category("cafe"))]
    splitting.split(user=anna, row=row, wanted=wanted, now=NOW)
    removal.remove_account(account=account, now=NOW)
    assert not Transaction.objects.exists()
    assert not Transaction.tags.through.objects.exists()
    assert not DayTotal.objects.exists()
