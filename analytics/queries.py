"""Questions about a stretch of days: what came in, where it went, and on which day.

A stretch of N days is today and the N - 1 days before it, in Moscow. Own transfers are in no sum,
refunds lower the spending that they return, declined rows and rows that the bank took back do not
count. Currencies are never added: every sum is of one currency.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from banking.models import Category
from banking.queries import rates, spending, sums, transactions
from banking.queries.accounts import Total, accounts_of, total_of
from banking.queries.rates import HomeSum
from banking.queries.spending import CategorySum
from banking.queries.transaction_filter import TransactionFilter
from banking.queries.transactions import CurrencyFlow
from financehub.money import ZERO
from financehub.periods import last_days, local_date, start_of_day

if TYPE_CHECKING:
    from financehub.users.models import User

HOME_CURRENCY = "RUB"


@dataclass(frozen=True, slots=True)
class Summary:
    """Money in and out of a stretch of days, a flow for each currency, rubles first."""

    period_days: int
    start: datetime
    end: datetime
    flow: CurrencyFlow
    by_currency: tuple[CurrencyFlow, ...]
    transaction_count: int
    transfer_count: int
    balance: Total
    balance_in_base: HomeSum


@dataclass(frozen=True, slots=True)
class DaySum:
    """One day's money in and out; a day of own transfers only has zeros."""

    date: date
    income: Decimal
    expenses: Decimal

    @property
    def net(self) -> Decimal:
        return self.income - self.expenses


def summary(*, user: "User", period_days: int, now: datetime, currency: str = HOME_CURRENCY) -> Summary:
    """Income and expenses of the last days; transfers are counted as rows only."""
    period = last_days(local_date(now), period_days)
    totals = transactions.filtered_totals(user=user, wanted=TransactionFilter(period=period))
    flows = {flow.currency: flow for flow in totals.flows}
    accounts = accounts_of(user=user)
    in_rubles = total_of(accounts, now=now)
    in_base = rates.total_in_home(in_rubles, today=local_date(now)) or HomeSum(in_rubles.amount)
    return Summary(
        period_days=period_days,
        start=start_of_day(period.start),
        end=now,
        flow=flows.get(currency, CurrencyFlow(currency)),
        by_currency=totals.flows,
        transaction_count=totals.count - totals.not_counted,
        transfer_count=totals.transfers,
        balance=total_of(accounts, now=now, currency=currency),
        balance_in_base=in_base,
    )


def by_category(
    *, user: "User", period_days: int, now: datetime, currency: str = HOME_CURRENCY
) -> list[CategorySum]:
    """The expenses of the last days, category by category, the largest first."""
    period = last_days(local_date(now), period_days)
    wanted = TransactionFilter(period=period)
    return spending.by_category(user=user, wanted=wanted, currency=currency)


def trends(*, user: "User", period_days: int, now: datetime, currency: str = HOME_CURRENCY) -> list[DaySum]:
    """The last days one by one, without those on which nothing happened."""
    period = last_days(local_date(now), period_days)
    found = sums.sums(user=user, wanted=TransactionFilter(period=period), by=("date", "currency", "kind"))
    days: dict[date, dict[str, Decimal]] = {}
    for (day, its_currency, kind), part in found.items():
        if its_currency == currency and part.counted:
            days.setdefault(day, {})[kind] = part.amount
    return [
        DaySum(day, kinds.get(Category.Kind.INCOME, ZERO), -kinds.get(Category.Kind.EXPENSE, ZERO))
        for day, kinds in sorted(days.items())
    ]
