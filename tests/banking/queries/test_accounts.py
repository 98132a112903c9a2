"""What a person has, and what an account held each day."""

from datetime import date, timedelta
from decimal import Decimal

from banking.queries import accounts as queries
from financehub.money import Money
from financehub.periods import Period, last_days
from tests.factories import NOW, AccountFactory, ConnectionFactory, DailyBalanceFactory


def test_total_adds_rubles_and_keeps_other_currencies_beside_them(anna):
    connection = ConnectionFactory(user=anna)
    AccountFactory(connection=connection, net_amount=Decimal("100.10"))
    AccountFactory(connection=connection, net_amount=Decimal("-40.10"), kind="loan")
    AccountFactory(connection=connection, net_amount=Decimal(7), currency="USD")

    total = queries.total_of(queries.accounts_of(user=anna), now=NOW)

    assert total.amount == Decimal(60)
    assert total.others == (Money(Decimal(7), "USD"),)
    assert total.stale_since is None


def test_total_says_which_part_of_it_is_old(anna):
    connection = ConnectionFactory(user=anna)
    AccountFactory(connection=connection, net_amount=Decimal(1000))
    AccountFactory(
        connection=connection, net_amount=Decimal("48910.10"), balance_as_of=NOW - timedelta(days=2)
    )

    total = queries.total_of(queries.accounts_of(user=anna), now=NOW)

    assert (total.stale_amount, total.stale_since) == (Decimal("48910.10"), date(2025, 11, 7))


def test_closed_accounts_leave_the_total(anna):
    AccountFactory(connection__user=anna, closed_at=NOW)

    assert queries.accounts_of(user=anna) == []


def test_history_carries_the_balance_over_days_without_movement(anna):
    account = AccountFactory(connection__user=anna)
    for day, amount in ((1, 100), (4, 250), (6, 70)):
        DailyBalanceFactory(account=account, date=date(2025, 11, day), amount=Decimal(amount))

    history = queries.balance_history(account=account, period=Period(date(2025, 11, 3), date(2025, 11, 8)))

    assert [int(amount) for _, amount in history] == [100, 250, 250, 70, 70]


def test_history_begins_with_the_first_known_day(anna):
    account = AccountFactory(connection__user=anna)
    DailyBalanceFactory(account=account, date=date(2025, 11, 4), amount=Decimal(5))

    history = queries.balance_history(account=account, period=Period(date(2025, 11, 3), date(2025, 11, 6)))

    assert history == [(date(2025, 11, 4), Decimal(5)), (date(2025, 11, 5), Decimal(5))]


def test_total_of_an_earlier_day_takes_each_account_at_its_last_known_balance(anna):
    connection = ConnectionFactory(user=anna)
    first, second = AccountFactory.create_batch(2, connection=connection)
    DailyBalanceFactory(account=first, date=date(2025, 10, 20), amount=Decimal(100))
    DailyBalanceFactory(account=first, date=date(2025, 11, 5), amount=Decimal(900))
    DailyBalanceFactory(account=second, date=date(2025, 10, 31), amount=Decimal(-30))

    assert queries.home_total_on(user=anna, day=date(2025, 10, 31)) == Decimal(70)
    assert queries.home_total_on(user=anna, day=date(2025, 10, 30)) is None


def test_total_of_an_earlier_day_is_of_the_accounts_of_that_day(anna):
    stays, moved = (AccountFactory(connection__user=anna) for _ in range(2))
    AccountFactory(connection__user=anna, opened_on=date(2025, 11, 5))
    for account, amount in ((stays, 100), (moved, 900)):
        DailyBalanceFactory(account=account, date=date(2025, 10, 30), amount=Decimal(amount))
    moved.closed_at = NOW
    moved.save(update_fields=["closed_at"])

    assert queries.home_total_on(user=anna, day=date(2025, 10, 31)) == Decimal(1000)
    assert queries.home_total_on(user=anna, day=date(2025, 11, 9)) is None
    assert queries.home_total_on(user=anna, day=date(2025, 11, 4)) == Decimal(1000)


def test_balances_of_many_accounts_are_those_of_each(anna):
    accounts = [AccountFactory(connection__user=anna) for _ in range(3)]
    for account, days in zip(accounts, ((9, 3), (2,), ()), strict=True):
        for back in days:
            DailyBalanceFactory(account=account, date=NOW.date() - timedelta(days=back), amount=back)
    period = last_days(NOW.date(), 5)

    found = queries.balance_histories(accounts=accounts, period=period)

    assert found == {
        account.pk: [amount for _, amount in queries.balance_history(account=account, period=period)]
        for account in accounts
    }
    assert [len(amounts) for amounts in found.values()] == [5, 3, 0]
