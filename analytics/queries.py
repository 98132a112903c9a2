"""Questions about a stretch of days: what came in, where it went, and on which day.

A stretch of N days is today and the N - 1 days before it, in Moscow. Own transfers are in no sum,
refunds lower the spending that they return, declined rows and rows that the bank took back do not
count. Currencies are never added: every sum is of one currency.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Count, Q, Sum

from banking.models import Category, DayTotal, Transaction
from banking.queries import transactions
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


@dataclass(frozen=True, slots=True)
class CategorySum:
    """What a category took, refunds taken off; below zero when more came back than went."""

    category: Category
    total: Decimal
    count: int


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
    return Summary(
        period_days=period_days,
        start=start_of_day(period.start),
        end=now,
        flow=flows.get(currency, CurrencyFlow(currency)),
        by_currency=totals.flows,
        transaction_count=totals.count - totals.not_counted,
        transfer_count=totals.transfers,
    )


def by_category(
    *, user: "User", period_days: int, now: datetime, currency: str = HOME_CURRENCY
) -> list[CategorySum]:
    """The expenses of the last days, category by category, the largest first."""
    period = last_days(local_date(now), period_days)
    rows = Transaction.objects.for_user(user).counted().expenses().booked_in(period)
    sums = (
        rows.filter(currency=currency)
        .values_list("category")
        .annotate(total=Sum("amount"), count=Count("pk"))
        .order_by("total", "category")
    )
    found = list(sums)
    categories = Category.objects.select_related("parent").in_bulk([pk for pk, _total, _count in found])
    return [CategorySum(categories[pk], -total, count) for pk, total, count in found]


def trends(*, user: "User", period_days: int, now: datetime, currency: str = HOME_CURRENCY) -> list[DaySum]:
    """The last days one by one, without those on which nothing happened."""
    period = last_days(local_date(now), period_days)
    days = DayTotal.objects.for_user(user).booked_in(period).filter(currency=currency, counted__gt=0)
    sums = (
        days.values_list("date")
        .annotate(
            income=Sum("amount", filter=Q(kind=Category.Kind.INCOME)),
            expenses=Sum("amount", filter=Q(kind=Category.Kind.EXPENSE)),
        )
        .order_by("date")
    )
    return [DaySum(day, income or ZERO, -(expenses or ZERO)) for day, income, expenses in sums]
