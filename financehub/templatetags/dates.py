"""Template tags for dates and times, all in Moscow time."""

from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone

from financehub import formats

register = template.Library()


def _today(context: dict[str, Any]) -> date:
    """The day of the page: a view that fixed `today` is believed, so that one page has one day."""
    return context.get("today") or timezone.localdate(timezone=formats.MOSCOW)


@register.simple_tag(takes_context=True)
def date_text(context: dict[str, Any], day: date) -> str:
    """`9 ноября`, or `9 ноября 2024 г.` in another year."""
    return formats.current().date_text(day, today=_today(context))


@register.simple_tag(takes_context=True)
def day_header(context: dict[str, Any], day: date) -> str:
    """`Сегодня`, `Вчера`, `9 ноября, воскресенье`."""
    return formats.current().day_header(day, today=_today(context))


@register.simple_tag(takes_context=True)
def moment(context: dict[str, Any], at: datetime) -> str:
    """`14:32` today, else `9 ноября, 14:32`."""
    return formats.current().moment(at, today=_today(context))


@register.filter
def date_short(day: date) -> str:
    """`09.11.2025`."""
    return formats.current().date_short(day)


@register.filter
def month(day: date) -> str:
    """`ноябрь 2025`."""
    return formats.current().month(day)


@register.filter
def clock(at: datetime) -> str:
    """`14:32`."""
    return formats.current().time(at)
