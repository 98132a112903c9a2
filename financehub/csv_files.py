"""Kernel: tables as CSV that spreadsheets and programs read alike: exact figures, no formulas."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from io import StringIO

from financehub.sheets import BOM as BYTE_ORDER_MARK
from financehub.sheets import safe_text

Value = Decimal | int | date | str | None


def cell(value: Value) -> str:
    """A value as its cell: figures with a point and an ASCII minus, text that no spreadsheet computes."""
    if isinstance(value, str):
        return safe_text(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "" if value is None else str(value)


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> str:
    """The whole file, a byte order mark before its first line."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(map(cell, header))
    writer.writerows([cell(value) for value in row] for row in rows)
    return BYTE_ORDER_MARK + out.getvalue()
