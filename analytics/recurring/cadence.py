"""Recurring: how often something comes, and on which days it is therefore due; knows nothing of rows."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from analytics.spans import MONTHS_A_YEAR, months_between
from financehub.periods import next_month

SATURDAY = 5
NEW_YEAR_ENDS = 9  # the first working day after the long holidays, at the earliest
LAST_WORKING_DAYS = 3  # of December, when what is due in the holidays comes early


class Cadence(StrEnum):
    """How often."""

    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half-yearly"
    YEARLY = "yearly"

    @property
    def days(self) -> int:
        """The step of what goes by weeks, else 0."""
        return {Cadence.WEEKLY: 7, Cadence.FORTNIGHTLY: 14}.get(self, 0)

    @property
    def months(self) -> int:
        """The step of what goes by months, else 0."""
        return {
            Cadence.MONTHLY: 1,
            Cadence.QUARTERLY: 3,
            Cadence.HALF_YEARLY: 6,
            Cadence.YEARLY: MONTHS_A_YEAR,
        }.get(self, 0)

    @property
    def a_year(self) -> int:
        """How many times a year."""
        return MONTHS_A_YEAR // self.months if self.months else 52 * 7 // self.days

    @property
    def tolerance(self) -> int:
        """By how many days a sighting may miss its day."""
        return 3 if self.months else 1


class Moved(StrEnum):
    """Where a day goes that falls on a weekend."""

    NOWHERE = ""
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Schedule:
    """Due days, numbered from that of `start` as 0. By months: `day`, or a shorter month's last."""

    cadence: Cadence
    start: date
    day: int = 0
    moved: Moved = Moved.NOWHERE

    def slot(self, number: int) -> date:
        """The day by the calendar alone."""
        if self.cadence.days:
            return self.start + timedelta(days=number * self.cadence.days)
        months = self.start.year * MONTHS_A_YEAR + self.start.month - 1 + number * self.cadence.months
        return _day_of_month(months, self.day)

    def due(self, number: int) -> date:
        """The day on which it comes, weekends avoided where the history avoids them."""
        return moved_off_weekend(self.slot(number), self.moved)

    def nearest(self, day: date) -> int:
        """The slot that a day is closest to; the earlier of two."""
        if self.cadence.days:
            about = (day - self.start).days // self.cadence.days
        else:
            about = months_between(self.start, day) // self.cadence.months
        return min((about - 1, about, about + 1), key=lambda number: abs((self.slot(number) - day).days))

    def holds(self, number: int, day: date) -> bool:
        """Whether what came on a day can be what was due."""
        slot, before = self.slot(number), self.cadence.tolerance
        if self._is_holiday(slot):
            before = max(before, slot.day + LAST_WORKING_DAYS - 1)
        return slot - timedelta(days=before) <= day <= self.latest(number)

    def latest(self, number: int) -> date:
        """The last day on which it is not yet missed."""
        slot, after = self.slot(number), self.cadence.tolerance
        if self._is_holiday(slot):
            after = max(after, NEW_YEAR_ENDS - slot.day)
        return slot + timedelta(days=after)

    def _is_holiday(self, slot: date) -> bool:
        """The first days of January: what is due on them comes before the new year or after them."""
        return bool(self.cadence.months) and slot.month == 1 and slot.day < NEW_YEAR_ENDS


@lru_cache(maxsize=4096)
def _day_of_month(months: int, day: int) -> date:
    """A day of the month with this number since the year 0, or its last; asked for again and again."""
    first = date(months // MONTHS_A_YEAR, months % MONTHS_A_YEAR + 1, 1)
    return min(first + timedelta(days=day - 1), next_month(first) - timedelta(days=1))


def moved_off_weekend(day: date, moved: Moved) -> date:
    """Friday or Monday in the place of a Saturday or Sunday."""
    beyond = day.weekday() - SATURDAY
    if beyond < 0 or moved is Moved.NOWHERE:
        return day
    return day - timedelta(days=beyond + 1) if moved is Moved.BEFORE else day + timedelta(days=2 - beyond)
