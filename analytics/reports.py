"""Questions of the reports: flows and their comparison, what changed, weekdays, shops.

Each takes the filter of the transactions page and one currency, so that a figure and the rows that
its link opens cannot differ.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Min

from banking.models import Category, MonthTotal
from banking.queries import sums
from banking.queries.spending import BranchSpending
from banking.queries.transaction_filter import TransactionFilter, matching
from banking.queries.transactions import CurrencyFlow
from financehub.money import ZERO
from financehub.periods import CALENDAR, MonthCut, Period, next_month, plus_months

if TYPE_CHECKING:
    from financehub.users.models import User

WEEK = 7
FULL_WEEKS = 2
FULL_MONTHS = 2


@dataclass(frozen=True, slots=True)
class Change:
    """A category's spending in a period and in the one it is compared with."""

    category: Category
    now: Decimal
    before: Decimal

    @property
    def change(self) -> Decimal:
        return self.now - self.before


@dataclass(frozen=True, slots=True)
class WeekdaySpending:
    """What all Mondays (1) … Sundays (7) of a period took, and how many of them there were."""

    weekday: int
    total: Decimal
    days: int

    @property
    def average(self) -> Decimal:
        return self.total / self.days if self.days else ZERO


@dataclass(frozen=True, slots=True)
class MerchantSum:
    """What a shop took, refunds taken off; the empty name is for rows that name none."""

    name: str
    total: Decimal
    count: int


def flow(*, user: "User", wanted: TransactionFilter, currency: str) -> CurrencyFlow:
    """Money in and out in one currency."""
    found = {one.currency: one for one in sums.flows(user=user, wanted=wanted)}
    return found.get(currency, CurrencyFlow(currency))


def changes(now: Iterable[BranchSpending], before: Iterable[BranchSpending]) -> list[Change]:
    """By how much each top-level category differs, the largest difference first."""
    sides = [{branch.category.pk: branch for branch in side} for side in (now, before)]
    categories = {pk: branch.category for side in sides for pk, branch in side.items()}
    found = [
        Change(category, *(side[pk].amount if pk in side else ZERO for side in sides))
        for pk, category in categories.items()
    ]
    return sorted((one for one in found if one.change), key=lambda one: (-abs(one.change), one.category.pk))


def weekdays(*, user: "User", wanted: TransactionFilter, currency: str) -> list[WeekdaySpending]:
    """What each weekday of the filter's period took, Monday first."""
    assert wanted.period is not None  # noqa: S101  a report always has its days
    totals: dict[int, Decimal] = {}
    spent = replace(wanted, kinds=frozenset({Category.Kind.EXPENSE}))
    for (day, its_currency), part in sums.sums(user=user, wanted=spent, by=("date", "currency")).items():
        if its_currency == currency:
            totals[day.isoweekday()] = totals.get(day.isoweekday(), ZERO) - part.amount
    return [
        WeekdaySpending(weekday, totals.get(weekday, ZERO), _days_called(wanted.period, weekday))
        for weekday in range(1, WEEK + 1)
    ]


def _days_called(period: Period, weekday: int) -> int:
    """How many days of a period fall on a weekday."""
    whole, rest = divmod(period.days, WEEK)
    return whole + ((weekday - period.start.isoweekday()) % WEEK < rest)


def merchants(*, user: "User", wanted: TransactionFilter, currency: str) -> list[MerchantSum]:
    """Shops by what they took, the largest first."""
    wanted = replace(wanted, kinds=frozenset({Category.Kind.EXPENSE}))
    found = sums.sums(user=user, wanted=wanted, by=("merchant_name", "currency"))
    lines = [
        MerchantSum(name, -part.amount, part.counted)
        for (name, its_currency), part in found.items()
        if its_currency == currency and part.counted
    ]
    return sorted(lines, key=lambda line: (-line.total, line.name))


def history_start(*, user: "User", wanted: TransactionFilter) -> date | None:
    """The first day that a row is known of, for the accounts of a filter."""
    accounts = TransactionFilter(accounts=wanted.accounts, banks=wanted.banks)
    kept = MonthTotal.objects.for_user(user)
    if wanted.accounts:
        kept = kept.filter(account__in=wanted.accounts)
    if wanted.banks:
        kept = kept.filter(account__bank__code__in=wanted.banks)
    month = kept.aggregate(first=Min("month"))["first"]
    if month is None:
        return None
    rows = matching(user=user, wanted=replace(accounts, period=Period(month, next_month(month))))
    first: date | None = rows.aggregate(first=Min("booking_date"))["first"]
    return first


def first_full_month(start: date, cut: MonthCut = CALENDAR) -> date:
    """The first month that a history covers from its first day."""
    month = cut.holding(start)
    return month if cut.start(month) == start else next_month(month)


def days_until_months(start: date, *, today: date, cut: MonthCut = CALENDAR) -> int:
    """How many days are missing until two whole months are known; 0 when they are."""
    enough = cut.start(plus_months(first_full_month(start, cut), FULL_MONTHS))
    return max((enough - today).days, 0)


def known_part(period: Period, start: date | None, *, today: date) -> Period | None:
    """The days of a period for which there is a history, up to today; None when there is none."""
    if start is None:
        return None
    first, end = max(period.start, start), min(period.end, today + timedelta(days=1))
    return Period(first, end) if first < end else None
