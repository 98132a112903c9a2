"""Forecast: what an ordinary day takes, by category and weekday, hardly moved by any one purchase.

A day counts for a bounded multiple of a typical day, and the bound is such that the longer the
history, the more it lets through: beyond a typical day's worth, one purchase moves what thirty days
take by INFLUENCE at most.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median_low

from financehub.money import ZERO
from financehub.periods import Period

KOPECK = Decimal("0.01")
# The largest fifth of the days is read as the day at its edge when a typical day is looked for.
EDGE = Decimal("0.8")
INFLUENCE = Decimal("0.016")
MONTH_DAYS = 30
WEEK = 7

Spent = Mapping[date, Mapping[str, Decimal]]


@dataclass(frozen=True, slots=True)
class Habits:
    """What each category takes on each weekday, days above `cap` counted as `cap`."""

    period: Period
    cap: Decimal
    spent: Spent
    usual: Mapping[str, tuple[Decimal, ...]]

    def on(self, day: date, groups: Iterable[str]) -> Decimal:
        """What some categories are expected to take on a day."""
        return sum((self.usual[group][day.weekday()] for group in groups), ZERO)

    def deviations(self, groups: Sequence[str]) -> list[Decimal]:
        """How far each day of the history, uncut, lay from what would have been expected of it."""
        return [
            sum((self.spent.get(day, {}).get(group, ZERO) for group in groups), ZERO) - self.on(day, groups)
            for day in days_of(self.period)
        ]


def habits(spent: Spent, period: Period) -> Habits:
    """The habits of a history; days that it does not name took nothing.

    A category that gave back as much as it took, for what was bought earlier, is no habit.
    """
    totals = [sum(spent.get(day, {}).values(), ZERO) for day in days_of(period)]
    cap = _typical(totals) * (1 + INFLUENCE * period.days)
    days = {day: _cut(spent.get(day, {}), cap) for day in days_of(period)}
    groups = sorted({group for parts in days.values() for group in parts})
    groups = [group for group in groups if _taken(days, group) > 0]
    return Habits(period, cap, spent, {group: _by_weekday(days, group) for group in groups})


def monthly_median(amounts: Mapping[date, Decimal], period: Period) -> Decimal:
    """What a day brings when the middle one of the whole thirty-day stretches is spread evenly.

    For what comes seldom and in large sums, where a mean would be made by one of them.
    """
    stretches = [
        sum((amounts.get(period.end - timedelta(days=back), ZERO) for back in range(first, last)), ZERO)
        for first, last in (
            (number * MONTH_DAYS + 1, (number + 1) * MONTH_DAYS + 1)
            for number in range(period.days // MONTH_DAYS)
        )
    ]
    middle = median_low(sorted(stretches, key=abs)) if stretches else ZERO
    return (middle / MONTH_DAYS).quantize(KOPECK)


def days_of(period: Period) -> list[date]:
    return [period.start + timedelta(days=number) for number in range(period.days)]


def _typical(totals: Sequence[Decimal]) -> Decimal:
    """The mean of the days, the largest of them read as the one at the edge."""
    if not totals:
        return ZERO
    ordered = sorted(totals)
    edge = max(ordered[int(EDGE * (len(ordered) - 1))], ZERO)
    return sum((min(max(total, ZERO), edge) for total in totals), ZERO) / len(totals)


def _cut(parts: Mapping[str, Decimal], cap: Decimal) -> dict[str, Decimal]:
    """A day as it counts: all its categories in the same proportion when it is too large."""
    total = abs(sum(parts.values(), ZERO))
    share = cap / total if total > cap else Decimal(1)
    return {group: amount * share for group, amount in parts.items()}


def _taken(days: Spent, group: str) -> Decimal:
    return sum((parts.get(group, ZERO) for parts in days.values()), ZERO)


def _by_weekday(days: Mapping[date, Mapping[str, Decimal]], group: str) -> tuple[Decimal, ...]:
    sums, counts = [ZERO] * WEEK, [0] * WEEK
    for day, parts in days.items():
        sums[day.weekday()] += parts.get(group, ZERO)
        counts[day.weekday()] += 1
    return tuple(
        (total / count).quantize(KOPECK) if count else ZERO for total, count in zip(sums, counts, strict=True)
    )
