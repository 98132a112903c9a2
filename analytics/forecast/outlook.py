"""Forecast: the balance of the days ahead, from what recurs and from habits; pure.

Every assumption is a part by itself: switching it off changes the middle line by exactly that part.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from analytics.forecast import band
from analytics.forecast.habits import WEEK, Habits, Spent, habits, monthly_median
from financehub.money import ZERO
from financehub.periods import Period

HORIZONS = (30, 60, 90)
FULL_PERIODS = 2
# A smaller income than this share of the largest one is no pay-day.
PAYDAY_SHARE = Decimal("0.25")

PAYMENTS, INCOMES = "recurring-payments", "recurring-incomes"
UNSURE_PAYMENTS, UNSURE_INCOMES = "unconfirmed-payments", "unconfirmed-incomes"
OTHER_INCOMES, OUTWARD = "other-incomes", "outward-transfers"
# What is no habit of a category, in the order of the page.
RECURRING = (INCOMES, UNSURE_INCOMES, PAYMENTS, UNSURE_PAYMENTS)
STANDING = (*RECURRING, OTHER_INCOMES, OUTWARD)


@dataclass(frozen=True, slots=True)
class Item:
    """A recurring payment (below zero) or income that is expected on a day, between two amounts."""

    day: date
    amount: Decimal
    low: Decimal
    high: Decimal
    name: str
    series_id: int | None = None
    is_confirmed: bool = True

    @property
    def assumption(self) -> str:
        if self.amount > 0:
            return INCOMES if self.is_confirmed else UNSURE_INCOMES
        return PAYMENTS if self.is_confirmed else UNSURE_PAYMENTS


@dataclass(frozen=True)
class History:
    """What is known of the days before today, recurring rows taken out of all of it.

    `spent` is spending by category, above zero; `incomes` and `outward` (transfers to where the
    forecast does not look: deposits, loans, cash) are signed.
    """

    period: Period
    spent: Spent
    incomes: Mapping[date, Decimal] = field(default_factory=dict)
    outward: Mapping[date, Decimal] = field(default_factory=dict)

    @cached_property
    def habits(self) -> Habits:
        return habits(self.spent, self.period)


@dataclass(frozen=True, slots=True)
class Point:
    """What there will be when a day ends, four times of five between low and high."""

    day: date
    amount: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Part:
    """What an assumption adds over all the days ahead, and whether it is switched on."""

    key: str
    total: Decimal
    is_on: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """The forecast: its points, today's first.

    There are none while `missing_days` of history are missing, nor when neither a habit nor anything
    recurring was found.
    """

    days: int
    points: tuple[Point, ...] = ()
    parts: tuple[Part, ...] = ()
    items: tuple[Item, ...] = ()
    payday: date | None = None
    cap: Decimal = ZERO
    history_days: int = 0
    missing_days: int = 0

    @property
    def lowest(self) -> Point:
        """The least there will be before the next pay-day, or in all the days when none is known."""
        before = [point for point in self.points if self.payday is None or point.day < self.payday]
        return min(before, key=lambda point: (point.amount, point.day))

    @property
    def last(self) -> Point:
        return self.points[-1]


def missing_days(history: Period, days: int) -> int:
    """How many more days of history a forecast over so many days needs."""
    return max(FULL_PERIODS * days - history.days, 0)


def outlook(
    *,
    history: History,
    items: Sequence[Item],
    opening: Decimal,
    today: date,
    days: int,
    off: Collection[str] = (),
) -> Outlook:
    """The balance at the end of each of the next `days` days."""
    missing = missing_days(history.period, days)
    if missing:
        return Outlook(days, history_days=history.period.days, missing_days=missing)
    ahead = [today + timedelta(days=number) for number in range(1, days + 1)]
    within = [item for item in items if today <= item.day <= ahead[-1]]
    if not within and not history.habits.cap:
        return Outlook(days, history_days=history.period.days)
    used = [item for item in within if item.assumption not in off]
    groups = [group for group in history.habits.usual if group not in off]
    even = sum((amount for key, amount in _even(history).items() if key not in off), ZERO)
    steps = {day: even - history.habits.on(day, groups) for day in ahead}
    for item in used:
        steps[max(item.day, ahead[0])] += item.amount
    widths = _widths(history, used, groups, ahead[0], days)
    return Outlook(
        days=days,
        points=tuple(_points(Point(today, opening, opening, opening), steps, widths)),
        parts=tuple(_parts(history, within, ahead, off)),
        items=tuple(used),
        payday=_payday(used),
        cap=history.habits.cap,
        history_days=history.period.days,
    )


def _even(history: History) -> dict[str, Decimal]:
    """What is spread evenly over the days, by its assumption."""
    return {
        OTHER_INCOMES: monthly_median(history.incomes, history.period),
        OUTWARD: monthly_median(history.outward, history.period),
    }


def _widths(
    history: History, used: Sequence[Item], groups: Sequence[str], first: date, days: int
) -> list[tuple[Decimal, Decimal]]:
    """By how much the balance may lie below and above the expected one, day by day."""
    spreads = [
        band.Spread(max((item.day - first).days, 0), item.low - item.amount, item.high - item.amount)
        for item in used
        if item.low != item.high
    ]
    offset = (first.weekday() - history.period.start.weekday()) % WEEK
    return band.band(history.habits.deviations(groups), offset=offset, days=days, spreads=spreads)


def _points(
    opening: Point, steps: Mapping[date, Decimal], widths: Sequence[tuple[Decimal, Decimal]]
) -> Iterator[Point]:
    yield opening
    amount = opening.amount
    for (day, step), (below, above) in zip(sorted(steps.items()), widths, strict=True):
        amount += step
        yield Point(day, amount, amount + below, amount + above)


def _parts(
    history: History, within: Sequence[Item], ahead: Sequence[date], off: Collection[str]
) -> list[Part]:
    """What each assumption comes to, the standing ones first, then categories by size."""
    standing = dict.fromkeys(STANDING, ZERO)
    for item in within:
        standing[item.assumption] += item.amount
    standing |= {key: amount * len(ahead) for key, amount in _even(history).items()}
    groups = {
        group: -sum((history.habits.on(day, [group]) for day in ahead), ZERO)
        for group in history.habits.usual
    }
    by_size = sorted(groups.items(), key=lambda one: (one[1], one[0]))
    return [Part(key, total, key not in off) for key, total in (*standing.items(), *by_size) if total]


def _payday(used: Sequence[Item]) -> date | None:
    """The next day with a large recurring income."""
    incomes = [item for item in used if item.amount > 0]
    largest = max((item.amount for item in incomes), default=ZERO)
    return min((item.day for item in incomes if item.amount >= PAYDAY_SHARE * largest), default=None)
