import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from banking.categories import bank_words, fixed_texts, tables


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder to put broken tables into; the readers forget what they read before and after."""
    _forget()
    monkeypatch.setattr(tables, "DATA", tmp_path)
    (tmp_path / "categories.csv").write_text(
        "slug,name_ru,name_en,type,parent_slug,icon\ncafe,Кафе,Cafe,expense,,🍽\n", encoding="utf-8"
    )
    yield tmp_path
    _forget()


def _forget() -> None:
    for reader in (tables.categories, tables.mcc_ranges, tables.mcc_slugs, tables.keywords):
        reader.cache_clear()


def test_categories_have_names_icons_and_a_parent_of_their_kind() -> None:
    categories = tables.categories()
    for category in categories.values():
        assert category.name_ru
        assert category.name_en
        assert category.icon
        assert categories[category.root].kind == category.kind


def test_mcc_table_covers_every_code() -> None:
    assert all(slug in tables.categories() for slug in tables.mcc_slugs())
    assert len(tables.mcc_slugs()) == tables.MCC_COUNT


def test_mcc_ranges_join_without_overlap() -> None:
    ranges = tables.mcc_ranges()
    for before, after in itertools.pairwise(ranges):
        assert after.first == before.last + 1


def test_keywords_name_existing_categories_and_are_distinct() -> None:
    words = [keyword.words for keyword in tables.keywords()]
    assert len(words) == len(set(words))
    assert {keyword.slug for keyword in tables.keywords()} <= tables.categories().keys()


def test_fixed_texts_and_bank_words_name_existing_categories() -> None:
    named = {*fixed_texts._OPENINGS, *fixed_texts._WHOLE.values(), *bank_words._WORDS}
    named |= {slug for pair in bank_words._TELLING_CODES.values() for slug in pair if slug}
    assert named <= tables.categories().keys()


@pytest.mark.parametrize(
    "row",
    [
        "cafe,Кафе,Cafe,expense,,🍽",
        "bar,Бары,Bars,debt,,🍻",
        "bar,Бары,Bars,expense,nowhere,🍻",
        "bar,Бары,Bars,income,cafe,🍻",
    ],
    ids=["twice", "unknown type", "unknown parent", "parent of another type"],
)
def test_categories_refuse_a_contradiction(data: Path, row: str) -> None:
    with (data / "categories.csv").open("a", encoding="utf-8") as file:
        file.write(row + "\n")
    with pytest.raises(tables.InvalidTable):
        tables.categories()


@pytest.mark.parametrize(
    "rows",
    [
        "0000,0500,cafe,a\n0500,0600,cafe,b\n",
        "0500,0400,cafe,a\n",
        "9000,10000,cafe,a\n",
        "0000,0001,bar,a\n",
    ],
    ids=["overlap", "backwards", "too large", "unknown category"],
)
def test_mcc_table_refuses_a_contradiction(data: Path, rows: str) -> None:
    (data / "mcc_categories.csv").write_text(
        "mcc_from,mcc_to,category_slug,mcc_description\n" + rows, encoding="utf-8"
    )
    with pytest.raises(tables.InvalidTable):
        tables.mcc_ranges()


def test_mcc_in_a_gap_names_no_category(data: Path) -> None:
    (data / "mcc_categories.csv").write_text(
        "mcc_from,mcc_to,category_slug,mcc_description\n0001,0002,cafe,a\n", encoding="utf-8"
    )
    assert tables.mcc_slugs()[:4] == (None, "cafe", "cafe", None)


@pytest.mark.parametrize("rows", ["coffee,bar\n", "!,cafe\n"], ids=["unknown category", "nothing left"])
def test_keywords_refuse_a_contradiction(data: Path, rows: str) -> None:
    (data / "merchant_keywords.csv").write_text("keyword,category_slug\n" + rows, encoding="utf-8")
    with pytest.raises(tables.InvalidTable):
        tables.keywords()


def test_keywords_refuse_one_word_in_two_categories(data: Path) -> None:
    with (data / "categories.csv").open("a", encoding="utf-8") as file:
        file.write("bar,Бары,Bars,expense,,🍻\n")
    (data / "merchant_keywords.csv").write_text(
        "keyword,category_slug\nh&m,cafe\nH M,bar\n", encoding="utf-8"
    )
    with pytest.raises(tables.InvalidTable):
        tables.keywords()
