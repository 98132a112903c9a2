import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banking.categories.normalise import normalise


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Пятёрочка", "пятерочка"),
        ("О'КЕЙ", "окей"),
        ("L’Etoile", "letoile"),
        ("YM*YANDEX.GO TAXI", "ym yandex go taxi"),
        ("Красное&Белое", "красное белое"),
        ("S7 AIRLINES", "s 7 airlines"),
        ("  Аптека\t36,6 \n", "аптека 36 6"),
        ("💼 Зарплата", "зарплата"),
        ("Кафе «Зерно» №4", "кафе зерно 4"),
        ("суши WOK", "суши wok"),
        ("🙂", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_normalise_leaves_plain_words(text: str | None, words: str) -> None:
    assert normalise(text) == words


def test_normalise_reads_decomposed_letters_as_whole_ones() -> None:
    assert normalise(unicodedata.normalize("NFD", "Чай Ёжик")) == "чай ежик"


@given(st.text())
def test_normalise_is_idempotent(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text())
def test_normalise_keeps_only_words_and_single_spaces(text: str) -> None:
    words = normalise(text).split(" ")
    assert words == [""] or all(word.isdecimal() or word.isalpha() for word in words)


def test_normalise_takes_time_in_proportion_to_the_text() -> None:
    short, long = "Яндекс*Еда 12 " * 400, "Яндекс*Еда 12 " * 8_000
    assert _cpu(long) < 60 * _cpu(short)


def _cpu(text: str) -> float:
    spent = []
    for _ in range(5):
        before = time.process_time()
        normalise(text)
        spent.append(time.process_time() - before)
    return max(min(spent), 1e-5)
