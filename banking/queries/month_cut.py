"""Questions about where a person's months begin: on the day they chose, or when their pay comes."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from statistics import median_low
from typing import TYPE_CHECKING

from banking.models import Transaction
from financehub.periods import CALENDAR, MonthCut, Period, next_month, plus_months

if TYPE_CHECKING:
    from financehub.users.models import User

SALARY = "income-salary"
# How far back pay days are looked at: enough to tell the usual day, and no more rows than a year has.
LOOKED_AT = 13
FEWEST_PAYS = 3
NEAR = timedelta(days=7)


def cut_of(*, user: "User", today: date) -> MonthCut:
    """The person's months; the calendar's while no pay day can be told."""
    if user.month_start:
        return MonthCut(day=user.month_start)
    return _cut_at(_pays(user, today))


def _pays(user: "User", today: date) -> dict[date, Decimal]:
    """What came in as salary on each day of the last year."""
    period = Period(plus_months(today.replace(day=1), -LOOKED_AT), today + timedelta(days=1))
    rows = Transaction.objects.for_user(user).counted().incomes().booked_in(period)
    rows = rows.filter(category__slug=SALARY, amount__gt=0)
    found: dict[date, Decimal] = {}
    for day, amount in rows.values_list("booking_date", "amount"):
        found[day] = found.get(day, Decimal(0)) + amount
    return found


def _cut_at(pays: Mapping[date, Decimal]) -> MonthCut:
    """Months from pay to pay: of two pays a month, the larger one begins it."""
    largest: dict[date, date] = {}
    for day, amount in sorted(pays.items()):
        month = day.replace(day=1)
        if month not in largest or amount > pays[largest[month]]:
            largest[month] = day
    if len(largest) < FEWEST_PAYS:
        return CALENDAR
    usual = MonthCut(day=median_low(day.day for day in largest.values()), before_weekends=True)
    months = {*largest, *map(next_month, largest)}
    moved = {
        month: min(near, key=lambda day: abs(day - usual.start(month)))
        for month in months
        if (near := [day for day in pays if abs(day - usual.start(month)) <= NEAR])
    }
    return MonthCut(day=usual.day, before_weekends=True, moved=moved)
