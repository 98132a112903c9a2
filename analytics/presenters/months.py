"""Reports over months: income against spending, balances at month ends, what is owned and owed."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from analytics import balances, reports
from analytics.balances import Worth
from analytics.presenters.asked import Asked, Report, month_words, period_words
from analytics.presenters.home_capital import home_capital
from analytics.spans import months_between
from analytics.tables import Column, Kind, Line, Table
from banking.models import Account
from banking.presenters.figures import flow_series
from banking.queries import months
from banking.queries.months import MonthSum
from financehub import charts
from financehub.charts import ColumnChart, Series, Slot
from financehub.money import ZERO
from financehub.periods import CALENDAR, MONTHS_A_YEAR, MonthCut, Period, plus_months

MOST_MONTHS = 60
MOST_MONTHS_OF_ROWS = 24


def trends(asked: Asked) -> Report:
    """Income against spending by month, and the balance at the end of each."""
    window = months_window(asked)
    flows = _flows(asked, window)
    accounts = _accounts(asked)
    points = _points(asked, accounts, window)
    tables = (_flows_table(asked, flows, window), _balances_table(asked, points))
    missing = asked.months_missing()
    context = {
        "window": period_words(window, asked.words, today=asked.today),
        "flows_chart": None if missing else _flows_chart(asked, flows, window),
        "flows_note": missing or _partial_note(asked, window),
        "flows_series": flow_series(),
        "flows_table": tables[0],
        "averages": _averages(asked, flows, window),
        "balance_chart": None if missing else _balance_chart(asked, points),
        "balance_note": missing or _gap_note(asked, points),
        "balance_table": tables[1],
        "ignores_category": bool(asked.wanted.categories),
    }
    return Report(context, tables)


def capital(asked: Asked) -> Report:
    """What is owned less what is owed: now by currency, and at month ends in one of them."""
    window = months_window(asked)
    now = balances.worth_now(asked.accounts, today=asked.today)
    points = _points(asked, _accounts(asked), window)
    home = home_capital(asked, window)
    tables: tuple[Table, ...] = (_capital_table(asked, points), _currencies_table(asked, now))
    missing = asked.months_missing()
    context: dict[str, Any] = {
        "now": now.get(asked.currency, Worth(asked.today)),
        "others": [(currency, worth) for currency, worth in now.items() if currency != asked.currency],
        "compared": _compared(asked),
        "window": period_words(window, asked.words, today=asked.today),
        "capital_chart": None if missing else _capital_chart(asked, points),
        "capital_note": missing or _gap_note(asked, points),
        "capital_series": _capital_series(),
        "capital_table": tables[0],
        "currencies_table": tables[1],
        "has_balances": bool(now),
        "ignores_category": bool(asked.wanted.categories),
    }
    if home is not None:
        title = _("Капитал во всех валютах, в рублях")
        table = _capital_table(asked, home.points, name="capital-home", title=title)
        tables = (*tables, table)
        context |= {
            "home": home.now,
            "home_chart": None if missing else _capital_chart(asked, home.points),
            "home_note": missing or home.note,
            "home_table": table,
        }
    return Report(context, tables)


def months_window(asked: Asked) -> Period:
    """The months of the report's period, twelve at least, sixty at most, none before the history begins."""
    cut = asked.cut
    last = cut.holding(asked.span.last_day)
    count = months_between(cut.holding(asked.span.period.start), last) + 1
    count = min(max(count, MONTHS_A_YEAR), _most_months(asked))
    month = plus_months(last, 1 - count)
    if asked.history_start is not None:
        month = min(max(month, cut.holding(asked.history_start)), last)
    start, end = cut.start(month), cut.days(last).end
    return Period(start, min(end, max(asked.today + timedelta(days=1), start + timedelta(days=1))))


def _most_months(asked: Asked) -> int:
    """Under a filter, months of another cut than the calendar's have to be read row by row."""
    wanted = asked.wanted
    from_rows = bool(wanted.accounts or wanted.banks or wanted.categories) and not asked.cut.is_calendar
    return MOST_MONTHS_OF_ROWS if from_rows else MOST_MONTHS


# --- income against spending ---


def _flows(asked: Asked, window: Period) -> list[MonthSum]:
    return months.by_month(
        user=asked.user, wanted=asked.within(window), currency=asked.currency, cut=asked.cut
    )


def _month_url(asked: Asked, month: date, cut: MonthCut, **fields: str) -> str:
    days = cut.days(month)
    known = Period(days.start, max(min(days.end, asked.today + timedelta(days=1)), days.start))
    return asked.links.rows(known, **fields)


def _capital_series() -> tuple[Series, ...]:
    return Series(_("активы"), "assets"), Series(_("долги"), "debts")


def _flows_chart(asked: Asked, flows: Sequence[MonthSum], window: Period) -> ColumnChart | None:
    axis = charts.month_axis([one.month for one in flows], asked.words)
    slots = [
        Slot(
            values=(one.income, one.spending),
            name=month_words(asked.cut, one.month, asked.words, today=asked.today),
            axis=label,
            url=_month_url(asked, one.month, asked.cut),
            is_partial=not _is_whole(asked, one.month, window),
        )
        for one, label in zip(flows, axis, strict=True)
    ]
    return charts.column_chart(slots, series=flow_series(), currency=asked.currency, formats=asked.words)


def _partial_note(asked: Asked, window: Period) -> str:
    """Which of the months are not whole."""
    words, notes = asked.words, []
    if not asked.cut.is_calendar:
        notes.append(_cut_note(asked.cut))
    if asked.history_start is not None and asked.history_start > window.start:
        first = words.date_text(asked.history_start, today=asked.today)
        notes.append(_("Первый месяц неполный: операции известны с {day}.").format(day=first))
    if window.end != asked.cut.start(asked.cut.holding(window.end)):
        last = words.date_text(window.end - timedelta(days=1), today=asked.today)
        notes.append(_("Последний месяц — по {day}.").format(day=last))
    return " ".join(notes)


def _cut_note(cut: MonthCut) -> str:
    if cut.before_weekends:
        return _("Месяцы считаются от зарплаты до зарплаты и названы по своему началу.")
    return _("Месяцы начинаются {day}-го числа и названы по своему началу.").format(day=cut.day)


def _is_whole(asked: Asked, month: date, window: Period) -> bool:
    days = asked.cut.days(month)
    return days.start >= (asked.history_start or window.start) and days.end <= window.end


def _averages(asked: Asked, flows: Sequence[MonthSum], window: Period) -> list[tuple[str, str]]:
    """Means of the months that are whole; nothing of fewer than two."""
    whole = [one for one in flows if _is_whole(asked, one.month, window)]
    if len(whole) < reports.FULL_MONTHS:
        return []
    named = (
        (_("Доходы в месяц"), sum((one.income for one in whole), ZERO)),
        (_("Расходы в месяц"), sum((one.spending for one in whole), ZERO)),
        (_("Остаётся в месяц"), sum((one.net for one in whole), ZERO)),
    )
    return [(name, asked.money(total / len(whole))) for name, total in named] + [
        (_("Полных месяцев"), str(len(whole)))
    ]


def _flows_table(asked: Asked, flows: Sequence[MonthSum], window: Period) -> Table:
    columns = (
        Column(_("Месяц"), Kind.MONTH),
        Column(_("Доходы"), Kind.MONEY),
        Column(_("Расходы"), Kind.MONEY),
        Column(_("Осталось"), Kind.CHANGE),
    )
    lines = [
        Line((one.month, one.income, one.spending, one.net), _month_url(asked, one.month, asked.cut))
        for one in reversed(flows)
    ]
    return asked.table("months", _("Доходы и расходы по месяцам"), columns, lines)


# --- balances ---


def _accounts(asked: Asked) -> list[Account]:
    return [account for account in asked.accounts if account.currency == asked.currency]


def _points(asked: Asked, accounts: Sequence[Account], window: Period) -> list[Worth]:
    if not accounts:
        return []
    days = balances.month_ends(months.months_of(window), today=asked.today)
    return balances.worth(accounts, days=days, today=asked.today)


def _balance_url(asked: Asked, one: Worth) -> str:
    """The rows of the calendar month that led to a balance, of every category."""
    return _month_url(asked, one.day.replace(day=1), CALENDAR, category="")


def _slots(asked: Asked, points: Sequence[Worth], *, with_bars: bool) -> list[Slot]:
    axis = charts.month_axis([one.day.replace(day=1) for one in points], asked.words)
    slots = []
    for one, label in zip(points, axis, strict=True):
        values = (one.assets, one.debts) if with_bars and not one.unknown else ()
        name = asked.words.date_text(one.day, today=asked.today)
        url = _balance_url(asked, one)
        unknown = (None, None) if with_bars else ()
        slots.append(Slot(values or unknown, name, label, url, level=one.net))
    return slots


def _balance_chart(asked: Asked, points: Sequence[Worth]) -> ColumnChart | None:
    return charts.column_chart(
        _slots(asked, points, with_bars=False),
        series=(),
        currency=asked.currency,
        formats=asked.words,
        level=_("остаток"),
    )


def _capital_chart(asked: Asked, points: Sequence[Worth]) -> ColumnChart | None:
    return charts.column_chart(
        _slots(asked, points, with_bars=True),
        series=_capital_series(),
        currency=asked.currency,
        formats=asked.words,
        level=_("капитал"),
        stacked=True,
    )


def _gap_note(asked: Asked, points: Sequence[Worth]) -> str:
    """From when on the balances of all accounts are known; nothing is drawn before."""
    if not points:
        return _("Остатков в этой валюте нет.")
    gaps = [one for one in points if one.unknown]
    if not gaps:
        return ""
    last = gaps[-1]
    day = asked.words.date_text(last.day, today=asked.today)
    return _(
        "По {day} включительно остатки известны не по всем счетам, нет: {accounts}. Эти месяцы не нарисованы."
    ).format(day=day, accounts=asked.words.count(last.unknown, "account"))


def _balances_table(asked: Asked, points: Sequence[Worth]) -> Table:
    columns = (
        Column(_("Дата"), Kind.DAY),
        Column(_("Остаток"), Kind.MONEY),
        Column(_("За месяц"), Kind.CHANGE),
    )
    return asked.table("balances", _("Остаток на конец месяца"), columns, _net_lines(asked, points))


def _net_lines(asked: Asked, points: Sequence[Worth]) -> list[Line]:
    before: list[Worth | None] = [None, *points]
    return [
        Line(
            (one.day, one.net, _difference(one, earlier)),
            _balance_url(asked, one),
        )
        for one, earlier in reversed(list(zip(points, before, strict=False)))
    ]


def _difference(one: Worth, earlier: Worth | None) -> Decimal | None:
    if earlier is None or one.net is None or earlier.net is None:
        return None
    return one.net - earlier.net


def _capital_table(asked: Asked, points: Sequence[Worth], *, name: str = "capital", title: str = "") -> Table:
    columns = (
        Column(_("Дата"), Kind.DAY),
        Column(_("Активы"), Kind.MONEY),
        Column(_("Долги"), Kind.MONEY),
        Column(_("Капитал"), Kind.MONEY),
    )
    lines = [
        Line(
            (
                one.day,
                None if one.unknown else one.assets,
                None if one.unknown else one.debts,
                one.net,
            ),
            _balance_url(asked, one),
        )
        for one in reversed(points)
    ]
    return asked.table(name, title or _("Капитал на конец месяца"), columns, lines)


def _currencies_table(asked: Asked, now: dict[str, Worth]) -> Table:
    """One line for each currency; they are never added."""
    columns = (
        Column(_("Валюта")),
        Column(_("Активы"), Kind.PLAIN),
        Column(_("Долги"), Kind.PLAIN),
        Column(_("Капитал"), Kind.PLAIN),
    )
    lines = [Line((currency, one.assets, one.debts, one.net)) for currency, one in now.items()]
    return asked.table("currencies", _("Капитал по валютам"), columns, lines)


def _compared(asked: Asked) -> list[dict[str, Any]]:
    """The present against the end of last month and of the same month a year before, where known."""
    accounts, last = _accounts(asked), asked.today.replace(day=1) - timedelta(days=1)
    days = [plus_months(last + timedelta(days=1), -MONTHS_A_YEAR) - timedelta(days=1), last, asked.today]
    *earlier, now = balances.worth(accounts, days=days, today=asked.today)
    return [
        {
            "label": _("с {day}").format(day=asked.words.date_text(one.day, today=asked.today)),
            "change": _difference(now, one),
        }
        for one in reversed(earlier)
        if accounts and one.net is not None
    ]
