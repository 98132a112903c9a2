"""Kernel: the process that `paper` starts: a table as JSON comes in, a PDF goes out. It knows no Django.

One line a row, the header and the page number on every page.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from fpdf import FPDF
from fpdf.fonts import TTFFont

FONTS = Path(__file__).parent / "fonts"
FONT = "DejaVuSansCondensed"  # the fonts that every reader of PDF has know no Cyrillic
SIZE, LINE, MARGIN = 8, 5.5, 12  # points; millimetres
GREY = 200
ELLIPSIS = "…"


def write(document: dict[str, Any]) -> bytes:
    """The PDF of a table: `title`, `facts`, `columns` as paper.Column, `lines` of texts, `page_word`."""
    paper = _paper(document["title"])
    table = _Table(paper, document["columns"], document["page_word"])
    table.begin(document["title"], document["facts"])
    for line in document["lines"]:
        table.add(line)
    table.end()
    return bytes(paper.output())


def _paper(title: str) -> FPDF:
    paper = FPDF(orientation="landscape", format="A4")
    paper.add_font(FONT, "", FONTS / f"{FONT}.ttf")
    paper.add_font(FONT, "B", FONTS / f"{FONT}-Bold.ttf")
    paper.set_title(title)
    paper.set_margin(MARGIN)
    paper.set_auto_page_break(False)
    paper.set_draw_color(GREY)
    paper.set_font(FONT, size=SIZE)
    return paper


class _Table:
    """Writes lines page by page; a text too long for its column ends in an ellipsis."""

    def __init__(self, paper: FPDF, columns: Sequence[dict[str, Any]], page_word: str) -> None:
        shares = sum(column["share"] for column in columns)
        self._paper, self._columns, self._page_word = paper, columns, page_word
        self._widths = [paper.epw * column["share"] / shares for column in columns]
        self._known = frozenset(map(chr, cast(TTFFont, paper.fonts[FONT.lower()]).cmap))
        self._fitting: dict[tuple[str, int], str] = {}

    def begin(self, title: str, facts: Sequence[str]) -> None:
        self._paper.add_page()
        self._paper.set_font(FONT, "B", 2 * SIZE)
        self._paper.cell(0, 2 * LINE, self._printable(title), new_x="LMARGIN", new_y="NEXT")
        self._paper.set_font(FONT, size=SIZE)
        for fact in facts:
            self._paper.cell(0, LINE, self._printable(fact), new_x="LMARGIN", new_y="NEXT")
        self._paper.ln(LINE / 2)
        self._header()

    def add(self, line: Sequence[str]) -> None:
        if self._paper.get_y() + LINE > self._paper.h - 2 * MARGIN:
            self.end()
            self._paper.add_page()
            self._header()
        self._row(line)

    def end(self) -> None:
        """The foot of a page."""
        self._paper.set_y(-MARGIN)
        self._paper.cell(0, LINE, f"{self._page_word} {self._paper.page_no()}", align="R")

    def _header(self) -> None:
        self._paper.set_font(FONT, "B", SIZE)
        self._row([column["title"] for column in self._columns])
        self._paper.set_font(FONT, size=SIZE)

    def _row(self, line: Sequence[str]) -> None:
        for number, (text, column, width) in enumerate(zip(line, self._columns, self._widths, strict=True)):
            align = "R" if column["is_figure"] else "L"
            self._paper.cell(width, LINE, self._fitted(text, number), border="B", align=align)
        self._paper.ln()

    def _fitted(self, text: str, column: int) -> str:
        """The text, or as much of it as the column holds. Shops and categories come again and again."""
        key = text, column
        if key not in self._fitting:
            self._fitting[key] = self._cut(self._printable(text), self._widths[column])
        return self._fitting[key]

    def _cut(self, text: str, width: float) -> str:
        room = width - 2 * self._paper.c_margin
        if self._paper.get_string_width(text) <= room:
            return text
        while text and self._paper.get_string_width(text + ELLIPSIS) > room:
            text = text[:-1]
        return text + ELLIPSIS

    def _printable(self, text: str) -> str:
        """One line without the signs that the font lacks, emoji above all."""
        return "".join(sign for sign in " ".join(text.split()) if sign in self._known)


if __name__ == "__main__":
    sys.stdout.buffer.write(write(json.load(sys.stdin)))
