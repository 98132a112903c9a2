"""Statements, step 2: which column of a sheet means what, guessed from its header and its first rows."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from itertools import islice
from typing import Any, Self

from banking.categories.normalise import normalise
from banking.statements.cells import Unreadable, day_of
from banking.statements.files import LONGEST_FIGURE, Sheet
from banking.statements.words import NAMES

SAMPLE = 200
MOSTLY = 0.8
ROLES = ("date", "amount", "debit", "credit", "description", "merchant", "mcc", "currency", "category")
_CENTS = re.compile(r"([.,])\d{1,2}\D*$")
_NUMBER = re.compile(r"[-+−–(]?[\d\s\u00a0]+([.,]\d+)*\)?\s*\D{0,4}")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where in a line stands what (None: nowhere), and how its figures are written.

    Amounts stand in one column with their sign, or in two without. `decimal` is the mark before
    kopecks, empty where the file shows none; `inverted`: spending has no minus in this file.
    """

    date: int | None = None
    amount: int | None = None
    debit: int | None = None
    credit: int | None = None
    description: int | None = None
    merchant: int | None = None
    mcc: int | None = None
    currency: int | None = None
    category: int | None = None
    decimal: str = ""
    inverted: bool = False

    @property
    def is_enough(self) -> bool:
        """Whether rows can be made: a day and a sum."""
        return self.date is not None and (self.amount is not None or self.has_two_sides)

    @property
    def has_two_sides(self) -> bool:
        return self.debit is not None or self.credit is not None

    def stored(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """As it was kept."""
        return cls(**{each.name: stored[each.name] for each in fields(cls) if each.name in stored})


def guess(sheet: Sheet) -> Columns:
    """What the header says, else what stands in the rows."""
    sample = [cells for _line, cells in islice(sheet.rows(), SAMPLE)]
    named: dict[str, Any] = dict(_named(sheet.header)) if sheet.has_header else {}
    if "date" not in named:
        named |= _first("date", sample, named, _is_day, len(sheet.header))
    if not {"amount", "debit", "credit"} & named.keys():
        named |= _first("amount", sample, named, _is_amount, len(sheet.header))
    if not {"description", "merchant"} & named.keys():
        named |= _first("description", sample, named, _is_text, len(sheet.header))
    if "amount" in named:  # a pair beside it would be the same money again
        named = {role: place for role, place in named.items() if role not in {"debit", "credit"}}
    return with_decimal(Columns(**named), sample)


def with_decimal(columns: Columns, sample: Iterable[Sequence[str]]) -> Columns:
    """The same with the mark that stands before kopecks in these rows."""
    places = [place for place in (columns.amount, columns.debit, columns.credit) if place is not None]
    marks = Counter(
        found[1]
        for cells in sample
        for place in places
        if place < len(cells) and (found := _CENTS.search(cells[place][-LONGEST_FIGURE:]))
    )
    most = marks.most_common(1)
    return replace(columns, decimal=most[0][0] if most else "")


def _named(header: Sequence[str]) -> dict[str, int]:
    """The first column under the surest name of each role; a column has one role."""
    names = [normalise(name) for name in header]
    found: dict[str, int] = {}
    for role in ROLES:
        fitting = (
            place
            for name in NAMES[role]
            for place, column in enumerate(names)
            if (column == name or column.startswith(f"{name} ")) and place not in found.values()
        )
        if (place := next(fitting, None)) is not None:
            found[role] = place
    return found


def _first(
    role: str, sample: Sequence[Sequence[str]], named: Mapping[str, int], fits: Any, width: int
) -> dict[str, int]:
    """The first column without a role that holds mostly such cells."""
    for place in range(width):
        cells = [cells[place] for cells in sample if place < len(cells) and cells[place]]
        if place not in named.values() and cells and sum(map(fits, cells)) >= MOSTLY * len(cells):
            return {role: place}
    return {}


def _is_day(cell: str) -> bool:
    try:
        day_of(cell)
    except Unreadable:
        return False
    return True


def _is_amount(cell: str) -> bool:
    return len(cell) <= LONGEST_FIGURE and _NUMBER.fullmatch(cell) is not None


def _is_text(cell: str) -> bool:
    return sum(character.isalpha() for character in cell) >= 3
