"""The figures of the first screen, each with the link to the rows behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from banking.models import Category
from banking.presenters.rows import money_list
from banking.queries.accounts import HOME_CURRENCY, Total
from banking.queries.dashboard import MonthFlow
from banking.queries.months import MonthSum
from banking.queries.spending import BranchSpending
from financehub import charts, formats
from financehub.charts import ColumnChart, Series, Slot
from financehub.periods import CALENDAR, MonthCut, Period

WHOLE_FROM = Decimal(100_000)
WHOLE_MONTHS = 2


@dataclass(frozen=True, slots=True)
class Figure:
    """A sum of the month, with the rows behind it and the same days of the month before."""

    label: str
    value: Decimal
    url: str
    others: str
    before: str
    before_url: str
    change: Decimal


@dataclass(frozen=True, slots=True)
class Bar:
    """A category's spending; the largest is the full width."""

    name: str
    icon: str
    hue: int
    value: Decimal
    percent: int
    url: str


def rows_url(period: Period | None = None, **fields: str) -> str:
    """The list of transactions that a figure rests on."""
    if period is not None:
        fields["since"] = period.start.isoformat()
        fields["until"] = _last_day(period).isoformat()
    return f"{_rows_base()}?{urlencode(fields)}"


@cache
def _rows_base() -> str:
    """Reports make hundreds of these links, and resolving a name costs more than all the rest of one."""
    return reverse("banking:transactions")


def month_figures(flow: MonthFlow) -> tuple[Figure, Figure]:
    """Money in and money out this month."""
    incomes = {other.currency: other.income for other in flow.others if other.income}
    spendings = {other.currency: other.spending for other in flow.others if other.spending}
    return (
        _figure(_("Доходы"), flow, Category.Kind.INCOME, (flow.now.income, flow.before.income), incomes),
        _figure(
            _("Расходы"), flow, Category.Kind.EXPENSE, (flow.now.spending, flow.before.spending), spendings
        ),
    )


def _figure(
    label: str, flow: MonthFlow, kind: str, values: tuple[Decimal, Decimal], others: dict[str, Decimal]
) -> Figure:
    words = formats.current()
    now, before = values
    return Figure(
        label=label,
        value=now,
        url=rows_url(flow.period, kind=kind),
        others=money_list(others, words),
        before=_("было {amount} за {days}").format(
            amount=words.money(before, HOME_CURRENCY), days=_days(flow.before_period, flow.period, words)
        ),
        before_url=rows_url(flow.before_period, kind=kind),
        change=now - before,
    )


def _last_day(period: Period) -> date:
    return period.end - timedelta(days=1)


def _days(period: Period, seen_from: Period, words: formats.Formats) -> str:
    """The days of a period inside one month: `1–9 октября`."""
    last = words.date_text(_last_day(period), today=seen_from.start)
    return last if period.days == 1 else f"{period.start.day}–{last}"


def bars(top: Sequence[BranchSpending], *, period: Period) -> list[Bar]:
    """The categories that took most, as shares of the largest."""
    largest = max((entry.amount for entry in top), default=Decimal(1))
    return [
        Bar(
            name=entry.category.name,
            icon=entry.category.icon,
            hue=entry.category.hue,
            value=entry.amount,
            percent=max(round(100 * entry.amount / largest), 1),
            url=rows_url(period, category=entry.category.slug, kind=Category.Kind.EXPENSE),
        )
        for entry in top
    ]


def months_chart(months: Sequence[MonthSum], *, today: date, cut: MonthCut = CALENDAR) -> ColumnChart | None:
    """Income against spending by month; None until two whole months are among them.

    The first month may have begun before the history did, so it is not taken for a whole one.
    """
    if len(months) < WHOLE_MONTHS + 2:
        return None
    words = formats.current()
    axis = charts.month_axis([one.month for one in months], words)
    slots = [
        Slot(
            values=(one.income, one.spending),
            name=words.month(one.month),
            axis=label,
            url=rows_url(_known_days(cut.days(one.month), today=today)),
            is_partial=one is months[-1],
        )
        for one, label in zip(months, axis, strict=True)
    ]
    return charts.column_chart(slots, series=flow_series(), currency=HOME_CURRENCY, formats=words, height=180)


def _known_days(month: Period, *, today: date) -> Period:
    return Period(month.start, min(month.end, today + timedelta(days=1)))


def flow_series() -> tuple[Series, ...]:
    """Money in beside money out."""
    return Series(_("доходы"), "income"), Series(_("расходы"), "spending")


def is_large(total: Total) -> bool:
    """Whether kopecks would only be noise in the headline."""
    return abs(total.amount) >= WHOLE_FROM
