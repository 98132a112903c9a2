"""What accounts hold, now and at the end of each day."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from banking.clients.schemas import AccountBalances
from banking.models import Account, DailyBalance
from banking.sync.accounts import apply_balances
from banking.sync.balances import store_daily_balances
from financehub.money import Money
from tests.banking.sync.bank import NOON
from tests.factories import AccountFactory, TransactionFactory

TODAY = NOON.date()


def _told(booked: str | None, available: str | None, currency: str = "RUB") -> AccountBalances:
    def money(amount: str | None) -> Money | None:
        return None if amount is None else Money(Decimal(amount), currency)

    return AccountBalances(booked=money(booked), available=money(available), as_of=None)


@pytest.mark.parametrize(
    ("kind", "is_debt", "booked", "available", "net", "limit"),
    [
        ("current", False, "100", "100", "100", None),
        ("current", False, "100", "70", "70", None),  # held money is as good as spent
        ("current", False, "100", "-50", "-50", None),
        ("current", False, "100", "600", "100", None),  # an overdraft is no money
        ("current", False, None, "70", "70", None),
        ("savings", False, "100", None, "100", None),
        ("loan", True, "5000", "5000", "-5000", None),
        ("loan", True, "-5000", "-5000", "-5000", None),
        ("card", True, "-4000", "96000", "-4000", "100000"),
        ("card", True, "4000", "96000", "-4000", "100000"),
        ("card", False, "500", "500", "500", None),
        ("card", False, "500", "100500", "500", "100000"),
    ],
)
def test_what_a_person_has(
    *, kind: str, is_debt: bool, booked: str | None, available: str | None, net: str, limit: str | None
) -> None:
    account = Account(kind=kind, currency="RUB")
    assert apply_balances(account, _told(booked, available), is_debt=is_debt, now=NOON)
    assert account.net_amount == Decimal(net)
    assert account.credit_limit == (None if limit is None else Decimal(limit))
    assert not apply_balances(account, _told(booked, available), is_debt=is_debt, now=NOON)


@pytest.mark.parametrize("told", [_told(None, None), _told("5", "5", "USD"), _told("1" * 13, None)])
def test_what_is_no_balance_of_the_account_leaves_the_old_one(told: AccountBalances) -> None:
    account = Account(kind="current", currency="RUB", balance_booked=Decimal(7), balance_as_of=NOON)
    later = NOON + timedelta(hours=1)
    assert not apply_balances(account, told, is_debt=False, now=later)
    assert (account.balance_booked, account.balance_as_of) == (Decimal(7), NOON)


def _days(account: Account) -> dict[date, tuple[Decimal, str]]:
    rows = DailyBalance.objects.filter(account=account)
    return {row.date: (row.amount, row.source) for row in rows}


def _booked(account: Account, amount: str, *, days_ago: int, **fields: object) -> None:
    at = NOON - timedelta(days=days_ago)
    TransactionFactory(account=account, amount=Decimal(amount), booked_at=at, **fields)


def test_earlier_days_follow_from_todays_balance(db: None) -> None:
    account = AccountFactory(balance_booked=Decimal(1000))
    _booked(account, "-100", days_ago=0)
    _booked(account, "-30", days_ago=2)
    _booked(account, "500", days_ago=2)
    _booked(account, "-1", days_ago=5)
    assert store_daily_balances(account, is_debt=False, now=NOON) == 3
    assert _days(account) == {
        TODAY: (Decimal(1000), "reported"),
        TODAY - timedelta(days=2): (Decimal(1100), "derived"),
        TODAY - timedelta(days=5): (Decimal(630), "derived"),
    }
    assert store_daily_balances(account, is_debt=False, now=NOON) == 0


@pytest.mark.parametrize(
    "other",
    [{"status": "pending"}, {"status": "declined"}, {"missing_since": NOON}, {"currency": "USD"}],
)
def test_only_booked_rows_of_its_currency_move_a_balance(db: None, other: dict[str, object]) -> None:
    account = AccountFactory(balance_booked=Decimal(1000))
    _booked(account, "-1", days_ago=3)
    _booked(account, "-100", days_ago=1, **other)
    store_daily_balances(account, is_debt=False, now=NOON)
    assert {amount for amount, _source in _days(account).values()} == {Decimal(1000)}


def test_a_debt_is_negative_on_every_day(db: None) -> None:
    account = AccountFactory(kind="loan", balance_booked=Decimal(5000))
    _booked(account, "1000", days_ago=1)
    _booked(account, "-40", days_ago=4)
    store_daily_balances(account, is_debt=True, now=NOON)
    assert [amount for amount, _source in _days(account).values()] == [-5000, -5000, -6000]


def test_held_money_does_not_turn_a_balance_into_a_debt(db: None) -> None:
    account = AccountFactory(balance_booked=Decimal(100), net_amount=Decimal(-50))
    store_daily_balances(account, is_debt=False, now=NOON)
    assert _days(account)[TODAY] == (Decimal(100), "reported")


def test_days_without_bookings_any_more_go(db: None) -> None:
    account = AccountFactory(balance_booked=Decimal(100))
    _booked(account, "-1", days_ago=1)
    store_daily_balances(account, is_debt=False, now=NOON)
    account.transactions.update(missing_since=NOON)
    store_daily_balances(account, is_debt=False, now=NOON)
    assert list(_days(account)) == [TODAY]


def test_without_a_balance_nothing_is_derived(db: None) -> None:
    account = AccountFactory(balance_booked=None, net_amount=Decimal(0))
    assert store_daily_balances(account, is_debt=False, now=NOON) == 0
