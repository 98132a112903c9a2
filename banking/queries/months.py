"""Questions about months: money in and out of each."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from banking.models import Category
from banking.queries import sums
from banking.queries.transaction_filter import TransactionFilter
from financehub.money import ZERO
from financehub.periods import Period, next_month

if TYPE_CHECKING:
    from financehub.users.models import User


@dataclass(frozen=True, slots=True)
class MonthSum:
    """Money in and out of the days of a calendar month that a filter covers."""

    month: date
    income: Decimal
    spending: Decimal

    @property
    def net(self) -> Decimal:
        return self.income - self.spending


def by_month(*, user: "User", wanted: TransactionFilter, currency: str) -> list[MonthSum]:
    """Every month of the filter's period, quiet ones too."""
    assert wanted.period is not None  # noqa: S101  months are asked of known days
    found = sums.sums(user=user, wanted=wanted, by=("month", "currency", "kind"))

    def amount(month: date, kind: str) -> Decimal:
        part = found.get((month, currency, kind))
        return part.amount if part else ZERO

    return [
        MonthSum(month, amount(month, Category.Kind.INCOME), -amount(month, Category.Kind.EXPENSE))
        for month in months_of(wanted.period)
    ]


def months_of(period: Period) -> list[date]:
    """The first days of the months that a period touches."""
    found, month = [], period.start.replace(day=1)
    while month < period.end:
        found.append(month)
        month = next_month(month)
    return found
