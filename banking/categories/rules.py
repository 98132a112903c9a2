"""Decides a row's category from what the bank sent; sync stores the answer together with its reason."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from banking.categories import bank_words, direction, fixed_texts, tables
from banking.categories.explain import explain
from banking.categories.index import Phrase, PhraseIndex
from banking.categories.normalise import normalise
from banking.categories.reasons import Reason

__all__ = ["Decision", "Reason", "decide", "explain", "normalise"]

# Behind these codes stand people, and people's names look like brands: no keyword is looked for.
MCC_OF_TRANSFERS: Final = frozenset({4829, 6010, 6011, 6012, 6050, 6051, *range(6532, 6541)})
_MCC_DIGITS: Final = 4
# Keywords under these are what banks and people write, not names of shops that are surnames as well.
_WITHOUT_BRANDS: Final = frozenset({"income", "transfer", "people", "finance", "government", "gifts-charity"})
_UNKNOWN: Final = "other"
_CACHED_ROWS: Final = 16_384
_CACHED_LENGTH: Final = 300


@dataclass(frozen=True, slots=True)
class Decision:
    """A category, the rule that chose it, and what the rule saw: a phrase, an MCC, a bank's word."""

    slug: str
    reason: Reason
    detail: str
    is_refund: bool = False


class _Row(NamedTuple):
    description: str
    merchant: str
    mcc: int | None
    bank_code: str
    bank_category: str
    is_credit: bool

    def decision(self, slug: str, reason: Reason, detail: str) -> Decision:
        refund = direction.is_refund(slug, is_credit=self.is_credit)
        return Decision(slug=slug, reason=reason, detail=detail, is_refund=refund)

    @property
    def text_length(self) -> int:
        return len(self.description) + len(self.merchant) + len(self.bank_code) + len(self.bank_category)


def decide(
    *,
    description: str | None,
    merchant_name: str | None,
    mcc: str | None,
    bank_code: str | None,
    bank_category: str | None,
    amount: Decimal,
) -> Decision:
    """The category of one bank row.

    A person's edits, a person's rules and matched transfers stand above this and are not known here.
    """
    row = _Row(
        description=normalise(description),
        merchant=normalise(merchant_name),
        mcc=_mcc_number(mcc),
        bank_code=bank_code or "",
        bank_category=bank_category or "",
        is_credit=amount > 0,
    )
    # Giant texts hardly repeat, and a cache full of them would fill the memory.
    return _decide(row) if row.text_length > _CACHED_LENGTH else _decide_cached(row)


def _decide(row: _Row) -> Decision:
    for rule in _RULES:
        decision = rule(row)
        if decision is not None:
            return decision
    slug = "income-other" if row.is_credit else _UNKNOWN
    return Decision(slug=slug, reason=Reason.DEFAULT, detail="")


_decide_cached = functools.lru_cache(maxsize=_CACHED_ROWS)(_decide)


def _by_bank_code(row: _Row) -> Decision | None:
    code = bank_words.telling_code(row.bank_code)
    slug = bank_words.slug_of_code(code, is_credit=row.is_credit)
    return None if slug is None else row.decision(slug, Reason.BANK_CODE, code)


def _by_fixed_text(row: _Row) -> Decision | None:
    phrase = fixed_texts.opening(row.description, is_credit=row.is_credit)
    return None if phrase is None else row.decision(phrase.slug, Reason.FIXED_TEXT, phrase.text)


def _by_keyword(row: _Row) -> Decision | None:
    if row.mcc in MCC_OF_TRANSFERS:
        return None
    brands = fixed_texts.transfer_word(row.description) is None
    index = _keywords(is_credit=row.is_credit, brands=brands)
    phrase = _longer(index.longest(row.merchant), index.longest(row.description))
    return None if phrase is None else row.decision(phrase.slug, Reason.KEYWORD, phrase.text)


def _by_mcc(row: _Row) -> Decision | None:
    named = None if row.mcc is None else tables.mcc_slugs()[row.mcc]
    if named is None or named == _UNKNOWN:
        return None
    if row.is_credit and named == "finance-bank-services":
        return None  # a loan paid out, a transfer, an interest: the code does not say which
    slug = direction.directed(named, is_credit=row.is_credit)
    return None if slug is None else row.decision(slug, Reason.MCC, f"{row.mcc:04}")


def _by_bank_category(row: _Row) -> Decision | None:
    word = normalise(row.bank_category)
    named = bank_words.slug_of_word(word)
    if named is None or named == _UNKNOWN:
        return None
    slug = direction.directed(named, is_credit=row.is_credit)
    return None if slug is None else row.decision(slug, Reason.BANK_CATEGORY, word)


def _by_last_resort(row: _Row) -> Decision | None:
    """Words that say what kind of row it is, but yield to everything that says what it was for."""
    if word := fixed_texts.transfer_word(row.description):
        return row.decision(_transfer_slug(row), Reason.FIXED_TEXT, word)
    if row.is_credit and (word := fixed_texts.return_word(row.description)):
        return row.decision(_UNKNOWN, Reason.FIXED_TEXT, word)
    if row.bank_code == bank_words.TRANSFER_CODE:
        return row.decision(_transfer_slug(row), Reason.BANK_CODE, row.bank_code)
    return None


_RULES: Final[tuple[Callable[[_Row], Decision | None], ...]] = (
    _by_bank_code,
    _by_fixed_text,
    _by_keyword,
    _by_mcc,
    _by_bank_category,
    _by_last_resort,
)


def _transfer_slug(row: _Row) -> str:
    return "income-people" if row.is_credit else "people-transfer"


def _mcc_number(mcc: str | None) -> int | None:
    text = mcc.strip() if mcc else ""
    return int(text) if text.isdecimal() and len(text) <= _MCC_DIGITS else None


def _longer(first: Phrase | None, second: Phrase | None) -> Phrase | None:
    if first is None or second is None:
        return first or second
    return second if len(second.words) > len(first.words) else first


@functools.cache
def _keywords(*, is_credit: bool, brands: bool) -> PhraseIndex:
    return PhraseIndex(
        Phrase(words=keyword.words, text=keyword.text, slug=slug)
        for keyword in tables.keywords()
        if brands or not _WITHOUT_BRANDS.isdisjoint({keyword.slug, tables.categories()[keyword.slug].root})
        if (slug := direction.directed(keyword.slug, is_credit=is_credit)) is not None
    )
