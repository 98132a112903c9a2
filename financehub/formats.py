"""Kernel: how figures, dates and counted words are written, in Russian and in English.

Rows of a list are formatted here, in Python, once per row: template filters in a loop would cost
more than the query. Take `current()` once and call its methods.
"""

import html
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from financehub.money import MINOR_UNITS

NBSP = "\u00a0"
MINUS = "\u2212"
_NOUGHTS = f"-0.,{NBSP}"
MOSCOW = ZoneInfo("Europe/Moscow")

# The yuan keeps its bare sign; the yen, which shares it, is written by its code.
CURRENCY_SIGNS = {
    "RUB": "₽",
    "RUR": "₽",
    "USD": "$",
    "EUR": "€",
    "CNY": "¥",
    "GBP": "£",
    "KZT": "₸",
    "TRY": "₺",
}

# Singular and plural forms: three in Russian, two in English.
NOUNS = {
    "transaction": {"ru": ("операция", "операции", "операций"), "en": ("transaction", "transactions")},
    "account": {"ru": ("счёт", "счёта", "счетов"), "en": ("account", "accounts")},
    "card": {"ru": ("карта", "карты", "карт"), "en": ("card", "cards")},
    "bank": {"ru": ("банк", "банка", "банков"), "en": ("bank", "banks")},
    "connection": {"ru": ("подключение", "подключения", "подключений"), "en": ("connection", "connections")},
    "category": {"ru": ("категория", "категории", "категорий"), "en": ("category", "categories")},
    "transfer": {"ru": ("перевод", "перевода", "переводов"), "en": ("transfer", "transfers")},
    "line": {"ru": ("строка", "строки", "строк"), "en": ("line", "lines")},
    "minute": {"ru": ("минута", "минуты", "минут"), "en": ("minute", "minutes")},
    "day": {"ru": ("день", "дня", "дней"), "en": ("day", "days")},
    "month": {"ru": ("месяц", "месяца", "месяцев"), "en": ("month", "months")},
    "year": {"ru": ("год", "года", "лет"), "en": ("year", "years")},
}


@lru_cache(maxsize=64)
def currency_sign(currency: str) -> str:
    """The sign of a currency, or its code where no sign is unambiguous."""
    return CURRENCY_SIGNS.get(currency, currency)


@lru_cache(maxsize=64)
def _currency_markup(currency: str, *, after: bool) -> str:
    sign = escape(currency_sign(currency))
    if after:
        return f'<span class="amount-currency">{NBSP}{sign}</span></span>'
    gap = NBSP if sign.isalpha() else ""
    return f'<span class="amount-currency">{sign}{gap}</span>'


def russian_form(count: int) -> int:
    """Which of the three Russian forms stands beside a count: 0 for 1, 1 for 2-4, 2 for the rest."""
    tens, ones = abs(count) % 100, abs(count) % 10
    if 11 <= tens <= 14 or ones == 0 or ones >= 5:
        return 2
    return 0 if ones == 1 else 1


def english_form(count: int) -> int:
    """Which of the two English forms stands beside a count."""
    return 0 if abs(count) == 1 else 1


def account_tail(number: str) -> str:
    """The last four digits of an account number, the only part that lists show."""
    return f"••{NBSP}{number[-4:]}"


@dataclass(frozen=True, slots=True)
class Formats:
    """The written forms of one language."""

    language: str
    decimal_mark: str
    sign_after: bool
    percent_gap: str
    steps: tuple[tuple[int, str], ...]
    months: tuple[str, ...]
    months_of_date: tuple[str, ...]
    months_short: tuple[str, ...]
    weekdays: tuple[str, ...]
    weekdays_short: tuple[str, ...]
    today: str
    yesterday: str

    # --- figures ---

    def number(self, value: Decimal | int, *, digits: int = 0) -> str:
        """A figure with groups of three: `1 234,56`."""
        text = f"{value:,.{digits}f}"
        if self.sign_after:
            text = text.replace(",", NBSP).replace(".", ",")
        if not text.startswith("-"):
            return text
        return text.replace("-", MINUS) if text.strip(_NOUGHTS) else text[1:]

    def money(self, value: Decimal, currency: str, *, signed: bool = False, whole: bool = False) -> str:
        """An amount as plain text: `−1 234,56 ₽`; `signed` writes the plus of money in."""
        figure = self.number(abs(value), digits=0 if whole else MINOR_UNITS.get(currency, 2))
        sign = MINUS if value < 0 else "+" if signed and value > 0 else ""
        mark = currency_sign(currency)
        if self.sign_after:
            return f"{sign}{figure}{NBSP}{mark}"
        return f"{sign}{mark}{NBSP if mark.isalpha() else ''}{figure}"

    def amount(
        self,
        value: Decimal,
        currency: str,
        *,
        signed: bool = False,
        whole: bool = False,
        tone: str = "",
    ) -> SafeString:
        """An amount as markup, its currency in a quieter tone.

        With `signed`, money in gets a plus and the colour of money in. `tone` overrides the
        colour: "plain", "still" (own transfers) or "void" (declined).
        """
        text = f"{abs(value):,.{0 if whole else MINOR_UNITS.get(currency, 2)}f}"
        sign = ""
        if value < 0:
            sign = MINUS
        elif signed and value > 0:
            sign = "+"
            tone = tone or "in"
        css = f"amount amount-{tone}" if tone else "amount"
        mark = _currency_markup(currency, after=self.sign_after)
        if self.sign_after:
            text = text.replace(",", NBSP).replace(".", ",")
            return mark_safe(f'<span class="{css}">{sign}{text}{mark}')  # noqa: S308 - figures and an escaped sign
        return mark_safe(f'<span class="{css}">{sign}{mark}{text}</span>')  # noqa: S308 - as above

    def compact(
        self, value: Decimal | int, currency: str = "", *, like: Decimal | None = None, digits: int = 1
    ) -> str:
        """A short figure for axes and tiles: `12,3 тыс. ₽`. The exact one belongs beside it.

        On an axis all labels take the unit of the largest value, given as `like`.
        """
        measure = abs(Decimal(value if like is None else like))
        size, unit = next((step for step in self.steps if measure >= step[0]), (1, ""))
        digits = 0 if size == 1 and like is None else digits
        figure = self.number(Decimal(value) / size, digits=digits)
        if self.decimal_mark in figure:
            figure = figure.rstrip("0").removesuffix(self.decimal_mark)
        if figure == "0":
            unit = ""
        sign = currency_sign(currency)
        if self.sign_after:
            return NBSP.join(part for part in (figure, unit, sign) if part)
        minus = MINUS if figure.startswith(MINUS) else ""
        return f"{minus}{sign}{figure.removeprefix(MINUS)}{unit}"

    def percent(self, share: Decimal, *, digits: int = 1, signed: bool = False) -> str:
        """A share given as a ratio (0.123 → `12,3 %`); a change carries its sign."""
        figure = self.number(share * 100, digits=digits).removesuffix(f"{self.decimal_mark}0")
        plus = "+" if signed and share > 0 else ""
        return f"{plus}{figure}{self.percent_gap}%"

    def count(self, count: int, noun: str) -> str:
        """A counted word: `248 операций`."""
        form = russian_form(count) if self.language == "ru" else english_form(count)
        return f"{self.number(count)}{NBSP}{NOUNS[noun][self.language][form]}"

    # --- dates ---

    def date_text(self, day: date, *, today: date) -> str:
        """A date in running text: `9 ноября`, with its year when that is not this year."""
        text = f"{day.day}{NBSP}{self.months_of_date[day.month - 1]}"
        if day.year == today.year:
            return text
        era = f"{NBSP}г." if self.language == "ru" else ""
        return f"{text} {day.year}{era}"

    def date_short(self, day: date) -> str:
        """A date in a table: `09.11.2025`."""
        if self.language == "ru":
            return f"{day.day:02}.{day.month:02}.{day.year}"
        return f"{day.day}{NBSP}{self.months_short[day.month - 1]}{NBSP}{day.year}"

    def date_axis(self, day: date) -> str:
        """A date under a chart: `9 ноя`."""
        return f"{day.day}{NBSP}{self.months_short[day.month - 1]}"

    def day_header(self, day: date, *, today: date) -> str:
        """The heading of one day's rows: `Сегодня`, `Вчера`, `9 ноября, воскресенье`."""
        if day == today:
            return self.today
        if day == today - timedelta(days=1):
            return self.yesterday
        text, weekday = self.date_text(day, today=today), self.weekdays[day.weekday()]
        return f"{text}, {weekday}" if self.language == "ru" else f"{weekday}, {text}"

    def month(self, day: date) -> str:
        """A month in the nominative: `ноябрь 2025`."""
        return f"{self.months[day.month - 1]} {day.year}"

    def time(self, moment: datetime) -> str:
        """The clock in Moscow: `14:32`."""
        local = moment.astimezone(MOSCOW)
        return f"{local.hour:02}:{local.minute:02}"

    def moment(self, moment: datetime, *, today: date) -> str:
        """A moment as short as it can be understood: `14:32` today, else `9 ноября, 14:32`."""
        day = moment.astimezone(MOSCOW).date()
        if day == today:
            return self.time(moment)
        return f"{self.date_text(day, today=today)}, {self.time(moment)}"


RUSSIAN = Formats(
    language="ru",
    decimal_mark=",",
    sign_after=True,
    percent_gap=NBSP,
    steps=((1_000_000_000, "млрд"), (1_000_000, "млн"), (1_000, "тыс.")),
    months=(
        *("январь", "февраль", "март", "апрель", "май", "июнь"),
        *("июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"),
    ),
    months_of_date=(
        *("января", "февраля", "марта", "апреля", "мая", "июня"),
        *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
    ),
    months_short=("янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"),
    weekdays=("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"),
    weekdays_short=("пн", "вт", "ср", "чт", "пт", "сб", "вс"),
    today="Сегодня",
    yesterday="Вчера",
)

_ENGLISH_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
ENGLISH = Formats(
    language="en",
    decimal_mark=".",
    sign_after=False,
    percent_gap="",
    steps=((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "K")),
    months=_ENGLISH_MONTHS,
    months_of_date=_ENGLISH_MONTHS,
    months_short=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    weekdays_short=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    today="Today",
    yesterday="Yesterday",
)


def escaped(text: str) -> SafeString:
    """A text of a list's cell, escaped once here instead of in a template's loop.

    Django's own functions look at each of a page's hundreds of texts for a lazy one.
    """
    return SafeString(html.escape(text))


def current() -> Formats:
    """The forms of the language this request speaks."""
    return ENGLISH if (get_language() or "ru").startswith("en") else RUSSIAN
