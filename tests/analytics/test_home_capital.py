"""The capital over all currencies: each day at its own rate, and nothing where one is missing."""

from datetime import date, timedelta
from decimal import Decimal

from analytics import balances
from banking.models import Account, ExchangeRate
from banking.queries import rates
from financehub.periods import Period
from financehub.users.models import User
from tests.factories import NOW, AccountFactory, ConnectionFactory, DailyBalanceFactory

TODAY = NOW.date()
SEPTEMBER, OCTOBER = date(2025, 9, 30), date(2025, 10, 31)


def test_each_month_end_takes_the_rate_of_its_day(anna: User) -> None:
    connection = ConnectionFactory(user=anna)
    rubles = AccountFactory(connection=connection, net_amount=Decimal(1000))
    dollars = AccountFactory(connection=connection, net_amount=Decimal(-10), currency="USD", kind="card")
    for account, amount in ((rubles, Decimal(500)), (dollars, Decimal(20))):
        for day in (SEPTEMBER, OCTOBER):
            DailyBalanceFactory(account=account, date=day, amount=amount)
    for day, rate in ((OCTOBER - timedelta(days=3), "80"), (TODAY, "90")):
        ExchangeRate.objects.create(currency="USD", date=day, rate=Decimal(rate), source="cbr")
    book = rates.book(["RUB", "USD"], Period(SEPTEMBER, TODAY + timedelta(days=1)))
    found = balances.worth_in_home(
        list(Account.objects.order_by("pk")), days=[SEPTEMBER, OCTOBER, TODAY], today=TODAY, rates=book
    )
    assert [one.net for one in found] == [None, 500 + 20 * 80, 1000 - 10 * 90]
    assert (found[2].assets, found[2].debts) == (1000, -900)
