"""Kernel: lines of a table as CSV, XLSX and ODS, written one by one and safe to open in a spreadsheet.

A spreadsheet takes a text that begins like a formula for one, so such texts get an apostrophe in CSV; the
other formats say of each cell what it is. Amounts and dates stay what they are in all of them.
"""

import csv
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain, islice
from typing import IO
from xml.sax.saxutils import escape

import xlsxwriter

Cell = str | Decimal | date
Line = Sequence[Cell]

BOM = "\ufeff"
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
LINES_OF_SHEET = 1_000_000  # the formats end at 1,048,576
IN_MEMORY = 1_000_000

# White space and what cannot be seen do not keep a spreadsheet from finding the formula behind them.
_FORMULA = re.compile(r"[\s\x00-\x20\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]|[\t\r\n]")
_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def safe_text(text: str) -> str:
    """A text that no spreadsheet takes for a formula, without what no file may hold."""
    text = _UNPRINTABLE.sub("", text)
    return f"'{text}" if _FORMULA.match(text) else text


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(header: Sequence[str], lines: Iterable[Line]) -> Iterator[str]:
    """The file piece by piece, beginning with the mark by which Excel knows UTF-8."""
    writer = csv.writer(_Echo())
    yield BOM + str(writer.writerow(header))
    for line in lines:
        yield str(writer.writerow([_csv_cell(cell) for cell in line]))


def _csv_cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return safe_text(cell)
    return cell.isoformat() if isinstance(cell, date) else _amount(cell)


def _amount(amount: Decimal) -> str:
    """Two digits, or as many as the currency has more."""
    text = f"{amount:.2f}"
    return text if Decimal(text) == amount else f"{amount.normalize():f}"


def xlsx_file(header: Sequence[str], lines: Iterable[Line]) -> IO[bytes]:
    """The file, at its beginning; a sheet that is full is followed by the next one."""
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  the answer closes it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        formats = {
            date: book.add_format({"num_format": "dd.mm.yyyy"}),
            Decimal: book.add_format({"num_format": "#,##0.00"}),
        }
        bold = book.add_format({"bold": True})
        for part in _sheets(lines):
            sheet = book.add_worksheet()
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, header, bold)
            for number, line in enumerate(part, start=1):
                for column, cell in enumerate(line):
                    _XLSX_WRITE[type(cell)](sheet, number, column, cell, formats.get(type(cell)))
    file.seek(0)
    return file


_XLSX_WRITE: dict[type, Callable[..., object]] = {
    str: lambda sheet, row, column, cell, _: sheet.write_string(row, column, _UNPRINTABLE.sub("", cell)),
    date: lambda sheet, row, column, cell, look: sheet.write_datetime(row, column, cell, look),
    Decimal: lambda sheet, row, column, cell, look: sheet.write_number(row, column, cell, look),
}


def _sheets(lines: Iterable[Line]) -> Iterator[Iterator[Line]]:
    """The lines of each sheet; the first one is there even without any."""
    rest = iter(lines)
    yield islice(rest, LINES_OF_SHEET)
    for first in rest:
        yield chain([first], islice(rest, LINES_OF_SHEET - 1))


def ods_file(header: Sequence[str], lines: Iterable[Line]) -> IO[bytes]:
    """The file, at its beginning."""
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  the answer closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", ODS_TYPE, compress_type=zipfile.ZIP_STORED)
        book.writestr("META-INF/manifest.xml", _MANIFEST)
        with book.open("content.xml", "w") as content:
            content.write(_ODS_HEAD.encode())
            for line in chain([header], lines):
                content.write(_ods_line(line).encode())
            content.write(_ODS_TAIL.encode())
    file.seek(0)
    return file


def _ods_line(line: Line) -> str:
    return f"<table:table-row>{''.join(map(_ods_cell, line))}</table:table-row>"


def _ods_cell(cell: Cell) -> str:
    if isinstance(cell, str):
        text = escape(_UNPRINTABLE.sub("", cell))
        return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
    kind, name = ("date", "date-value") if isinstance(cell, date) else ("float", "value")
    value = _csv_cell(cell)
    return (
        f'<table:table-cell office:value-type="{kind}" office:{name}="{value}">'
        f"<text:p>{value}</text:p></table:table-cell>"
    )


_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest manifest:version="1.3"'
    ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS_TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    "</manifest:manifest>"
)
_ODS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content office:version="1.3"'
    ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
    '<office:body><office:spreadsheet><table:table table:name="1">'
)
_ODS_TAIL = "</table:table></office:spreadsheet></office:body></office:document-content>"
