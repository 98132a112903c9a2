"""What is due in the next days, for the tab of recurring payments and for the first screen."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from analytics.recurring import queries
from analytics.recurring.queries import Expected
from banking.models import Category
from banking.presenters.rows import money_list
from financehub import formats
from financehub.money import ZERO
from financehub.periods import Period
from financehub.templatetags.ui import hue_step

if TYPE_CHECKING:
    from financehub.users.models import User

NEAR = 10  # days that the first screen looks ahead


@dataclass(frozen=True, slots=True)
class DueLine:
    """A payment or an income that is near."""

    day: str
    iso: str
    name: str
    url: str
    icon: str
    hue: int
    amount: SafeString
    note: str


@dataclass(frozen=True, slots=True)
class Upcoming:
    """What is due in the next days, and what that comes to, in and out apart."""

    lines: tuple[DueLine, ...]
    until: str
    out: str
    come: str


def upcoming(*, user: "User", today: date, days: int = NEAR) -> Upcoming:
    """What is due from today on, for `analytics/upcoming.html`."""
    period = Period(today, today + timedelta(days=days))
    due = queries.expected(user=user, period=period)
    words = formats.current()
    categories = Category.objects.in_bulk({one.category_id for one in due})
    return Upcoming(
        lines=tuple(_due_line(one, categories[one.category_id], words, today) for one in due),
        until=words.date_text(period.end - timedelta(days=1), today=today),
        out=money_list(sums_of((one.currency, one.amount) for one in due if one.amount < 0), words),
        come=money_list(
            sums_of((one.currency, one.amount) for one in due if one.amount > 0), words, signed=True
        ),
    )


def series_url(pk: int) -> str:
    """The page of a series, with its rows."""
    return reverse("analytics:series", args=[pk])


def sums_of(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """Amounts added currency by currency."""
    found: dict[str, Decimal] = {}
    for currency, amount in amounts:
        found[currency] = found.get(currency, ZERO) + amount
    return found


def _due_line(one: Expected, category: Category, words: formats.Formats, today: date) -> DueLine:
    return DueLine(
        day=_day_words(one.day, words, today),
        iso=one.day.isoformat(),
        name=one.name,
        url=series_url(one.series_id),
        icon=category.icon,
        hue=hue_step(category.hue),
        amount=words.amount(one.amount, one.currency, signed=True),
        note="" if one.confirmed else _("вероятно"),
    )


def _day_words(day: date, words: formats.Formats, today: date) -> str:
    if day == today:
        return words.today
    if day == today + timedelta(days=1):
        return _("Завтра")
    return f"{words.date_text(day, today=today)}, {words.weekdays_short[day.weekday()]}"
