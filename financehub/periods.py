"""Kernel: half-open periods of days in the person's time zone."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MOSCOW = ZoneInfo("Europe/Moscow")


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


def last_days(today: date, days: int) -> Period:
    """The `days` days that end with today."""
    return Period(today - timedelta(days=days - 1), today + timedelta(days=1))


def local_date(moment: datetime, zone: ZoneInfo = MOSCOW) -> date:
    """The calendar day of an aware moment in a zone."""
    return moment.astimezone(zone).date()


def start_of_day(day: date, zone: ZoneInfo = MOSCOW) -> datetime:
    """The aware moment at which a day begins in a zone."""
    return datetime.combine(day, time.min, tzinfo=zone)
