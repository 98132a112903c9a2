import pytest

from banking.categories.index import Phrase, PhraseIndex


def _index(*texts: str) -> PhraseIndex:
    return PhraseIndex(Phrase(words=text, text=text, slug=text) for text in texts)


def _found(index: PhraseIndex, words: str) -> str | None:
    phrase = index.longest(words)
    return phrase.words if phrase else None


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("мтс", "мтс"),
        ("оплата мтс 916", "мтс"),
        ("мтсбанк", None),
        ("комтс", None),
        ("аптека", "аптека"),
        ("аптекарь", "аптека"),
        ("супераптека", None),
        ("аптек", None),
        ("", None),
    ],
)
def test_short_phrase_is_a_word_and_long_phrase_a_prefix(words: str, found: str | None) -> None:
    assert _found(_index("мтс", "аптека"), words) == found


def test_longest_phrase_wins_wherever_it_stands() -> None:
    index = _index("магнит", "магнит косметик", "косметик")
    assert _found(index, "магнит магнит косметик 12") == "магнит косметик"


def test_first_of_equally_long_phrases_wins() -> None:
    assert _found(_index("тануки", "теремо"), "теремо тануки") == "теремо"


def test_spaces_do_not_make_a_phrase_long_enough_to_be_a_prefix() -> None:
    index = _index("x fit")
    assert _found(index, "x fit 5") == "x fit"
    assert _found(index, "x fitness") is None


def test_phrase_of_two_letters_is_found() -> None:
    assert _found(_index("wb"), "оплата wb") == "wb"


def test_at_start_ignores_phrases_further_on() -> None:
    index = _index("комиссия")
    assert index.at_start("комиссия за перевод")
    assert index.at_start("магазин комиссия") is None
