"""The forecast as its page shows it: the curve with its band, the parts, what is left, the record."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _

from analytics import track_record
from analytics.forecast import outlook as assumptions
from analytics.forecast.month import Left, Pace
from analytics.forecast.outlook import HORIZONS, Outlook
from analytics.forecasting import Known
from analytics.links import ReportLinks
from analytics.presenters.asked import Report
from analytics.presenters.upcoming import series_url
from analytics.tables import Column, Kind, Line, Table
from analytics.track_record import TrackRecord
from banking.models import Category
from banking.presenters.figures import rows_url
from banking.queries.accounts import HOME_CURRENCY
from banking.views.common import Tab
from financehub import curves, formats
from financehub.curves import Curve, CurveChart
from financehub.periods import Period

if TYPE_CHECKING:
    from financehub.formats import Formats
    from financehub.users.models import User

HEIGHT, MINI_HEIGHT = 260, 160


@dataclass(frozen=True, slots=True)
class Assumption:
    """A part of the forecast that may be left out."""

    key: str
    name: str
    total: str
    url: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Term:
    """A line of a formula: its sign, its figure and the rows behind it."""

    sign: str
    name: str
    text: str
    url: str


def forecast(*, user: "User", known: Known, days: int, off: Collection[str]) -> Report:
    """Everything of the tab."""
    words = formats.current()
    found = known.outlook(days=days, off=off)
    record = track_record.track_record(user=user, days=days, today=known.today)
    links = ReportLinks("forecast", {"days": str(days), "off": ",".join(sorted(off))})
    parts = _assumptions(user, known, found, words)
    tables = (_points_table(found, links), _parts_table(parts, found, links), _record_table(record, links))
    context: dict[str, Any] = {
        "days": days,
        "lengths": [Tab(words.count(one, "day"), links.url(days=str(one)), one == days) for one in HORIZONS],
        "outlook": found,
        "note": missing_note(found, words),
        "chart": chart(found, words),
        "heads": (_("Ожидаем"), _("Не меньше"), _("Не больше")),
        "lowest": lowest_words(found, words) if found.points else "",
        "last": _last_words(found, words) if found.points else "",
        "formula": _formula(found, words) if found.points else (),
        "assumptions": parts,
        "points_table": tables[0],
        "parts_table": tables[1],
        "record_table": tables[2],
        "record": _record_words(record, days, words),
        **left_context(known.left, known.pace, words),
    }
    return Report(context, tables)


def at_a_glance(known: Known) -> dict[str, Any]:
    """What the first screen shows: no figure rests on too short a history."""
    words = formats.current()
    found = known.outlook(days=HORIZONS[0])
    note = missing_note(found, words)
    if note:
        return {"note": note}
    return {
        "chart": chart(found, words, mini=True),
        "lowest": lowest_words(found, words),
        **left_context(known.left, known.pace, words),
    }


# --- the curve ---


def chart(found: Outlook, words: "Formats", *, mini: bool = False) -> CurveChart | None:
    """The expected balance in its band, with its lowest point; None with too little data."""
    if not found.points:
        return None
    money = _money(words)
    due = {item.day: series_url(item.series_id) for item in reversed(found.items) if item.series_id}
    return curves.curve_chart(
        [
            Curve(
                _("ожидаем без редких крупных покупок"),
                "expected",
                [(one.day, one.amount) for one in found.points],
            )
        ],
        formats=words,
        summary=_("{day}: {amount}").format(
            day=words.date_short(found.last.day), amount=money(found.last.amount)
        ),
        band=([(one.day, one.low) for one in found.points], [(one.day, one.high) for one in found.points]),
        marks=[(found.lowest.day, found.lowest.amount)],
        readings=[
            (one.day, one.amount, due.get(one.day, ""), (money(one.amount), money(one.low), money(one.high)))
            for one in (() if mini else found.points)
        ],
        height=MINI_HEIGHT if mini else HEIGHT,
    )


def missing_note(found: Outlook, words: "Formats") -> str:
    """Why nothing is drawn; empty when there is enough."""
    if found.points:
        return ""
    if not found.missing_days:
        return _("Регулярных платежей и привычных трат не нашлось: предсказывать не по чему.")
    return _("Мало данных: нужно ещё {days}.").format(days=words.count(found.missing_days, "day"))


def lowest_words(found: Outlook, words: "Formats") -> str:
    """The lowest point in a sentence."""
    today, point = found.points[0].day, found.lowest
    money = _money(words)
    facts = {
        "amount": money(point.amount),
        "day": words.date_text(point.day, today=today),
        "low": money(point.low),
        "high": money(point.high),
    }
    if found.payday is None:
        return _("Меньше всего будет {day}: {amount} (от {low} до {high}).").format(**facts)
    payday = words.date_text(found.payday, today=today)
    if point.day == today:
        return _("До поступления {payday} остаток не опустится ниже нынешнего.").format(payday=payday)
    return _("До поступления {payday} меньше всего будет {day}: {amount} (от {low} до {high}).").format(
        payday=payday, **facts
    )


def _last_words(found: Outlook, words: "Formats") -> str:
    last, money = found.last, _money(words)
    return _("{day} ожидаем {amount}: в четырёх случаях из пяти — от {low} до {high}.").format(
        day=words.date_text(last.day, today=found.points[0].day),
        amount=money(last.amount),
        low=money(last.low),
        high=money(last.high),
    )


def _formula(found: Outlook, words: "Formats") -> tuple[str, ...]:
    return (
        _(
            "Остаток на день = сейчас на счетах + доходы − платежи − привычные траты до этого дня. "
            "Считаем наличные, текущие, накопительные и карточные счета в рублях."
        ),
        _(
            "Привычная трата категории — её среднее за такой день недели в последние {days}. "
            "День дороже {cap} считаем за {cap}, поэтому одна крупная покупка почти не меняет линию; "
            "полоса такие дни учитывает."
        ).format(days=words.count(found.history_days, "day"), cap=_money(words)(found.cap)),
        _(
            "Полоса — 80 %: недели вашей истории, переставленные 400 раз, и разброс регулярных сумм. "
            "Одни и те же данные дают одну и ту же полосу."
        ),
    )


def _points_table(found: Outlook, links: ReportLinks) -> Table:
    columns = (
        Column(_("Дата"), Kind.DAY),
        Column(_("Ожидаем"), Kind.MONEY),
        Column(_("Не меньше"), Kind.MONEY),
        Column(_("Не больше"), Kind.MONEY),
    )
    lines = [Line((one.day, one.amount, one.low, one.high)) for one in found.points]
    return Table("forecast", _("Прогноз"), HOME_CURRENCY, columns, lines, links.csv("forecast"))


# --- its parts ---


def _assumptions(user: "User", known: Known, found: Outlook, words: "Formats") -> list[Assumption]:
    names = _standing_names()
    slugs = [part.key for part in found.parts if part.key not in names]
    named = {one.slug: one.name for one in Category.objects.for_user(user).filter(slug__in=slugs)}
    return [
        Assumption(
            key=part.key,
            name=names.get(part.key) or named.get(part.key, part.key),
            total=words.money(part.total, HOME_CURRENCY, signed=True),
            url=_part_url(part.key, known.history.period),
            is_on=part.is_on,
        )
        for part in found.parts
    ]


def _part_url(key: str, period: Period) -> str:
    """The rows, or the series, that a part was learnt from."""
    if key in assumptions.RECURRING:
        return reverse("analytics:recurring")
    if key == assumptions.OTHER_INCOMES:
        return rows_url(period, kind=Category.Kind.INCOME)
    if key == assumptions.OUTWARD:
        return rows_url(period, kind=Category.Kind.TRANSFER)
    return rows_url(period, kind=Category.Kind.EXPENSE, category=key)


def _standing_names() -> dict[str, str]:
    return {
        assumptions.INCOMES: _("Регулярные доходы"),
        assumptions.PAYMENTS: _("Регулярные платежи"),
        assumptions.UNSURE_INCOMES: _("Регулярные доходы, не подтверждённые вами"),
        assumptions.UNSURE_PAYMENTS: _("Регулярные платежи, не подтверждённые вами"),
        assumptions.OTHER_INCOMES: _("Прочие доходы"),
        assumptions.OUTWARD: _("Переводы на вклады и кредиты, наличные"),
    }


def _parts_table(parts: Iterable[Assumption], found: Outlook, links: ReportLinks) -> Table:
    columns = (
        Column(_("Из чего сложился прогноз")),
        Column(_("За все дни"), Kind.CHANGE),
        Column(_("Учтено")),
    )
    totals = {part.key: part.total for part in found.parts}
    lines = [
        Line((part.name, totals[part.key], _("да") if part.is_on else _("нет")), part.url) for part in parts
    ]
    return Table("parts", _("Из чего сложился прогноз"), HOME_CURRENCY, columns, lines, links.csv("parts"))


# --- what is left of the month ---


def left_context(left: Left | None, pace: Pace, words: "Formats") -> dict[str, Any]:
    """What may still be spent, its formula, and the month beside its usual pace; nothing of too little."""
    if left is None:
        return {}
    money = _money(words)
    days = words.count(left.days, "day")
    facts = {"left": money(abs(left.left)), "days": days, "a_day": money(left.a_day)}
    if left.left > 0:
        text = _("Осталось {left} на {days} — примерно {a_day} в день.").format(**facts)
    else:
        text = _("Траты этого месяца больше его доходов на {left}.").format(**facts)
    return {
        "left": left,
        "left_words": text,
        "left_terms": _terms(left, pace, money),
        **pace_context(pace, words),
    }


def _terms(left: Left, pace: Pace, money: Any) -> list[Term]:
    so_far = Period(pace.month.start, pace.month.start + timedelta(days=len(pace.spent)))
    income, expense = (rows_url(so_far, kind=kind) for kind in (Category.Kind.INCOME, Category.Kind.EXPENSE))
    return [
        Term("", _("Доходы с начала месяца"), money(left.received), income),
        Term("+", _("Ожидаемые регулярные доходы"), money(left.expected), ""),
        Term("−", _("Оплаченные регулярные платежи"), money(left.paid), expense),
        Term("−", _("Предстоящие регулярные платежи"), money(left.ahead), ""),
        Term("−", _("Остальные траты с начала месяца"), money(left.spent), expense),
        Term("=", _("Можно потратить"), money(left.left), ""),
    ]


def pace_context(pace: Pace, words: "Formats") -> dict[str, Any]:
    """The month's spending beside the usual one; no chart while too few whole months are known."""
    if not pace.usual:
        note = _("Мало данных для обычного темпа: нужны два полных месяца.")
        return {"pace_chart": None, "pace_note": note}
    money, days = (
        _money(words),
        [pace.month.start + timedelta(days=number) for number in range(pace.month.days)],
    )
    today = days[len(pace.spent) - 1]
    spent = list(zip(days, pace.spent, strict=False))
    drawn = curves.curve_chart(
        [
            Curve(_("обычно"), "usual", list(zip(days, pace.usual, strict=True))),
            Curve(_("этот месяц"), "now", spent if len(spent) > 1 else [*spent, *spent]),
        ],
        formats=words,
        summary=_("Потрачено {spent}, обычно к этому дню {usual}").format(
            spent=money(pace.spent[-1]), usual=money(pace.usual[len(pace.spent) - 1])
        ),
        marks=[spent[-1]],
        today=today,
        height=MINI_HEIGHT,
    )
    note = _("{summary}. Без регулярных платежей и переводов себе.").format(summary=drawn.summary)
    return {"pace_chart": drawn, "pace_note": note}


# --- the record ---


def _record_words(record: TrackRecord, days: int, words: "Formats") -> Sequence[str]:
    """What became of earlier forecasts, or when the first one can be checked."""
    if not record.checks:
        if record.next_on is None:
            return [_("Прогноз ещё ни разу не сохранялся: он сохраняется раз в день.")]
        day = words.date_short(record.next_on)
        return [_("Первую проверку покажем после {day}: прогноз сохраняется каждый день.").format(day=day)]
    money, latest = _money(words), record.checks[0]
    return [
        _("{day} мы ожидали {amount} (от {low} до {high}), стало {actual}.").format(
            day=words.date_short(latest.record.made_on),
            amount=money(latest.record.amount),
            low=money(latest.record.low),
            high=money(latest.record.high),
            actual=money(latest.actual),
        ),
        _("Проверено прогнозов на {days}: {total}. Попали в полосу: {inside} ({share}).").format(
            days=words.count(days, "day"),
            total=record.total,
            inside=record.inside,
            share=words.percent(Decimal(record.inside) / record.total),
        ),
    ]


def _record_table(record: TrackRecord, links: ReportLinks) -> Table:
    columns = (
        Column(_("Предсказано"), Kind.DAY),
        Column(_("На день"), Kind.DAY),
        Column(_("Ожидали"), Kind.MONEY),
        Column(_("Не меньше"), Kind.MONEY),
        Column(_("Не больше"), Kind.MONEY),
        Column(_("Стало"), Kind.MONEY),
        Column(_("Отклонение"), Kind.CHANGE),
        Column(_("В полосе")),
    )
    lines = [
        Line(
            (
                one.record.made_on,
                one.record.target_on,
                one.record.amount,
                one.record.low,
                one.record.high,
                one.actual,
                one.error,
                _("да") if one.is_inside else _("нет"),
            )
        )
        for one in record.checks
    ]
    return Table(
        "track-record", _("Проверка прогноза"), HOME_CURRENCY, columns, lines, links.csv("track-record")
    )


def _money(words: "Formats") -> Any:
    def write(value: Decimal) -> str:
        return words.money(value, HOME_CURRENCY)

    return write
