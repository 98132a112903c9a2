"""Files for spreadsheets: every text stays a text, amounts and dates stay what they are."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from financehub import csv_files, sheets

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\u00a0=1",
    "\ufeff=1",
    "\u200b=1",
    "＝1+1",
    "＠x",
    "-",
    '=HYPERLINK("http://x","y")',
    "=cmd|'/c calc'!A1",
]
TEXTS = ["Пятёрочка", "5411", "", 'a;b,c"d\ne', "О'Кей", "👪", "x=1", "<b>&amp;"]
LINE = (date(2025, 11, 9), Decimal("-1234.5000"))


def read_csv(lines: Iterable[str]) -> list[list[str]]:
    text = "".join(lines)
    assert text.startswith("\ufeff")
    assert text.count("\ufeff") == 1
    return list(csv.reader(io.StringIO(text[1:], newline="")))


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_like_a_formula_gets_an_apostrophe(text: str) -> None:
    (_, (cell,)) = read_csv(sheets.csv_lines(["a"], [(text.replace("\ufeff", "\u2060"),)]))
    assert cell.startswith("'")


@given(st.text())
def test_no_text_at_all_begins_a_formula(text: str) -> None:
    visible = re.sub(r"^[^!-\U0010ffff]+", "", sheets.safe_text(text))
    assert not visible.startswith(tuple("=+-@＝＋－＠"))


@pytest.mark.parametrize("text", FORMULAS)
def test_tables_of_reports_are_as_safe(text: str) -> None:
    assert csv_files.cell(text).startswith("'")


def test_amounts_keep_every_digit_of_their_currency() -> None:
    lines = [(Decimal(text),) for text in ("1.2340", "-0.0001", "5", "7.10", "0")]
    _, *cells = (cell for (cell,) in read_csv(sheets.csv_lines(["a"], lines)))
    assert cells == ["1.234", "-0.0001", "5.00", "7.10", "0.00"]


def test_csv_gives_back_what_was_written() -> None:
    rows = read_csv(sheets.csv_lines(["а", "б"], [LINE, *((text, text) for text in TEXTS)]))
    assert rows == [["а", "б"], ["2025-11-09", "-1234.50"], *([text, text] for text in TEXTS)]


def test_xlsx_holds_texts_numbers_and_dates_and_no_formula() -> None:
    texts = [*FORMULAS, *TEXTS, "http://example.com", "nul\x00\x08 \ufffe"]
    file = sheets.xlsx_file(["шапка"], [LINE, *((text,) for text in texts)])
    with file, zipfile.ZipFile(file) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    cells = ElementTree.fromstring(sheet).findall(".//{*}c")  # noqa: S314  written here
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert [cell.get("t") for cell in cells] == ["inlineStr", None, None, *["inlineStr"] * len(texts)]
    assert [cell[0].text for cell in cells[1:3]] == ["45970", "-1234.5000"]


def test_a_full_sheet_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "LINES_OF_SHEET", 2)
    for lines, expected in ((0, 1), (2, 1), (3, 2), (5, 3)):
        file = sheets.xlsx_file(["a"], [("x",)] * lines)
        with file, zipfile.ZipFile(file) as book:
            found = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(found) == expected


def test_ods_holds_texts_numbers_and_dates_and_no_formula() -> None:
    texts = [*FORMULAS, *TEXTS]
    file = sheets.ods_file(["шапка"], [LINE, *((text,) for text in texts)])
    with file, zipfile.ZipFile(file) as book:
        assert book.namelist()[0] == "mimetype"
        content = book.read("content.xml").decode()
    office = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
    cells = ElementTree.fromstring(content).findall(".//{*}table-cell")  # noqa: S314  written here
    assert "formula" not in content
    assert [cell.get(f"{office}value-type") for cell in cells] == [
        "string",
        "date",
        "float",
        *["string"] * len(texts),
    ]
    assert cells[2].get(f"{office}value") == "-1234.50"
