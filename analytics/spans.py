"""Periods of reports: what a preset means today, and which earlier days it is compared with."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from financehub.periods import CALENDAR, MONTHS_A_YEAR, MonthCut, Period, next_month, plus_months

COUNTED = {"": 1, "month": 1, "3-months": 3, "12-months": MONTHS_A_YEAR}


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a report. `months` is their length when they begin with a month of the cut, else 0."""

    period: Period
    months: int = 0
    cut: MonthCut = CALENDAR

    @classmethod
    def of(cls, period: Period, cut: MonthCut = CALENDAR) -> Self:
        """Days that a person chose; counted in months when they begin with one."""
        first, last = cut.holding(period.start), period.end - timedelta(days=1)
        if period.start != cut.start(first) or not period.days:
            return cls(period, cut=cut)
        return cls(period, months_between(first, cut.holding(last)) + 1, cut)

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
            return self._months_back(self.months)
        return Period(self.period.start - timedelta(days=self.period.days), self.period.start)

    @property
    def year_before(self) -> Period:
        """The same days a year ago."""
        if self.months:
            return self._months_back(MONTHS_A_YEAR)
        start = plus_months(self.period.start, -MONTHS_A_YEAR)
        if next_month(self.last_day) == self.period.end:  # the end of a month stays one
            return Period(start, plus_months(self.period.end, -MONTHS_A_YEAR))
        end = plus_months(self.last_day, -MONTHS_A_YEAR) + timedelta(days=1)
        return Period(start, max(start, end))

    def _months_back(self, months: int) -> Period:
        """As many days into its month as here; whole months stay whole."""
        cut, last = self.cut, self.cut.holding(self.last_day)
        start = cut.start(plus_months(cut.holding(self.period.start), -months))
        then = cut.days(plus_months(last, -months))
        if cut.days(last).end == self.period.end:
            return Period(start, then.end)
        return Period(start, min(then.start + (self.period.end - cut.start(last)), then.end))


def months_between(first: date, last: date) -> int:
    """How many month ends lie between two days."""
    return (last.year - first.year) * MONTHS_A_YEAR + last.month - first.month


def months_so_far(today: date, months: int, cut: MonthCut = CALENDAR) -> Span:
    """This month up to and with today, and the months before it, `months` in all."""
    return Span(cut.so_far(today, months=months), months, cut)


def preset_span(name: str, *, today: date, cut: MonthCut = CALENDAR) -> Span | None:
    """The days behind the name of a period; None for a name that is none. Years are the calendar's."""
    if name in COUNTED:
        return months_so_far(today, COUNTED[name], cut)
    match name:
        case "last-month":
            return Span(cut.days(plus_months(cut.holding(today), -1)), 1, cut)
        case "year":
            return Span(Period(date(today.year, 1, 1), today + timedelta(days=1)), MONTHS_A_YEAR)
        case "last-year":
            return Span(Period(date(today.year - 1, 1, 1), date(today.year, 1, 1)), MONTHS_A_YEAR)
    return None


def month_span(month: date, *, today: date, cut: MonthCut = CALENDAR) -> Span:
    """A month by its name; the present one up to today."""
    if month == cut.holding(today):
        return months_so_far(today, 1, cut)
    return Span(cut.days(month), 1, cut)
