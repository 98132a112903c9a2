"""Questions about a person's finances as a whole: a score, and the three figures that it is made of.

All of it rests on the last ninety days in rubles: what share of the income stayed, how far the
three months lie apart, and how many such months the present balance would pay for.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from analytics import reports
from analytics.queries import HOME_CURRENCY
from banking.queries import accounts as account_queries
from banking.queries.transaction_filter import TransactionFilter
from banking.queries.transactions import CurrencyFlow
from financehub.money import ZERO
from financehub.periods import Period

if TYPE_CHECKING:
    from datetime import datetime

    from financehub.users.models import User

MONTHS = 3
MONTH_DAYS = 30
HUNDRED = Decimal(100)
# What reaches the first number earns the second.
SAVED_POINTS = ((30, 40), (20, 30), (10, 20), (0, 10))
STEADY_POINTS = ((80, 30), (60, 20), (40, 10))
RUNWAY_POINTS = ((6, 30), (3, 20), (1, 10))
GRADES = ((90, "A+"), (80, "A"), (70, "B"), (60, "C"), (0, "D"))
NO_GRADE = "N/A"


@dataclass(frozen=True, slots=True)
class Part:
    """How many points a figure earned, of how many."""

    points: int
    most: int


@dataclass(frozen=True, slots=True)
class Health:
    """The score with its parts: shares in per cent, the runway in months."""

    score: int
    grade: str
    savings_rate: Decimal = ZERO
    expense_stability: Decimal = ZERO
    months_of_runway: Decimal = ZERO

    @property
    def saved(self) -> Part:
        """For the share of the income that stayed."""
        return _part(self.savings_rate, SAVED_POINTS, self.grade)

    @property
    def steady(self) -> Part:
        """For months that lie close together."""
        return _part(self.expense_stability, STEADY_POINTS, self.grade)

    @property
    def runway(self) -> Part:
        """For what the balance would pay."""
        return _part(self.months_of_runway, RUNWAY_POINTS, self.grade)

    @property
    def message(self) -> str:
        """What the grade says in words."""
        return {
            NO_GRADE: _("Пока мало операций, чтобы судить."),
            "A+": _("Запас большой, траты ровные."),
            "A": _("Всё в порядке: есть запас и сбережения."),
            "B": _("Хорошо, но запас или сбережения можно увеличить."),
            "C": _("Запаса мало: присмотритесь к крупным тратам."),
        }.get(self.grade, _("Траты близки к доходам или больше их."))


def health(*, user: "User", now: "datetime", today: date) -> Health:
    """How the last three times thirty days went; without any flow there is no grade."""
    flows = [_flow(user, today, part) for part in range(MONTHS)]
    spent = [flow.spending for flow in flows]
    income = sum((flow.income for flow in flows), ZERO)
    if not income and not any(spent):
        return Health(0, NO_GRADE)
    net = income - sum(spent, ZERO)
    mean = sum(spent, ZERO) / MONTHS
    total = account_queries.total_of(account_queries.accounts_of(user=user), now=now).amount
    saved = HUNDRED * net / income if income > 0 else ZERO if net >= 0 else -HUNDRED
    steady = max(HUNDRED - HUNDRED * (max(spent) - min(spent)) / mean, ZERO) if mean > 0 else HUNDRED
    runway = max(total, ZERO) / mean if mean > 0 else ZERO
    score = _points(saved, SAVED_POINTS) + _points(steady, STEADY_POINTS) + _points(runway, RUNWAY_POINTS)
    grade = next(name for least, name in GRADES if score >= least)
    return Health(score, grade, saved, steady, runway)


def _part(value: Decimal, table: tuple[tuple[int, int], ...], grade: str) -> Part:
    return Part(0 if grade == NO_GRADE else _points(value, table), table[0][1])


def _flow(user: "User", today: date, part: int) -> CurrencyFlow:
    """Thirty days, the last ones for part 0."""
    end = today + timedelta(days=1 - part * MONTH_DAYS)
    wanted = TransactionFilter(period=Period(end - timedelta(days=MONTH_DAYS), end))
    return reports.flow(user=user, wanted=wanted, currency=HOME_CURRENCY)


def _points(value: Decimal, table: tuple[tuple[int, int], ...]) -> int:
    return next((points for least, points in table if value >= least), 0)
