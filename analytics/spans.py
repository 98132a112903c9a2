"""Periods of reports: what a preset means today, and which earlier days it is compared with."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from financehub.periods import Period, month_of, next_month

MONTHS_A_YEAR = 12
COUNTED = {"": 1, "month": 1, "3-months": 3, "12-months": MONTHS_A_YEAR}


def plus_months(day: date, months: int) -> date:
    """The same day so many months later, or the last of a shorter month."""
    number = day.year * MONTHS_A_YEAR + day.month - 1 + months
    first = date(number // MONTHS_A_YEAR, number % MONTHS_A_YEAR + 1, 1)
    return min(first + timedelta(days=day.day - 1), next_month(first) - timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a report. `months` is their length when they begin with a month, else 0."""

    period: Period
    months: int = 0

    @classmethod
    def of(cls, period: Period) -> Self:
        """Days that a person chose; counted in months when they begin with one."""
        last = period.end - timedelta(days=1)
        if period.start.day != 1 or not period.days:
            return cls(period)
        return cls(period, months_between(period.start, last) + 1)

    @property
    def last_day(self) -> date:
        return self.period.end - timedelta(days=1)

    @property
    def is_one_month(self) -> bool:
        return self.months == 1

    @property
    def before(self) -> Period:
        """The period before: as many months back up to the same day, else as many days."""
        if self.months:
            return self._back(self.months)
        return Period(self.period.start - timedelta(days=self.period.days), self.period.start)

    @property
    def year_before(self) -> Period:
        """The same days a year ago."""
        return self._back(MONTHS_A_YEAR)

    def _back(self, months: int) -> Period:
        start = plus_months(self.period.start, -months)
        if next_month(self.last_day) == self.period.end:  # whole months stay whole
            return Period(start, plus_months(self.period.end, -months))
        return Period(start, max(start, plus_months(self.last_day, -months) + timedelta(days=1)))


def months_between(first: date, last: date) -> int:
    """How many month ends lie between two days."""
    return (last.year - first.year) * MONTHS_A_YEAR + last.month - first.month


def months_so_far(today: date, months: int) -> Span:
    """This month up to and with today, and the months before it, `months` in all."""
    start = plus_months(today.replace(day=1), 1 - months)
    return Span(Period(start, today + timedelta(days=1)), months)


def preset_span(name: str, *, today: date) -> Span | None:
    """The days behind the name of a period; None for a name that is none."""
    if name in COUNTED:
        return months_so_far(today, COUNTED[name])
    match name:
        case "last-month":
            return Span(month_of(today.replace(day=1) - timedelta(days=1)), 1)
        case "year":
            return Span(Period(date(today.year, 1, 1), today + timedelta(days=1)), MONTHS_A_YEAR)
        case "last-year":
            return Span(Period(date(today.year - 1, 1, 1), date(today.year, 1, 1)), MONTHS_A_YEAR)
    return None


def month_span(month: date, *, today: date) -> Span:
    """A calendar month; the present one up to today."""
    if (month.year, month.month) == (today.year, today.month):
        return months_so_far(today, 1)
    return Span(month_of(month), 1)
