"""What stands out and the score, as the overview of the reports shows them; no filter changes them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from analytics import health, insights
from banking.presenters.figures import rows_url
from financehub import formats
from financehub.periods import Period, last_days

if TYPE_CHECKING:
    from financehub.users.models import User

TONES = {"success": "done", "info": "info", "warning": "alert", "alert": "error"}


@dataclass(frozen=True, slots=True)
class Line:
    """A part of the score: its figure, its points, its formula and its rows."""

    name: str
    text: str
    points: int
    most: int
    formula: str
    url: str


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence with the mark of its tone."""

    insight: insights.Insight
    mark: str


def judgements(*, user: "User", today: date) -> dict[str, Any]:
    """The sentences, and the score with its parts."""
    found = health.health(user=user, now=timezone.now(), today=today)
    said = insights.insights(user=user, today=today)
    return {
        "insights": [Said(one, TONES[one.tone]) for one in said],
        "health": found,
        "health_lines": () if found.grade == health.NO_GRADE else _lines(found, today),
    }


def _lines(found: health.Health, today: date) -> tuple[Line, ...]:
    words, window = formats.current(), last_days(today, health.MONTHS * health.MONTH_DAYS)
    last = Period(window.end - timedelta(days=health.MONTH_DAYS), window.end)
    return (
        Line(
            _("Доля сбережений"),
            words.percent(found.savings_rate / 100),
            found.saved.points,
            found.saved.most,
            _(
                "Доходы минус расходы за 90 дней, делённые на доходы. "
                "30 % и больше — 40 баллов, от 20 % — 30, от 10 % — 20, от нуля — 10."
            ),
            rows_url(window),
        ),
        Line(
            _("Ровность трат"),
            words.percent(found.expense_stability / 100),
            found.steady.points,
            found.steady.most,
            _(
                "100 % минус разница самых больших и самых малых трат за 30 дней, делённая на средние. "
                "От 80 % — 30 баллов, от 60 % — 20, от 40 % — 10."
            ),
            rows_url(last, kind="expense"),
        ),
        Line(
            _("Запас"),
            _("{number} мес.").format(number=words.number(found.months_of_runway, digits=1)),
            found.runway.points,
            found.runway.most,
            _(
                "На сколько раз по 30 дней таких трат хватит денег на счетах. "
                "6 и больше — 30 баллов, от 3 — 20, от 1 — 10."
            ),
            rows_url(window, kind="expense"),
        ),
    )
