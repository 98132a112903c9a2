"""The overview: five figures with their comparison, what changed, weekdays, shops."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from analytics import reports
from analytics.forms import YEAR_BEFORE
from analytics.presenters.asked import Asked, Report, period_words
from analytics.presenters.bars import change_bars, merchant_bars
from analytics.presenters.judgements import judgements
from analytics.reports import Change, MerchantSum, WeekdaySpending
from analytics.tables import Column, Kind, Line, Table
from banking.models import Category
from banking.presenters import rates
from banking.presenters.rows import money_list
from banking.queries import spending, sums
from banking.queries.accounts import HOME_CURRENCY
from banking.queries.rates import flow_in_home
from banking.queries.spending import BranchSpending
from banking.queries.transactions import CurrencyFlow
from banking.views.common import Tab
from financehub import charts, formats
from financehub.charts import ColumnChart, Series, Slot
from financehub.money import ZERO
from financehub.periods import Period

TOP_MERCHANTS = 6
TWO_WEEKS = reports.FULL_WEEKS * reports.WEEK


@dataclass(frozen=True, slots=True)
class Side:
    """A period that figures are of, and whether anything can be said about it."""

    label: str
    period: Period
    flow: CurrencyFlow
    days: int
    is_known: bool

    @property
    def saved(self) -> Decimal | None:
        """The share of the income that was not spent."""
        return self.flow.net / self.flow.income if self.flow.income > 0 else None

    @property
    def a_day(self) -> Decimal:
        return self.flow.spending / self.days if self.days else ZERO


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure on one of the earlier periods."""

    label: str
    text: str
    change: str
    url: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the period, how it is computed, and what it was before."""

    label: str
    text: str
    how: str
    url: str
    compared: tuple[Compared, ...]


def overview(asked: Asked) -> Report:
    """Everything of the first tab."""
    sides = _sides(asked)
    branches = spending.spending(user=asked.user, wanted=asked.wanted, currency=asked.currency)
    changes, before = _changes(asked, branches)
    weekdays = _weekdays(asked)
    merchants = reports.merchants(user=asked.user, wanted=asked.wanted, currency=asked.currency)
    named = [one for one in merchants if one.name]
    tables = (
        _figures_table(asked, sides),
        _changes_table(asked, changes, before),
        _weekdays_table(asked, weekdays),
        _merchants_table(asked, named),
    )
    names = ("figures_table", "changes_table", "weekdays_table", "merchants_table")
    context: dict[str, Any] = dict(zip(names, tables, strict=True))
    context |= {
        "figures": _figures(asked, sides),
        "others": _others(asked),
        "home_flow": _home_flow(asked),
        "changes_tabs": _changes_tabs(asked),
        "changes": change_bars(asked, changes, before),
        "changes_note": _changes_note(asked, changes, before),
        "weekdays": _weekday_chart(asked, weekdays),
        "weekdays_note": _weekdays_note(asked),
        "merchants": merchant_bars(asked, named[:TOP_MERCHANTS]),
        "merchants_note": _merchants_note(asked, merchants, named),
    }
    context |= judgements(user=asked.user, today=asked.today)
    return Report(context, tables)


# --- figures ---


def _sides(asked: Asked) -> list[Side]:
    """The period, the one before it and the same days a year ago, without saying one twice."""
    span = asked.span
    named = [("", span.period), (_("до этого"), span.before)]
    if span.year_before != span.before:
        named.append((_("год назад"), span.year_before))
    return [_side(asked, label, period) for label, period in named]


def _side(asked: Asked, label: str, period: Period) -> Side:
    known = reports.known_part(period, asked.history_start, today=asked.today)
    return Side(
        label=label,
        period=period,
        flow=reports.flow(user=asked.user, wanted=asked.within(period), currency=asked.currency),
        days=known.days if known else 0,
        is_known=not label or asked.is_covered(period),
    )


def _figures(asked: Asked, sides: Sequence[Side]) -> list[Figure]:
    words, now = asked.words, sides[0]
    income, expense = {"kind": Category.Kind.INCOME}, {"kind": Category.Kind.EXPENSE}

    def money(side: Side, value: Callable[[Side], Decimal]) -> str:
        return words.money(value(side), asked.currency)

    def figure(label: str, value: Callable[[Side], Decimal], how: str, fields: Mapping[str, str]) -> Figure:
        compared = tuple(
            Compared(
                label=side.label,
                text=money(side, value),
                change=words.money(value(now) - value(side), asked.currency, signed=True),
                url=asked.links.rows(side.period, **fields),
            )
            for side in sides[1:]
            if side.is_known
        )
        return Figure(label, money(now, value), how, asked.links.rows(now.period, **fields), compared)

    days = words.count(now.days, "day")
    return [
        figure(_("Доходы"), lambda side: side.flow.income, _("без переводов себе"), income),
        figure(_("Расходы"), lambda side: side.flow.spending, _("возвраты вычтены"), expense),
        figure(_("Осталось"), lambda side: side.flow.net, _("доходы минус расходы"), {}),
        _saved_figure(asked, sides),
        figure(
            _("В среднем за день"), lambda side: side.a_day, _("расходы за {days}").format(days=days), expense
        ),
    ]


def _saved_figure(asked: Asked, sides: Sequence[Side]) -> Figure:
    words, now = asked.words, sides[0]
    compared = tuple(
        Compared(side.label, words.percent(side.saved), _points(now.saved - side.saved, words), "")
        for side in sides[1:]
        if side.is_known and side.saved is not None and now.saved is not None
    )
    text = "—" if now.saved is None else words.percent(now.saved)
    how = _("доходов не было") if now.saved is None else _("остаток, делённый на доходы")
    return Figure(_("Доля сбережений"), text, how, "", compared)


def _points(change: Decimal, words: formats.Formats) -> str:
    sign = "+" if change > 0 else ""
    return _("{number} п. п.").format(number=f"{sign}{words.number(change * 100, digits=1)}")


def _others(asked: Asked) -> list[str]:
    """The flows in other currencies, never added to the first."""
    words = asked.words
    found = []
    for flow in sums.flows(user=asked.user, wanted=asked.wanted):
        if flow.currency != asked.currency:
            found.append(
                _("{currency}: доходы {income}, расходы {spending}").format(
                    currency=flow.currency,
                    income=money_list({flow.currency: flow.income}, words),
                    spending=money_list({flow.currency: flow.spending}, words),
                )
            )
    return found


def _home_flow(asked: Asked) -> str:
    """All currencies in rubles, each row at the rate of its own day, where there are others than rubles."""
    if asked.currency != HOME_CURRENCY or not _others(asked):
        return ""
    return rates.home_flow(flow_in_home(user=asked.user, wanted=asked.wanted), today=asked.today)


def _figures_table(asked: Asked, sides: Sequence[Side]) -> Table:
    columns = (
        Column(_("Период")),
        Column(_("Доходы"), Kind.MONEY),
        Column(_("Расходы"), Kind.MONEY),
        Column(_("Осталось"), Kind.CHANGE),
        Column(_("Доля сбережений"), Kind.SHARE),
        Column(_("Расходы в день"), Kind.MONEY),
    )
    lines = [
        Line(
            (
                period_words(side.period, asked.words, today=asked.today),
                side.flow.income,
                side.flow.spending,
                side.flow.net,
                side.saved,
                side.a_day,
            ),
            asked.links.rows(side.period),
        )
        for side in sides
        if side.is_known
    ]
    return asked.table("figures", _("Итоги"), columns, lines)


# --- what changed ---


def _changes(asked: Asked, now: Sequence[BranchSpending]) -> tuple[list[Change], Period | None]:
    """Against the period before, or the same days a year ago when the person wants that."""
    before = asked.span.year_before if asked.against_year else asked.span.before
    if not asked.is_covered(before):
        return [], None
    then = spending.spending(user=asked.user, wanted=asked.within(before), currency=asked.currency)
    return reports.changes(now, then), before


def _changes_tabs(asked: Asked) -> list[Tab]:
    """What the change is to; one choice is none, as with a year against the year before."""
    if asked.span.before == asked.span.year_before:
        return []
    return [
        Tab(_("К периоду до этого"), asked.links.url(against=""), not asked.against_year),
        Tab(_("К прошлому году"), asked.links.url(against=YEAR_BEFORE), asked.against_year),
    ]


def _changes_note(asked: Asked, changes: Sequence[Change], before: Period | None) -> str:
    if before is None:
        return _no_history(asked)
    if not changes:
        return _("Расходы такие же, как раньше.")
    total = sum((one.change for one in changes), ZERO)
    days = period_words(before, asked.words, today=asked.today)
    words = (
        _("Расходы выросли на {total} к периоду {days}.")
        if total > 0
        else _("Расходы снизились на {total} к периоду {days}.")
    )
    return words.format(total=asked.money(abs(total)), days=days.removesuffix("."))


def _no_history(asked: Asked) -> str:
    if asked.history_start is None:
        return _("Операций пока нет.")
    day = asked.words.date_text(asked.history_start, today=asked.today)
    return _("Мало данных для сравнения: операции известны с {day}.").format(day=day)


def _changes_table(asked: Asked, changes: Sequence[Change], before: Period | None) -> Table:
    columns = (
        Column(_("Категория")),
        Column(_("Стало"), Kind.MONEY),
        Column(_("Было"), Kind.MONEY),
        Column(_("Изменение"), Kind.CHANGE),
    )
    fields = {"kind": Category.Kind.EXPENSE}
    lines = [
        Line(
            (one.category.name, one.now, one.before, one.change),
            asked.links.rows(
                asked.span.period if one.now else before or asked.span.period,
                category=one.category.slug,
                **fields,
            ),
        )
        for one in changes
    ]
    return asked.table("changes", _("Что изменилось"), columns, lines)


# --- weekdays ---


def _weekdays(asked: Asked) -> list[WeekdaySpending]:
    """By weekday of the known days; empty with less than two weeks of them."""
    known = asked.known
    if known is None or known.days < TWO_WEEKS:
        return []
    return reports.weekdays(user=asked.user, wanted=asked.within(known), currency=asked.currency)


def _weekdays_note(asked: Asked) -> str:
    known = asked.known.days if asked.known else 0
    if known >= TWO_WEEKS:
        return _("Расходы в среднем за каждый такой день, {days}.").format(
            days=asked.words.count(known, "day")
        )
    if asked.span.period.end > asked.today:
        missing = asked.words.count(TWO_WEEKS - known, "day")
        return _("Мало данных: нужно ещё {days}.").format(days=missing)
    return _("Мало данных: выберите период не короче двух недель.")


def _weekday_url(asked: Asked, weekday: int) -> str:
    return asked.links.rows(
        asked.known or asked.span.period, kind=Category.Kind.EXPENSE, weekday=str(weekday)
    )


def _weekday_chart(asked: Asked, found: Sequence[WeekdaySpending]) -> ColumnChart | None:
    words = asked.words
    slots = [
        Slot(
            values=(one.average,),
            name=words.weekdays[one.weekday - 1],
            axis=words.weekdays_short[one.weekday - 1],
            url=_weekday_url(asked, one.weekday),
        )
        for one in found
    ]
    series = (Series(_("в среднем"), "spending"),)
    return charts.column_chart(slots, series=series, currency=asked.currency, formats=words)


def _weekdays_table(asked: Asked, found: Sequence[WeekdaySpending]) -> Table:
    columns = (
        Column(_("День недели")),
        Column(_("В среднем за день"), Kind.MONEY),
        Column(_("Всего"), Kind.MONEY),
        Column(_("Дней"), Kind.COUNT),
    )
    lines = [
        Line(
            (asked.words.weekdays[one.weekday - 1], one.average, one.total, one.days),
            _weekday_url(asked, one.weekday),
        )
        for one in found
    ]
    return asked.table("weekdays", _("По дням недели"), columns, lines)


# --- shops ---


def _merchants_note(asked: Asked, found: Sequence[MerchantSum], named: Sequence[MerchantSum]) -> str:
    unnamed = [one for one in found if not one.name]
    if not named:
        return _("В этом периоде нет расходов с названием магазина.")
    if not unnamed:
        return ""
    return _("Ещё {amount} без названия магазина: {count}.").format(
        amount=asked.money(unnamed[0].total), count=asked.words.count(unnamed[0].count, "transaction")
    )


def _merchants_table(asked: Asked, named: Sequence[MerchantSum]) -> Table:
    columns = (
        Column(_("Магазин")),
        Column(_("Расходы"), Kind.MONEY),
        Column(_("Операций"), Kind.COUNT),
    )
    lines = [Line((one.name, one.total, one.count), _merchant_url(asked, one)) for one in named]
    return asked.table("merchants", _("Магазины"), columns, lines)


def _merchant_url(asked: Asked, one: MerchantSum) -> str:
    return asked.links.rows(asked.span.period, kind=Category.Kind.EXPENSE, shop=one.name)
