"""The category, MCC and keyword files, read and checked once for the rules and for the stored categories."""

import csv
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from banking.categories.normalise import normalise

DATA: Final = Path(__file__).resolve().parent.parent / "data"
KINDS: Final = frozenset({"expense", "income", "transfer"})
MCC_COUNT: Final = 10_000


class InvalidTable(ValueError):
    """A file in banking/data contradicts itself or another one."""


@dataclass(frozen=True, slots=True)
class Category:
    slug: str
    name_ru: str
    name_en: str
    kind: str
    parent: str | None
    icon: str

    @property
    def root(self) -> str:
        return self.parent or self.slug


@dataclass(frozen=True, slots=True)
class MccRange:
    first: int
    last: int
    slug: str
    description: str


@dataclass(frozen=True, slots=True)
class Keyword:
    text: str
    words: str
    slug: str


@functools.cache
def categories() -> Mapping[str, Category]:
    """All built-in categories by slug, parents before children, in the order in which they are shown."""
    found: dict[str, Category] = {}
    for row in _rows("categories.csv"):
        category = Category(
            slug=row["slug"],
            name_ru=row["name_ru"],
            name_en=row["name_en"],
            kind=row["type"],
            parent=row["parent_slug"] or None,
            icon=row["icon"],
        )
        _check_category(category, found)
        found[category.slug] = category
    return MappingProxyType(found)


@functools.cache
def mcc_ranges() -> tuple[MccRange, ...]:
    """The MCC table in ascending order; a code between two ranges says nothing about the category."""
    ranges = tuple(
        MccRange(int(row["mcc_from"]), int(row["mcc_to"]), row["category_slug"], row["mcc_description"])
        for row in _rows("mcc_categories.csv")
    )
    before = -1
    for entry in ranges:
        _check_slug(entry.slug)
        if not before < entry.first <= entry.last < MCC_COUNT:
            raise InvalidTable(f"MCC {entry.first:04}-{entry.last:04} overlaps, is out of order or is no MCC")
        before = entry.last
    return ranges


@functools.cache
def mcc_slugs() -> tuple[str | None, ...]:
    """The slug of each MCC, at the index of its number."""
    slugs: list[str | None] = [None] * MCC_COUNT
    for entry in mcc_ranges():
        slugs[entry.first : entry.last + 1] = [entry.slug] * (entry.last - entry.first + 1)
    return tuple(slugs)


@functools.cache
def keywords() -> tuple[Keyword, ...]:
    """The merchant keywords; two spellings of the same words must agree on the category."""
    found: dict[str, Keyword] = {}
    for row in _rows("merchant_keywords.csv"):
        keyword = Keyword(row["keyword"], normalise(row["keyword"]), row["category_slug"])
        _check_slug(keyword.slug)
        if len(keyword.words) < 2:
            raise InvalidTable(f"keyword {keyword.text!r} is too short to mean anything")
        if found.setdefault(keyword.words, keyword).slug != keyword.slug:
            raise InvalidTable(f"keyword {keyword.text!r} stands in two categories")
    return tuple(found.values())


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, strict=True)


def _check_category(category: Category, before: Mapping[str, Category]) -> None:
    if category.slug in before:
        raise InvalidTable(f"category {category.slug!r} stands twice")
    if category.kind not in KINDS:
        raise InvalidTable(f"category {category.slug!r} is of unknown type {category.kind!r}")
    if category.parent is None:
        return
    parent = before.get(category.parent)
    if parent is None or parent.parent is not None or parent.kind != category.kind:
        raise InvalidTable(f"category {category.slug!r} needs a top-level parent of its own type above it")


def _check_slug(slug: str) -> None:
    if slug not in categories():
        raise InvalidTable(f"no category {slug!r}")
