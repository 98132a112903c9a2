"""Moscow days, Russian holidays and the bank's working days."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta, timezone

MOSCOW = timezone(timedelta(hours=3), "MSK")
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_MOSCOW_OFFSET = 3 * 3600
DAY_SECONDS = 86_400

_HOLIDAYS = frozenset(
    {(1, day) for day in range(1, 9)} | {(2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)},
)


def moment(day: date, seconds: int) -> int:
    """Return the epoch second that lies `seconds` after midnight of a Moscow day."""
    return (day.toordinal() - _EPOCH_ORDINAL) * DAY_SECONDS - _MOSCOW_OFFSET + seconds


def clock_time(hour: int, minute: int = 0, second: int = 0) -> int:
    """Return the seconds since midnight of a time of day."""
    return hour * 3600 + minute * 60 + second


def moscow_day(at: datetime) -> date:
    """Return the calendar day in Moscow at an aware moment."""
    return at.astimezone(MOSCOW).date()


def from_epoch(second: int) -> datetime:
    """Return the aware UTC time of an epoch second."""
    return datetime.fromtimestamp(second, UTC)


def is_working_day(day: date) -> bool:
    """Tell whether banks and employers work on the day."""
    return day.weekday() < 5 and (day.month, day.day) not in _HOLIDAYS


def working_day_before(day: date) -> date:
    """Return the day itself, or the last working day before a weekend or a holiday."""
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day


def falls_on(day: date, day_of_month: int) -> bool:
    """Tell whether a monthly event of that day falls here; short months take their last day."""
    return day.day == min(day_of_month, monthrange(day.year, day.month)[1])


def falls_on_payday(day: date, day_of_month: int) -> bool:
    """Tell whether pay due on that day of the month, moved off weekends and holidays, comes today."""
    if not is_working_day(day):
        return False
    candidate = day
    for _ in range(12):
        if falls_on(candidate, day_of_month):
            return working_day_before(candidate) == day
        candidate += timedelta(days=1)
    return False


def days_between(start: date, end: date) -> list[date]:
    """Return the days of the half-open period."""
    return [start + timedelta(days=offset) for offset in range((end - start).days)]
