"""Questions of the first screen: this month against the last, where it went, what needs a look."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import dropwhile
from typing import TYPE_CHECKING

from banking.models import Transaction
from banking.queries import months, spending, sums
from banking.queries.accounts import HOME_CURRENCY
from banking.queries.months import MonthSum
from banking.queries.spending import BranchSpending
from banking.queries.transaction_filter import TransactionFilter
from banking.queries.transactions import CurrencyFlow
from financehub.periods import CALENDAR, MonthCut, Period, last_days, plus_months

if TYPE_CHECKING:
    from financehub.users.models import User

TOP = 5
UNCATEGORISED_DAYS = 30
EARLIER_MONTHS = 5


@dataclass(frozen=True, slots=True)
class MonthFlow:
    """Rubles in and out this month so far, and on the same days of the month before.

    `others` are the flows of this month in other currencies, never added to the rubles.
    """

    period: Period
    before_period: Period
    now: CurrencyFlow
    before: CurrencyFlow
    others: tuple[CurrencyFlow, ...]


def month_so_far(today: date, cut: MonthCut = CALENDAR) -> Period:
    """From the first day of the month up to and with today."""
    return cut.so_far(today)


def same_days_before(today: date, cut: MonthCut = CALENDAR) -> Period:
    """The same days of the month before, fewer when that month is shorter."""
    month = cut.days(plus_months(cut.holding(today), -1))
    return Period(month.start, min(month.start + timedelta(days=month_so_far(today, cut).days), month.end))


def month_flow(*, user: "User", today: date, cut: MonthCut = CALENDAR) -> MonthFlow:
    """Income and spending of this month so far, transfers between own accounts in neither."""
    now, before = month_so_far(today, cut), same_days_before(today, cut)
    flows, flows_before = (_flows(user=user, period=period) for period in (now, before))
    return MonthFlow(
        period=now,
        before_period=before,
        now=flows.pop(HOME_CURRENCY, CurrencyFlow(HOME_CURRENCY)),
        before=flows_before.get(HOME_CURRENCY, CurrencyFlow(HOME_CURRENCY)),
        others=tuple(flows.values()),
    )


def _flows(*, user: "User", period: Period) -> dict[str, CurrencyFlow]:
    found = sums.flows(user=user, wanted=TransactionFilter(period=period))
    return {flow.currency: flow for flow in found}


def top_spending(*, user: "User", period: Period, most: int = TOP) -> list[BranchSpending]:
    """The top-level categories that took most rubles of a period, largest first."""
    wanted = TransactionFilter(period=period)
    branches = spending.spending(user=user, wanted=wanted, currency=HOME_CURRENCY)
    return [branch for branch in branches if branch.amount > 0][:most]


def recent_months(
    *, user: "User", today: date, now: CurrencyFlow, cut: MonthCut = CALENDAR
) -> list[MonthSum]:
    """Rubles in and out of the five months before this one, from the first that has any, and `now`."""
    this = cut.holding(today)
    start = cut.start(plus_months(this, -EARLIER_MONTHS))
    wanted = TransactionFilter(period=Period(start, cut.start(this)))
    found = months.by_month(user=user, wanted=wanted, currency=HOME_CURRENCY, cut=cut)
    known = dropwhile(lambda one: not one.income and not one.spending, found)
    return [*known, MonthSum(this, now.income, now.spending)]


def uncategorised_period(today: date) -> Period:
    """How far back the count of rows without a category looks."""
    return last_days(today, UNCATEGORISED_DAYS)


def uncategorised_count(*, user: "User", today: date) -> int:
    """Recent rows whose category nothing could tell."""
    rows = Transaction.objects.for_user(user).shown().booked_in(uncategorised_period(today))
    return rows.filter(category_reason=Transaction.Reason.DEFAULT).count()
