"""Kernel: lines of a table as a PDF, written by a process of its own.

The library that writes it takes 30 MB and as much of the processor as it gets. In a process that ends with
the file neither is taken from the other requests of this one.
"""

import io
import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

PDF_TYPE = "application/pdf"
ROOT = Path(__file__).resolve().parents[1]
LONGEST = 60  # seconds; five thousand lines take three


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what its header says, its share of the width, and whether figures stand in it."""

    title: str
    share: int
    is_figure: bool = False


def pdf_file(
    *,
    title: str,
    facts: Sequence[str],
    columns: Sequence[Column],
    lines: Iterable[Sequence[str]],
    page_word: str,
) -> IO[bytes]:
    """The file, at its beginning: the title, facts about the whole under it, then the table.

    All of it is in memory once, so callers bound how many lines there are.
    """
    document = {
        "title": title,
        "facts": facts,
        "columns": [asdict(column) for column in columns],
        "lines": list(lines),
        "page_word": page_word,
    }
    written = subprocess.run(
        [sys.executable, "-m", "financehub.paper_writer"],
        input=json.dumps(document).encode(),
        stdout=subprocess.PIPE,
        cwd=ROOT,
        timeout=LONGEST,
        check=True,
    )
    return io.BytesIO(written.stdout)
