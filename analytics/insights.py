"""Questions that end in a sentence: what stands out in ninety days, by the person's own averages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from analytics import reports
from analytics.queries import HOME_CURRENCY
from banking.models import Category
from banking.queries import spending
from banking.queries.transaction_filter import TransactionFilter, matching
from financehub import formats
from financehub.money import ZERO
from financehub.periods import last_days

if TYPE_CHECKING:
    from financehub.users.models import User

WINDOW, WEEK = 90, 7
LARGE_SHARE = Decimal("0.4")
TIMES_THE_USUAL = 3
# From which change of the week on: its tone.
WEEK_TONES = ((Decimal("0.5"), "alert"), (Decimal("0.1"), "warning"))
LESS, MUCH_LESS = Decimal("-0.1"), Decimal("-0.3")
SAVED_TONES = ((Decimal("0.2"), "success"), (Decimal("0.1"), "info"), (Decimal(0), "warning"))


@dataclass(frozen=True, slots=True)
class Insight:
    """Something worth saying; `tone` is success, info, warning or alert."""

    tone: str
    icon: str
    title: str
    message: str
    value: Decimal


def insights(*, user: "User", today: date) -> list[Insight]:
    """What can be said, at most one sentence of each sort; nothing without spending."""
    found = (_largest_category, _week, _saved, _large_purchase)
    return [insight for look in found for insight in look(user, today)]


def _wanted(today: date, days: int, *kinds: str) -> TransactionFilter:
    return TransactionFilter(period=last_days(today, days), kinds=frozenset(kinds))


def _money(value: Decimal) -> str:
    return formats.current().money(value, HOME_CURRENCY)


def _largest_category(user: "User", today: date) -> Iterator[Insight]:
    branches = spending.spending(user=user, wanted=_wanted(today, WINDOW), currency=HOME_CURRENCY)
    total = sum((branch.amount for branch in branches), ZERO)
    if not branches or total <= 0:
        return
    first = branches[0]
    share = first.amount / total
    yield Insight(
        tone="warning" if share > LARGE_SHARE else "info",
        icon=first.category.icon or "📊",
        title=_("Больше всего: {category}").format(category=first.category.name),
        message=_("{amount} за 90 дней, {share} всех расходов.").format(
            amount=_money(first.amount), share=formats.current().percent(share)
        ),
        value=first.amount,
    )


def _week(user: "User", today: date) -> Iterator[Insight]:
    """The last week against the average of the ninety days."""
    week, window = (
        reports.flow(user=user, wanted=_wanted(today, days), currency=HOME_CURRENCY).spending
        for days in (WEEK, WINDOW)
    )
    usual = window * WEEK / WINDOW
    if usual <= 0:
        return
    change = week / usual - 1
    tone = next((tone for least, tone in WEEK_TONES if change >= least), "")
    tone = tone or ("success" if change <= MUCH_LESS else "info")
    title = _("Неделя дороже обычной") if change >= -LESS else _("Неделя как обычно")
    yield Insight(
        tone=tone,
        icon="📅",
        title=_("Неделя дешевле обычной") if change <= LESS else title,
        message=_("{amount} за 7 дней, в среднем {usual}.").format(amount=_money(week), usual=_money(usual)),
        value=week,
    )


def _saved(user: "User", today: date) -> Iterator[Insight]:
    flow = reports.flow(user=user, wanted=_wanted(today, WINDOW), currency=HOME_CURRENCY)
    if flow.income <= 0:
        return
    share = flow.net / flow.income
    yield Insight(
        tone=next((tone for least, tone in SAVED_TONES if share >= least), "alert"),
        icon="💰",
        title=_("Сбережения") if share >= 0 else _("Расходы больше доходов"),
        message=_("Осталось {amount} за 90 дней, {share} доходов.").format(
            amount=_money(flow.net), share=formats.current().percent(share)
        ),
        value=flow.net,
    )


def _large_purchase(user: "User", today: date) -> Iterator[Insight]:
    """The largest purchase of the week, when it is three times the average of the ninety days."""
    expense = Category.Kind.EXPENSE
    lines = spending.by_category(user=user, wanted=_wanted(today, WINDOW), currency=HOME_CURRENCY)
    count = sum(line.count for line in lines)
    total = sum((line.total for line in lines), ZERO)
    rows = matching(user=user, wanted=_wanted(today, WEEK, expense)).counted()
    largest = rows.filter(currency=HOME_CURRENCY, amount__lt=0).order_by("amount", "pk").first()
    if largest is None or not count or -largest.amount <= TIMES_THE_USUAL * total / count:
        return
    yield Insight(
        tone="alert",
        icon="🔎",
        title=_("Крупная покупка"),
        message=_("{name}: {amount}, в среднем {usual}.").format(
            name=largest.merchant_name or largest.description or largest.counterparty,
            amount=_money(-largest.amount),
            usual=_money(total / count),
        ),
        value=-largest.amount,
    )
