"""Statements, step 1: bytes of any origin become a sheet of text cells, or a refusal in plain words."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banking.categories.normalise import normalise
from financehub.errors import DomainError

MOST_BYTES = 10 * 2**20
MOST_ROWS = 50_000
MOST_COLUMNS = 60
DELIMITERS = (";", ",", "\t")
LONGEST_FIGURE = 40
SAMPLE = 60  # rows that delimiter and header are recognised by
DAMAGED_AFTER = 3  # letters that were good UTF-8 before a byte was not: then it is no other encoding

_BINARY = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_FIGURES = re.compile(r"[-+−–(]?\s*[\d\s.,]*\d[\d\s.,]*\)?|\d{1,4}[-./]\d{1,2}[-./]\d{1,4}.*")
_SIGNATURES = {
    b"PK\x03\x04": gettext_lazy("Это книга Excel или архив. Откройте её и сохраните как CSV."),
    b"\xd0\xcf\x11\xe0": gettext_lazy("Это книга Excel или архив. Откройте её и сохраните как CSV."),
    b"%PDF": gettext_lazy("Это PDF. Нужна выписка в формате CSV."),
}


class UnreadableFile(DomainError):
    """What was brought is no table that can be read; the message says why and what to do."""

    code = "unreadable_file"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of text: its header, and where its rows begin."""

    text: str
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    has_header: bool
    skipped: int

    @property
    def signature(self) -> str:
        """The same for all files with this header, whatever is in their rows."""
        names = [normalise(name) for name in self.header] if self.has_header else [str(len(self.header))]
        return blake2b("\x1f".join(names).encode(), digest_size=16).hexdigest()

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The number of a line and its cells, for every line with anything in it; raises UnreadableFile."""
        found = 0
        for line, cells in islice(_lines(self.text, self.delimiter), self.skipped, None):
            if not any(cells):
                continue
            found += 1
            if found > MOST_ROWS:
                raise UnreadableFile(_("В файле больше 50 000 строк. Разделите его на части."))
            yield line, cells


def open_sheet(data: bytes) -> Sheet:
    """The table in a file; raises UnreadableFile."""
    text, encoding = _decoded(data)
    delimiter, width = _layout(text)
    if width > MOST_COLUMNS:
        raise UnreadableFile(_("В файле слишком много столбцов: можно не больше 60."))
    first, cells = next(
        (number, cells)
        for number, (_line, cells) in enumerate(_lines(text, delimiter))
        if len(cells) == width and any(cells)
    )
    has_header = not any(_FIGURES.fullmatch(cell) for cell in cells if 0 < len(cell) <= LONGEST_FIGURE)
    names = cells if has_header else [""] * width
    header = tuple(name or _("Столбец {number}").format(number=place) for place, name in enumerate(names, 1))
    return Sheet(text, encoding, delimiter, header, has_header, first + has_header)


def _decoded(data: bytes) -> tuple[str, str]:
    if len(data) > MOST_BYTES:
        raise UnreadableFile(_("Файл больше 10 МБ. Разделите его на части."))
    for signature, refusal in _SIGNATURES.items():
        if data.startswith(signature):
            raise UnreadableFile(refusal)
    encoding = _encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableFile(_("Не получилось прочитать буквы: сохраните файл в кодировке UTF-8.")) from error
    if _BINARY.search(text):
        raise UnreadableFile(_("В файле не текст, а двоичные данные. Нужна выписка в формате CSV."))
    if not text.strip():
        raise UnreadableFile(_("Файл пустой."))
    return text, encoding


def _encoding(data: bytes) -> str:
    """By the byte order mark; else UTF-8 where it fits, and the Russian Windows one where it does not."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        letters = sum(not character.isascii() for character in data[: error.start].decode("utf-8-sig"))
        return "utf-8" if letters >= DAMAGED_AFTER else "cp1251"
    return "utf-8-sig"


def _layout(text: str) -> tuple[str, int]:
    """The delimiter that cuts most lines alike, and into how many cells."""
    found = max((_regularity(text, delimiter), delimiter) for delimiter in DELIMITERS)
    (lines, width), delimiter = found
    if not lines:
        raise UnreadableFile(
            _("Не нашли столбцов. Нужен CSV: в строке дата, сумма и описание через «;», «,» или табуляцию.")
        )
    return delimiter, width


def _regularity(text: str, delimiter: str) -> tuple[int, int]:
    widths: Counter[int] = Counter()
    with suppress(UnreadableFile):  # whoever reads the rows is told, with the line
        for _line, cells in islice(_lines(text, delimiter), SAMPLE):
            if len(cells) > 1 and any(cells):
                widths[len(cells)] += 1
    return max(((lines, width) for width, lines in widths.items()), default=(0, 0))


def _lines(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Every line, blank ones too, its cells without the space around them."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise UnreadableFile(
            _("Строка {line} не читается: слишком длинное поле или незакрытая кавычка.").format(
                line=reader.line_num
            )
        ) from error
