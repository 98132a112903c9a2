"""Tables of reports: the same figures as cells of a page and as a CSV file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from financehub import csv_files, formats
from financehub.csv_files import Value
from financehub.money import quantize

SHARE_DIGITS = Decimal("0.0001")


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    MONEY = "money"
    CHANGE = "change"
    SHARE = "share"
    COUNT = "count"
    PLAIN = "plain"  # money whose currency stands in its own column
    MONTH = "month"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Column:
    """A heading and what stands under it."""

    title: str
    kind: Kind = Kind.TEXT

    @property
    def is_number(self) -> bool:
        return self.kind not in {Kind.TEXT, Kind.MONTH, Kind.DAY}


@dataclass(frozen=True, slots=True)
class Line:
    """The values of a row, and the transactions behind it."""

    values: tuple[Value, ...]
    url: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as the page writes it."""

    text: str
    label: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A report in figures; `name` stands in the address of its CSV file."""

    name: str
    title: str
    currency: str
    columns: tuple[Column, ...]
    lines: Sequence[Line]
    csv_url: str

    @property
    def rows(self) -> list[tuple[str, Cell, list[Cell]]]:
        """Every line as its link, its head and the rest."""
        words = formats.current()
        found = []
        for line in self.lines:
            head, *rest = (
                Cell(self._shown(value, column.kind, words), column.title, column.is_number)
                for value, column in zip(line.values, self.columns, strict=True)
            )
            found.append((line.url, head, rest))
        return found

    def csv(self) -> str:
        """The file: exact figures, the currency in the headings of money."""
        header = [
            f"{column.title}, {self.currency}" if column.kind in {Kind.MONEY, Kind.CHANGE} else column.title
            for column in self.columns
        ]
        return csv_files.csv_text(
            header,
            [
                [
                    self._stored(value, column.kind)
                    for value, column in zip(line.values, self.columns, strict=True)
                ]
                for line in self.lines
            ],
        )

    def _shown(self, value: Value, kind: Kind, words: formats.Formats) -> str:
        if value is None:
            return "—"
        write = _WRITERS.get(kind)
        return write(value, words, self.currency) if write else str(value)

    def _stored(self, value: Value, kind: Kind) -> Value:
        if isinstance(value, Decimal):
            if kind is Kind.SHARE:
                return value.quantize(SHARE_DIGITS, ROUND_HALF_EVEN)
            return quantize(value, self.currency)
        if isinstance(value, date) and kind is Kind.MONTH:
            return f"{value:%Y-%m}"
        return value


_WRITERS: Mapping[Kind, Callable[..., str]] = {
    Kind.MONEY: lambda value, words, currency: words.money(value, currency),
    Kind.CHANGE: lambda value, words, currency: words.money(value, currency, signed=True),
    Kind.PLAIN: lambda value, words, _: words.number(value, digits=2),
    Kind.SHARE: lambda value, words, _: words.percent(value),
    Kind.COUNT: lambda value, words, _: words.number(value),
    Kind.MONTH: lambda value, words, _: words.month(value),
    Kind.DAY: lambda value, words, _: words.date_short(value),
}
