"""Kernel: half-open periods of days in the person's time zone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MOSCOW = ZoneInfo("Europe/Moscow")
MONTHS_A_YEAR = 12
FRIDAY = 5


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` up to, not including, `end`."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a period ends on {self.end} before it starts on {self.start}")

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    @property
    def days(self) -> int:
        return (self.end - self.start).days


def month_of(day: date) -> Period:
    """The calendar month that holds a day."""
    start = day.replace(day=1)
    return Period(start, next_month(start))


def next_month(day: date) -> date:
    """The first day of the month after the one that holds a day."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def plus_months(day: date, months: int) -> date:
    """The same day so many months later, or the last of a shorter month."""
    number = day.year * MONTHS_A_YEAR + day.month - 1 + months
    first = date(number // MONTHS_A_YEAR, number % MONTHS_A_YEAR + 1, 1)
    return min(first + timedelta(days=day.day - 1), next_month(first) - timedelta(days=1))


@dataclass(frozen=True, slots=True)
class MonthCut:
    """Where a person's months begin: on a day of the calendar's, moved where pay days were others.

    A month is called after the calendar month in which it should begin; the first day of that one
    stands for it. `before_weekends` is for pay days, which come earlier rather than on a weekend.
    """

    day: int = 1
    before_weekends: bool = False
    moved: Mapping[date, date] = field(default_factory=dict)

    @property
    def is_calendar(self) -> bool:
        return self.day == 1 and not self.before_weekends

    def start(self, month: date) -> date:
        """The day on which a month begins."""
        if month in self.moved:
            return self.moved[month]
        start = min(month + timedelta(days=self.day - 1), next_month(month) - timedelta(days=1))
        late = start.isoweekday() - FRIDAY
        return start - timedelta(days=late) if self.before_weekends and late > 0 else start

    def days(self, month: date) -> Period:
        """All days of a month."""
        return Period(self.start(month), self.start(next_month(month)))

    def holding(self, day: date) -> date:
        """The month that a day belongs to."""
        month = next_month(day)
        while self.start(month) > day:
            month = plus_months(month, -1)
        return month

    def so_far(self, today: date, *, months: int = 1) -> Period:
        """The present month up to and with today, and the months before it, `months` in all."""
        return Period(self.start(plus_months(self.holding(today), 1 - months)), today + timedelta(days=1))


CALENDAR = MonthCut()


def last_days(today: date, days: int) -> Period:
    """The `days` days that end with today."""
    return Period(today - timedelta(days=days - 1), today + timedelta(days=1))


def local_date(moment: datetime, zone: ZoneInfo = MOSCOW) -> date:
    """The calendar day of an aware moment in a zone."""
    return moment.astimezone(zone).date()


def start_of_day(day: date, zone: ZoneInfo = MOSCOW) -> datetime:
    """The aware moment at which a day begins in a zone."""
    return datetime.combine(day, time.min, tzinfo=zone)
