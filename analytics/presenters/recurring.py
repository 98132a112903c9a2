"""Recurring payments and incomes in words: lines by state, the figures above them, the page of one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from analytics import reports
from analytics.links import ReportLinks
from analytics.models import RecurringSeries
from analytics.presenters.asked import Report
from analytics.presenters.upcoming import series_url, sums_of, upcoming
from analytics.recurring import queries
from analytics.recurring.cadence import Cadence
from analytics.recurring.queries import Judged
from analytics.recurring.standing import State
from analytics.spans import MONTHS_A_YEAR
from analytics.tables import Column, Kind, Line, Table
from banking.models import Category
from banking.presenters.rows import Pill, account_label, money_list
from banking.queries.accounts import HOME_CURRENCY
from banking.queries.transaction_filter import TransactionFilter
from financehub import formats
from financehub.templatetags.ui import hue_step

if TYPE_CHECKING:
    from financehub.users.models import User

AHEAD = 30  # days of the list of what is due
NEWS_DAYS = 180  # for which a changed price is worth a notice
ENOUGH_DAYS = 70  # three sightings of what comes every month
SHOWN = (State.SUGGESTED, State.MISSED, State.CONFIRMED)


@dataclass(frozen=True, slots=True)
class SeriesLine:
    """A series in the list, every cell already text."""

    pk: int
    url: str
    name: str
    icon: str
    hue: int
    rhythm: str
    when: str
    range: str
    pills: tuple[Pill, ...]
    news: str
    amount: SafeString
    a_year: str
    deeds: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The series of one state."""

    title: str
    lines: tuple[SeriesLine, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Payments, or incomes."""

    anchor: str
    title: str
    groups: list[Group]


def recurring(*, user: "User", today: date, links: ReportLinks) -> Report:
    """The tab: sums, the next thirty days, payments and incomes by state."""
    found = queries.judged(user=user, today=today)
    alive = [one for one in found if one.standing.state.is_alive]
    table = _table(found, links)
    context = {
        "figures": _figures(alive),
        "upcoming": upcoming(user=user, today=today, days=AHEAD),
        "sections": [
            Section(str(kind), title, _groups(_of_kind(alive, kind), today))
            for kind, title in ((Category.Kind.EXPENSE, _("Платежи")), (Category.Kind.INCOME, _("Доходы")))
        ],
        "over": [
            Group(title, _lines([one for one in found if one.standing.state is state], today))
            for title, state in ((_("Закончились"), State.ENDED), (_("Не регулярные"), State.DISMISSED))
        ],
        "has_series": bool(found),
        "missing": _missing(user, today),
        "is_due": queries.is_due(user=user),
        "recurring_table": table,
    }
    return Report(context, (table,))


def details(one: Judged, *, today: date) -> dict[str, Any]:
    """The page of one series, but for its rows."""
    series, words = one.series, formats.current()
    next_on = one.standing.next_on
    return {
        "line": line(one, today=today),
        "deeds": _deeds(one),
        "state": _STATES[one.standing.state](),
        "next_on": words.date_text(next_on, today=today) if next_on else "",
        "month": words.money(series.a_year / MONTHS_A_YEAR, series.currency),
        "a_year": words.money(series.a_year, series.currency),
        "account_label": account_label(series.account) if series.account else "",
        "first_seen": words.date_text(series.first_seen, today=today),
        "last_seen": words.date_text(series.last_seen, today=today),
        "sightings": words.count(series.sightings, "transaction"),
        "news": _price_change(series, words, today),
    }


def line(one: Judged, *, today: date) -> SeriesLine:
    """One series in the list."""
    return _lines([one], today)[0]


def rhythm(series: RecurringSeries) -> str:
    """How often, and on which day of the month."""
    if Cadence(series.cadence) is not Cadence.MONTHLY:
        return _often(series)
    return _("{rhythm}, {day}‑го").format(rhythm=_often(series), day=series.day_of_month)


def _often(series: RecurringSeries) -> str:
    return {
        Cadence.WEEKLY: _("каждую неделю"),
        Cadence.FORTNIGHTLY: _("раз в две недели"),
        Cadence.MONTHLY: _("каждый месяц"),
        Cadence.QUARTERLY: _("раз в три месяца"),
        Cadence.HALF_YEARLY: _("раз в полгода"),
        Cadence.YEARLY: _("раз в год"),
    }[Cadence(series.cadence)]


# --- the list ---


def _of_kind(found: Iterable[Judged], kind: str) -> list[Judged]:
    return [one for one in found if one.series.kind == kind]


def _groups(found: Sequence[Judged], today: date) -> list[Group]:
    """Series by state, without the states that none is in."""
    titles = {
        State.SUGGESTED: _("Похоже на регулярные"),
        State.MISSED: _("Не пришли вовремя"),
        State.CONFIRMED: _("Подтверждённые"),
    }
    of_state = {state: [one for one in found if one.standing.state is state] for state in SHOWN}
    return [Group(titles[state], _lines(of_state[state], today)) for state in SHOWN if of_state[state]]


def _lines(found: Iterable[Judged], today: date) -> tuple[SeriesLine, ...]:
    words = formats.current()
    return tuple(
        SeriesLine(
            pk=one.series.pk,
            url=series_url(one.series.pk),
            name=one.series.called,
            icon=one.series.category.icon,
            hue=hue_step(one.series.category.hue),
            rhythm=rhythm(one.series),
            when=_when(one, words, today),
            range=_range(one.series, words),
            pills=_pills(one),
            news=_news(one.series, words, today),
            amount=words.amount(one.series.amount, one.series.currency, signed=True),
            a_year=_("{amount} в год").format(amount=words.money(one.series.a_year, one.series.currency)),
            deeds=_deeds(one)[:2] if one.standing.state is State.SUGGESTED else (),
        )
        for one in found
    )


def _when(one: Judged, words: formats.Formats, today: date) -> str:
    """When it comes next, or since when it does not."""
    stands = one.standing
    if stands.next_on is None:
        return _("последний раз {day}").format(day=words.date_text(one.series.last_seen, today=today))
    return _("следующий {day}").format(day=words.date_text(stands.next_on, today=today))


def _pills(one: Judged) -> tuple[Pill, ...]:
    state = one.standing.state
    unseen = formats.current().count(one.standing.unseen_days, "day")
    if state is State.MISSED:
        return (Pill(_("не видели {days}").format(days=unseen), "warning"),)
    is_told = one.series.decision == RecurringSeries.Decision.ENDED
    if state is State.ENDED and not is_told:
        return (Pill(_("не видели {days}").format(days=unseen)),)
    return ()


def _news(series: RecurringSeries, words: formats.Formats, today: date) -> str:
    """A price that changed lately."""
    since = series.price_since
    if since is None or (today - since).days > NEWS_DAYS:
        return ""
    return _price_change(series, words, today)


def _price_change(series: RecurringSeries, words: formats.Formats, today: date) -> str:
    if series.price_before is None or series.price_since is None:
        return ""
    return _("было {before}, стало {now} с {day}").format(
        before=words.money(abs(series.price_before), series.currency),
        now=words.money(abs(series.amount), series.currency),
        day=words.date_text(series.price_since, today=today),
    )


def _range(series: RecurringSeries, words: formats.Formats) -> str:
    """Between which amounts it lies, the smaller first; empty for a price."""
    if series.is_fixed:
        return ""
    low, high = sorted((abs(series.low), abs(series.high)))
    return f"{words.money(low, series.currency)} – {words.money(high, series.currency)}"


def _deeds(one: Judged) -> tuple[tuple[str, str], ...]:
    """What the person may decide of it: the value that is posted and its words."""
    state = one.standing.state
    is_told = one.series.decision == RecurringSeries.Decision.ENDED
    may_confirm = state in {State.SUGGESTED, State.DISMISSED} or (state is State.ENDED and is_told)
    may_confirm |= state is State.MISSED and one.series.decision == RecurringSeries.Decision.SUGGESTED
    confirm = _("Подтвердить") if state.is_alive else _("Снова регулярный")
    deeds = (
        ("confirm", confirm, may_confirm),
        ("dismiss", _("Не регулярный"), state is not State.DISMISSED),
        ("end", _("Закончился"), state.is_alive),
    )
    return tuple((do, label) for do, label, may in deeds if may)


# --- figures ---


def _figures(alive: Sequence[Judged]) -> list[dict[str, Any]]:
    """Per month and per year, each currency by itself."""
    words = formats.current()
    named = (
        (_("Платежи в месяц"), Category.Kind.EXPENSE, 1),
        (_("Платежи в год"), Category.Kind.EXPENSE, MONTHS_A_YEAR),
        (_("Доходы в месяц"), Category.Kind.INCOME, 1),
    )
    return [
        {
            "label": label,
            "anchor": str(kind),
            "text": money_list(_per_month(_of_kind(alive, kind), months), words) or "—",
            "note": _confirmed_part(_of_kind(alive, kind), months, words),
        }
        for label, kind, months in named
    ]


def _per_month(found: Iterable[Judged], months: int) -> dict[str, Decimal]:
    return sums_of((one.series.currency, abs(one.series.a_year) * months / MONTHS_A_YEAR) for one in found)


def _confirmed_part(found: Sequence[Judged], months: int, words: formats.Formats) -> str:
    confirmed = [one for one in found if one.series.decision == RecurringSeries.Decision.CONFIRMED]
    if not found:
        return ""
    if not confirmed:
        return _("ничего ещё не подтверждено")
    return _("подтверждено {amount}").format(amount=money_list(_per_month(confirmed, months), words))


def _missing(user: "User", today: date) -> str:
    """Why a short history names nothing yet; empty when it is long enough."""
    start = reports.history_start(user=user, wanted=TransactionFilter())
    if start is None:
        return _("Операций пока нет.")
    days = ENOUGH_DAYS - (today - start).days
    if days <= 0:
        return ""
    return _(
        "Мало данных: чтобы узнать ежемесячный платёж, нужно увидеть его трижды. Нужно ещё {days}."
    ).format(days=formats.current().count(days, "day"))


def _table(found: Sequence[Judged], links: ReportLinks) -> Table:
    """All series, the ended and the dismissed too, with exact figures."""
    columns = (
        Column(_("Название")),
        Column(_("Как часто")),
        Column(_("Состояние")),
        Column(_("Следующая дата"), Kind.DAY),
        Column(_("Сумма"), Kind.PLAIN),
        Column(_("В год"), Kind.PLAIN),
        Column(_("Валюта")),
        Column(_("Последний раз"), Kind.DAY),
    )
    lines = [_table_line(one) for one in found]
    return Table("recurring", _("Регулярные"), HOME_CURRENCY, columns, lines, links.csv("recurring"))


def _table_line(one: Judged) -> Line:
    series = one.series
    values = (
        series.called,
        _often(series),
        _STATES[one.standing.state](),
        one.standing.next_on,
        series.amount,
        series.a_year,
        series.currency,
        series.last_seen,
    )
    return Line(values, series_url(series.pk))


_STATES = {
    State.SUGGESTED: lambda: _("предложено"),
    State.CONFIRMED: lambda: _("подтверждено"),
    State.MISSED: lambda: _("не пришло вовремя"),
    State.ENDED: lambda: _("закончилось"),
    State.DISMISSED: lambda: _("не регулярное"),
}
