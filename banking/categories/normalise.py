"""First step of every text rule: a bank's text becomes plain words that can be compared."""

import re
import unicodedata

_APOSTROPHES = dict.fromkeys(map(ord, "'’‘ʼ`´′"))
_WORDS = re.compile("[a-zа-я]+|[0-9]+")


def normalise(text: str | None) -> str:
    """Lower-case words and numbers of `text` with single spaces between them.

    Letters and digits never share a word, so "S7" and "S 7" are the same text.
    """
    if not text:
        return ""
    # Some banks send й and ё as a letter with a combining mark; composed first, the word stays whole.
    plain = unicodedata.normalize("NFC", text).lower().replace("ё", "е")
    return " ".join(_WORDS.findall(plain.translate(_APOSTROPHES)))
