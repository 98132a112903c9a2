"""Forecast: what may still be spent this month, and how fast it usually goes; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate
from statistics import median

from analytics.forecast.outlook import Item
from financehub.money import ZERO
from financehub.periods import Period, month_of

FULL_MONTHS, MOST_MONTHS = 2, 6


@dataclass(frozen=True, slots=True)
class Left:
    """Income of the month less its recurring payments less what was spent beside them.

    All parts but `left` are above zero; `days` count today.
    """

    received: Decimal
    expected: Decimal
    paid: Decimal
    ahead: Decimal
    spent: Decimal
    days: int

    @property
    def left(self) -> Decimal:
        return self.received + self.expected - self.paid - self.ahead - self.spent

    @property
    def a_day(self) -> Decimal:
        return self.left / self.days


@dataclass(frozen=True, slots=True)
class Pace:
    """Spending beside recurring payments since the first of the month, day by day.

    `spent` ends with today; `usual` has every day of the month, or none while too few whole months
    are known.
    """

    month: Period
    spent: tuple[Decimal, ...]
    usual: tuple[Decimal, ...] = ()
    months: int = 0


def left(*, received: Decimal, paid: Decimal, spent: Decimal, items: Sequence[Item], today: date) -> Left:
    """What is left to spend until the month ends, with what is still expected of it."""
    month = month_of(today)
    ahead = [item.amount for item in items if today <= item.day < month.end]
    return Left(
        received=received,
        expected=sum((amount for amount in ahead if amount > 0), ZERO),
        paid=paid,
        ahead=-sum((amount for amount in ahead if amount < 0), ZERO),
        spent=spent,
        days=(month.end - today).days,
    )


def pace(*, spent: Mapping[date, Decimal], since: date | None, today: date) -> Pace:
    """This month beside the middle one of the whole months known before it, day by day."""
    month = month_of(today)
    earlier = [_running(spent, one) for one in _whole_months(since, month.start)]
    usual: tuple[Decimal, ...] = ()
    if len(earlier) >= FULL_MONTHS:
        middle = (median(one[min(day, len(one) - 1)] for one in earlier) for day in range(month.days))
        usual = tuple(accumulate(middle, max))  # a refund in one month is no habit of giving back
    return Pace(month, _running(spent, month)[: today.day], usual, len(earlier))


def _running(spent: Mapping[date, Decimal], month: Period) -> tuple[Decimal, ...]:
    """The sum from the first of a month up to each of its days."""
    days = (spent.get(month.start + timedelta(days=number), ZERO) for number in range(month.days))
    return tuple(accumulate(days))


def _whole_months(since: date | None, end: date) -> list[Period]:
    """The months before `end` whose every day is known, at most MOST_MONTHS, the latest first."""
    found: list[Period] = []
    month = month_of(end - timedelta(days=1))
    while since is not None and month.start >= since and len(found) < MOST_MONTHS:
        found.append(month)
        month = month_of(month.start - timedelta(days=1))
    return found
