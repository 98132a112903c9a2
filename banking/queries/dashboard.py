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
from financehub.periods import Period, last_days, month_of

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


def month_so_far(today: date) -> Period:
    """From the first of the month up to and with today."""
    return Period(today.replace(day=1), today + timedelta(days=1))


def same_days_before(today: date) -> Period:
    """The same days of the month before, fewer when that month is shorter."""
    month = month_of(today.replace(day=1) - timedelta(days=1))
    return Period(month.start, min(month.start + timedelta(days=today.day), month.end))


def month_flow(*, user: "User", today: date) -> MonthFlow:
    """Income and spending of this month so far, transfers between own accounts in neither."""
    now, before = month_so_far(today), same_days_before(today)
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


def recent_months(*, user: "User", today: date, now: CurrencyFlow) -> list[MonthSum]:
    """Rubles in and out of the five months before this one, from the first that has any, and `now`."""
    this = start = today.replace(day=1)
    for _ in range(EARLIER_MONTHS):
        start = month_of(start - timedelta(days=1)).start
    wanted = TransactionFilter(period=Period(start, this))
    found = months.by_month(user=user, wanted=wanted, currency=HOME_CURRENCY)
    known = dropwhile(lambda one: not one.income and not one.spending, found)
    return [*known, MonthSum(this, now.income, now.spending)]


def uncategorised_period(today: date) -> Period:
    """How far back the count of rows without a category looks."""
    return last_days(today, UNCATEGORISED_DAYS)


def uncategorised_count(*, user: "User", today: date) -> int:
    """Recent rows whose category nothing could tell."""
    rows = Transaction.objects.for_user(user).shown().booked_in(uncategorised_period(today))
    return rows.filter(category_reason=Transaction.Reason.DEFAULT).count()
