"""Questions about months: money in and out of each."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from banking.models import Category
from banking.queries import sums
from banking.queries.transaction_filter import TransactionFilter
from financehub.money import ZERO
from financehub.periods import CALENDAR, MonthCut, Period, next_month

if TYPE_CHECKING:
    from financehub.users.models import User


@dataclass(frozen=True, slots=True)
class MonthSum:
    """Money in and out of the days of a month that a filter covers; `month` names it."""

    month: date
    income: Decimal
    spending: Decimal

    @property
    def net(self) -> Decimal:
        return self.income - self.spending


def by_month(
    *, user: "User", wanted: TransactionFilter, currency: str, cut: MonthCut = CALENDAR
) -> list[MonthSum]:
    """Every month of the filter's period, quiet ones too.

    Kept totals know the calendar's months; those of another cut are put together from days.
    """
    assert wanted.period is not None  # noqa: S101  months are asked of known days
    by = "month" if cut.is_calendar else "date"
    amounts: dict[tuple[date, str], Decimal] = {}
    for (day, its_currency, kind), part in sums.sums(
        user=user, wanted=wanted, by=(by, "currency", "kind")
    ).items():
        if its_currency == currency:
            key = (day if cut.is_calendar else cut.holding(day), kind)
            amounts[key] = amounts.get(key, ZERO) + part.amount

    def amount(month: date, kind: str) -> Decimal:
        return amounts.get((month, kind), ZERO)

    return [
        MonthSum(month, amount(month, Category.Kind.INCOME), -amount(month, Category.Kind.EXPENSE))
        for month in months_of(wanted.period, cut)
    ]


def months_of(period: Period, cut: MonthCut = CALENDAR) -> list[date]:
    """The months that a period touches, each by the first day of the one it is called after."""
    found, month = [], cut.holding(period.start)
    while cut.start(month) < period.end:
        found.append(month)
        month = next_month(month)
    return found
