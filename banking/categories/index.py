"""Finds the longest known phrase in a normalised text; keywords and fixed texts are looked up through it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

MIN_PREFIX_LETTERS: Final = 5
_STEM: Final = 3


@dataclass(frozen=True, slots=True)
class Phrase:
    """`words` as normalised, `text` as a person would write it."""

    words: str
    text: str
    slug: str


class PhraseIndex:
    """Phrases by their first three characters, longest first.

    Most words of a text begin like no phrase at all and cost one look-up, so the time grows with the text
    and not with the number of phrases. A phrase that must end with a word carries the space behind it.
    """

    __slots__ = ("_by_stem",)

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        by_stem: dict[str, list[tuple[str, Phrase]]] = {}
        for phrase in sorted(phrases, key=lambda phrase: (-len(phrase.words), phrase.words)):
            needle = _needle(phrase.words)
            by_stem.setdefault(needle[:_STEM], []).append((needle, phrase))
        self._by_stem = {stem: tuple(entries) for stem, entries in by_stem.items()}

    def at_start(self, words: str) -> Phrase | None:
        """The longest phrase with which the text begins."""
        text = words + " "
        for needle, phrase in self._by_stem.get(text[:_STEM], ()):
            if text.startswith(needle):
                return phrase
        return None

    def longest(self, words: str) -> Phrase | None:
        """The longest phrase anywhere at a word start; of two equally long ones the first in the text."""
        text = words + " "
        by_stem = self._by_stem
        best: Phrase | None = None
        best_length = 0
        start = 0
        for word in words.split(" "):
            for needle, phrase in by_stem.get(text[start : start + _STEM], ()):
                if len(phrase.words) <= best_length:
                    break
                if text.startswith(needle, start):
                    best, best_length = phrase, len(phrase.words)
                    break
            start += len(word) + 1
        return best


def _needle(words: str) -> str:
    is_prefix = len(words.replace(" ", "")) >= MIN_PREFIX_LETTERS
    return words if is_prefix else words + " "
