"""Statements: days and amounts as files write them."""

import re
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from banking.statements.words import CURRENCY_SIGN
from financehub.periods import local_date

FIRST_YEAR = 1990
LARGEST = Decimal(10) ** 9

_RUSSIAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})(?:[ T]+\d{1,2}:\d{2}(?::\d{2})?)?")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009']+")
_MINUS = ("-", "−", "–")
_GROUPS = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_FIGURE = re.compile(r"\d+(?:\.\d+)?")
MOST_DIGITS = 30
LONGEST_CELL = 60


class Unreadable(ValueError):
    """A cell that says nothing we can use; the message is for people."""


def day_of(text: str) -> date:
    """`09.11.2025`, `9.11.25`, `2025-11-09`, any of them with a time; a zone is brought to Moscow's."""
    if found := _RUSSIAN_DAY.fullmatch(text):
        day, month, year = (int(part) for part in found.groups())
        return _date(year + 2000 if year < 100 else year, month, day, text)
    if _ISO_DAY.match(text):
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise _no_day(text) from error
        day_there = local_date(moment) if moment.tzinfo else moment.date()
        return _date(day_there.year, day_there.month, day_there.day, text)
    raise _no_day(text)


def amount_of(text: str, *, decimal: str) -> Decimal:
    """A signed figure; `decimal` is the file's mark before kopecks, empty where it shows none."""
    figure = CURRENCY_SIGN.sub("", _SPACES.sub("", text)) if len(text) <= LONGEST_CELL else ""
    is_negative = figure.startswith(_MINUS) or (figure.startswith("(") and figure.endswith(")"))
    figure = figure.strip("+-−–()")
    if not decimal and _GROUPS.fullmatch(figure):
        raise Unreadable(_("непонятно, где копейки в сумме «{text}»").format(text=_short(text)))
    if decimal:
        figure = figure.replace("." if decimal == "," else ",", "")
    figure = figure.replace(",", ".")
    if len(figure) > MOST_DIGITS or not figure.isascii() or not _FIGURE.fullmatch(figure):
        raise Unreadable(_("сумма «{text}» не читается").format(text=_short(text)))
    amount = Decimal(figure)
    if amount >= LARGEST:
        raise Unreadable(_("сумма «{text}» слишком велика").format(text=_short(text)))
    return (-amount if is_negative else amount).quantize(Decimal("0.01"))


def _date(year: int, month: int, day: int, text: str) -> date:
    try:
        found = date(year, month, day)
    except ValueError as error:
        raise _no_day(text) from error
    if found.year < FIRST_YEAR:
        raise _no_day(text)
    return found


def _no_day(text: str) -> Unreadable:
    return Unreadable(_("дата «{text}» не читается").format(text=_short(text)))


def _short(text: str) -> str:
    return text if len(text) <= 30 else f"{text[:30]}…"
