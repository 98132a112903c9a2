"""Statements, step 3: a line of cells becomes a row, or is refused in plain words."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import blake2b

from django.utils.translation import gettext as _

from banking.categories.normalise import normalise
from banking.statements.cells import Unreadable, amount_of, day_of
from banking.statements.columns import Columns
from banking.statements.files import Sheet
from banking.statements.words import CURRENCY_WORDS
from financehub.sheets import safe_text

LONGEST_TEXT = 2000
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A row of a file. `key` is the same for the same row of another file, and of each of two equal ones."""

    line: int
    day: date
    amount: Decimal
    description: str
    merchant: str
    mcc: str
    category: str
    key: str


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no row, and why."""

    line: int
    why: str


def read(sheet: Sheet, columns: Columns, *, currency: str, today: date) -> Iterator[StatementRow | BadLine]:
    """Every line of a sheet as a row of an account in this currency; raises files.UnreadableFile."""
    occurrences: Counter[str] = Counter()
    for line, cells in sheet.rows():
        try:
            yield _row(_Line(line, cells, columns), occurrences, currency=currency, today=today)
        except Unreadable as error:
            yield BadLine(line, str(error))


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    cells: Sequence[str]
    columns: Columns

    def cell(self, place: int | None) -> str:
        return self.cells[place] if place is not None and place < len(self.cells) else ""

    def text(self, place: int | None, *, most: int) -> str:
        """A text without the spaces and the sign that a spreadsheet needs against formulas."""
        text = " ".join(self.cell(place).split())
        if text.startswith("'") and safe_text(text[1:]) == text:
            text = text[1:]
        if len(text) > most:
            raise Unreadable(_("текст длиннее {most} знаков").format(most=most))
        return text


def _row(line: _Line, occurrences: Counter[str], *, currency: str, today: date) -> StatementRow:
    columns = line.columns
    day = _day(line.cell(columns.date), today=today)
    amount = _amount(line)
    _same_currency(line.cell(columns.currency), currency)
    description = line.text(columns.description, most=LONGEST_TEXT)
    merchant = line.text(columns.merchant, most=LONGEST_NAME)
    content = _digest(day, amount, normalise(f"{description} {merchant}"))
    occurrences[content] += 1
    return StatementRow(
        line=line.number,
        day=day,
        amount=amount,
        description=description,
        merchant=merchant,
        mcc=_mcc(line.cell(columns.mcc)),
        category=line.text(columns.category, most=LONGEST_NAME),
        key=f"{content}:{occurrences[content]}",
    )


def _day(text: str, *, today: date) -> date:
    if not text:
        raise Unreadable(_("нет даты"))
    day = day_of(text)
    if day > today:
        raise Unreadable(_("день «{text}» ещё не наступил").format(text=text))
    return day


def _amount(line: _Line) -> Decimal:
    """What came, above zero, or went."""
    columns = line.columns
    if columns.has_two_sides:
        amount = _side(line, columns.credit) - _side(line, columns.debit)
    else:
        text = line.cell(columns.amount)
        if not text:
            raise Unreadable(_("нет суммы"))
        amount = amount_of(text, decimal=columns.decimal)
    if not amount:
        raise Unreadable(_("сумма равна нулю"))
    return -amount if columns.inverted else amount


def _side(line: _Line, place: int | None) -> Decimal:
    text = line.cell(place)
    return abs(amount_of(text, decimal=line.columns.decimal)) if text else Decimal(0)


def _same_currency(text: str, currency: str) -> None:
    if text and CURRENCY_WORDS.get(text.upper(), text.upper()) != currency:
        raise Unreadable(_("валюта «{text}», а счёт в {currency}").format(text=text[:10], currency=currency))


def _mcc(text: str) -> str:
    """Four digits; spreadsheets eat the noughts before them."""
    return text.zfill(4) if text.isascii() and text.isdecimal() and len(text) <= 4 else ""


def _digest(day: date, amount: Decimal, text: str) -> str:
    return blake2b(f"{day}\x1f{amount}\x1f{text}".encode(errors="replace"), digest_size=16).hexdigest()
