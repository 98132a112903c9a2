"""Accounts and rows that a person keeps by hand: balances, figures, the way back, who sees them."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from analytics import balances
from banking import edits, manual, removal
from banking.models import Account, DailyBalance, Edit, Transaction
from banking.queries import accounts, multibank, transfers
from banking.queries.transaction_filter import TransactionFilter
from banking.queries.transactions import filtered_totals
from banking.services.transfer_orders import CannotPayFrom, CannotPayTo, Order, check
from financehub.money import ZERO
from financehub.periods import local_date
from financehub.users.models import User
from tests.banking.test_totals import kept_months, kept_totals, months_by_hand, totals_by_hand
from tests.factories import NOW, AccountFactory, TransactionFactory, category, only

TODAY = local_date(NOW)
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def cash(anna: User) -> Account:
    terms = manual.Terms(name="Наличные", kind="cash", opening_balance=Decimal(1000), opening_on=YESTERDAY)
    return manual.create_account(user=anna, terms=terms, currency="RUB", now=NOW)


def entry(amount: str, day: date = TODAY, text: str = "Пятёрочка", **more: object) -> manual.Entry:
    return manual.Entry(amount=Decimal(amount), day=day, description=text, **more)


def write(account: Account, *entries: manual.Entry) -> list[Transaction]:
    return [
        manual.add_row(account=account, entry=one, key=f"{number:032}", now=NOW)
        for number, one in enumerate(entries)
    ]


def held(account: Account) -> Decimal | None:
    return Account.objects.get(pk=account.pk).balance_booked


def by_day(account: Account) -> dict[date, Decimal]:
    return dict(DailyBalance.objects.filter(account=account).values_list("date", "amount"))


def figures_are_kept(user: User) -> bool:
    return kept_totals(user) == totals_by_hand(user) and kept_months(user) == months_by_hand(user)


def test_a_balance_follows_from_the_opening_and_the_rows(cash: Account) -> None:
    before = YESTERDAY - timedelta(days=5)
    write(cash, entry("-300"), entry("-50.50", YESTERDAY), entry("200", before))
    assert held(cash) == Decimal("649.50")
    assert by_day(cash) == {
        before: Decimal(1000),
        YESTERDAY: Decimal("949.50"),
        TODAY: Decimal("649.50"),
    }
    stored = Account.objects.get(pk=cash.pk)
    assert (stored.opened_on, stored.balance_as_of, stored.net_amount) == (before, NOW, Decimal("649.50"))
    assert figures_are_kept(cash.user)


def test_an_amended_row_can_be_taken_back_to_the_kopeck(anna: User, cash: Account) -> None:
    row, other = write(cash, entry("-300"), entry("-20", text="Кофе"))
    edit = manual.amend_row(
        transaction=row, entry=entry("-4500.10", YESTERDAY, "Аптека 36,6", note="для мамы"), now=NOW
    )
    assert edit is not None
    row.refresh_from_db()
    assert (row.amount, row.booking_date, row.category.slug) == (
        Decimal("-4500.10"),
        YESTERDAY,
        "health-pharmacy",
    )
    assert held(cash) == Decimal("-3520.10")
    assert figures_are_kept(anna)
    edits.undo(edit=edit, now=NOW)
    row.refresh_from_db()
    assert (row.amount, row.booking_date, row.note) == (Decimal(-300), TODAY, "")
    assert (row.description, row.category.slug) == ("Пятёрочка", "groceries-supermarket")
    assert held(cash) == Decimal(680)
    assert figures_are_kept(anna)
    assert manual.amend_row(transaction=other, entry=entry("-20", text="Кофе"), now=NOW) is None


def test_a_deleted_row_leaves_the_balance_and_an_undo_brings_it_back(anna: User, cash: Account) -> None:
    row, _ = write(cash, entry("-300"), entry("-20"))
    edit = edits.delete_rows(user=anna, rows=only(row), now=NOW)
    assert edit is not None
    assert held(cash) == Decimal(980)
    assert filtered_totals(user=anna, wanted=TransactionFilter()).count == 1
    assert figures_are_kept(anna)
    edits.undo(edit=edit, now=NOW)
    assert held(cash) == Decimal(680)
    assert figures_are_kept(anna)


def test_a_category_is_decided_as_for_banks_unless_it_is_chosen(cash: Account) -> None:
    decided, chosen = write(cash, entry("-300"), entry("-300", category=category("cafe")))
    assert (decided.category.slug, decided.category_reason) == ("groceries-supermarket", "keyword")
    assert (chosen.category.slug, chosen.category_reason) == ("cafe", "person")


def test_a_key_writes_one_row(cash: Account) -> None:
    key = "k" * 32
    first, again = (manual.add_row(account=cash, entry=entry("-5"), key=key, now=NOW) for _ in range(2))
    assert first.pk == again.pk
    with pytest.raises(manual.KeyReused):
        manual.add_row(account=cash, entry=entry("-6"), key=key, now=NOW)


def test_a_banks_account_and_a_closed_one_take_no_rows(anna: User, cash: Account) -> None:
    theirs = AccountFactory(connection__user=anna)
    row = TransactionFactory(account=theirs)
    manual.set_closed(account=cash, closed=True, now=NOW)
    assert accounts.manual_accounts_of(user=anna) == []
    with pytest.raises(manual.AccountClosed):
        write(Account.objects.get(pk=cash.pk), entry("-5"))
    with pytest.raises(manual.NotManual):
        write(theirs, entry("-5"))
    with pytest.raises(manual.NotManual):
        manual.amend_row(transaction=row, entry=entry("-5"), now=NOW)


def test_other_terms_move_every_balance(cash: Account) -> None:
    write(cash, entry("-300"))
    terms = manual.Terms(name="Сейф", kind="savings", opening_balance=Decimal(-50), opening_on=TODAY)
    manual.change_account(account=cash, terms=terms, now=NOW)
    assert (held(cash), by_day(cash)) == (Decimal(-350), {TODAY: Decimal(-350)})


def test_totals_count_it_and_it_is_never_late(anna: User, cash: Account) -> None:
    AccountFactory(connection__user=anna, net_amount=Decimal(500))
    later = NOW + timedelta(days=3)
    total = accounts.total_of(accounts.accounts_of(user=anna), now=later)
    assert (total.amount, total.stale_amount) == (Decimal(1500), Decimal(500))


def test_money_from_before_it_was_written_down_is_no_gain(anna: User, cash: Account) -> None:
    month_start = TODAY.replace(day=1) - timedelta(days=1)
    assert accounts.home_total_on(user=anna, day=month_start) == Decimal(1000)


def test_net_worth_knows_what_it_held(anna: User, cash: Account) -> None:
    october = TODAY.replace(day=1) - timedelta(days=1)
    september = october.replace(day=1) - timedelta(days=1)
    write(cash, entry("200", october), entry("-300"))
    found = balances.accounts_in(user=anna, wanted=TransactionFilter())
    history = balances.worth(found, days=[september, october, TODAY], today=TODAY)
    assert [each.net for each in history] == [ZERO, Decimal(1000), Decimal(700)]


def test_no_transfer_and_no_partner_touches_it(anna: User, cash: Account) -> None:
    bank = AccountFactory(connection__user=anna, balance_available=Decimal(900))
    Account.objects.filter(pk=cash.pk).update(number="40817810000000000001", kind="current")
    choices = transfers.choices_of(user=anna)
    assert [account.pk for account in (*choices.sources, *choices.targets)] == [bank.pk, bank.pk]
    for source, target, refusal in ((cash, bank, CannotPayFrom), (bank, cash, CannotPayTo)):
        order = Order(
            from_account_id=source.pk, to_account_id=target.pk, amount=Decimal(1), purpose="", key="k"
        )
        with pytest.raises(refusal):
            check(user=anna, order=order, now=NOW)
    write(cash, entry("-300"))
    assert multibank.accounts_at(user=anna, bank=cash.bank) == []
    assert not multibank.rows_at(user=anna, bank=cash.bank, account=None, limit=10)
    told = multibank.figures_of(bank_code=cash.bank.code)
    assert (told.total_clients, told.total_accounts, told.total_balance) == (0, 0, ZERO)
    assert told.total_transactions == 0


def test_a_removed_book_leaves_nothing_behind(anna: User, cash: Account) -> None:
    write(cash, entry("-300"))
    removal.remove_account(account=cash, now=NOW)
    assert not Account.objects.filter(user=anna).exists()
    assert not Transaction.objects.filter(user=anna).exists()
    assert figures_are_kept(anna)


def test_there_is_an_end_to_the_number_of_books(anna: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manual, "MOST_ACCOUNTS", 1)
    terms = manual.Terms(name="Сейф", kind="cash", opening_balance=ZERO, opening_on=TODAY)
    manual.create_account(user=anna, terms=terms, currency="RUB", now=NOW)
    with pytest.raises(manual.TooManyAccounts):
        manual.create_account(user=anna, terms=terms, currency="RUB", now=NOW)
    assert not Edit.objects.exists()
