"""What a description says about the other side of a transfer; the matcher weighs it as evidence."""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from banking.categories import fixed_texts
from banking.categories.index import Phrase, PhraseIndex
from banking.categories.normalise import normalise


class TransferKind(StrEnum):
    OWN = "own"
    ACCOUNT = "account"
    INTERBANK = "interbank"
    DEPOSIT = "deposit"
    CARD_PAYMENT = "card_payment"
    RETURNED = "returned"
    TOP_UP = "top_up"


@dataclass(frozen=True, slots=True)
class TransferHint:
    """The kind of transfer and, where the text names them, the other account (or a part) and bank."""

    kind: TransferKind
    account_number_fragment: str | None = None
    bank_code: str | None = None


_OPENINGS: Final[Mapping[str, TransferKind]] = {
    "межбанковский перевод": TransferKind.INTERBANK,
    "перевод на счет": TransferKind.ACCOUNT,
    "перевод от счета": TransferKind.ACCOUNT,
    "перевод со счета": TransferKind.ACCOUNT,
    "возврат неудачного перевода": TransferKind.RETURNED,
    "пополнение по сбп": TransferKind.TOP_UP,
    "пополнение через сбп": TransferKind.TOP_UP,
}
_KINDS_BY_SLUG: Final[Mapping[str, TransferKind]] = {
    "transfer-own": TransferKind.OWN,
    "transfer-savings": TransferKind.DEPOSIT,
    "transfer-card-payment": TransferKind.CARD_PAYMENT,
}
_LONGEST_TEXT: Final = 500
# Account numbers hold letters in some banks, so they are read from the text as sent, not from its words.
_ACCOUNT: Final = re.compile(
    r"\b(?:сч[её]та?|депозита|вклада|карты) (?:№ ?)?[*•]* ?([0-9a-z]*[0-9][0-9a-z]*)", re.IGNORECASE
)
_BANK: Final = re.compile(r"\b(?:в|из) ([a-z][0-9a-z_-]*)", re.IGNORECASE)


def transfer_hint(description: str | None) -> TransferHint | None:
    """The evidence in a bank's text for a transfer, or None where it speaks of none."""
    text = " ".join((description or "")[:_LONGEST_TEXT].split())
    kind = _kind(normalise(text))
    if kind is None:
        return None
    opening, _, _ = text.partition(":")  # a comment written by the person may follow the colon
    account = _ACCOUNT.search(opening)
    bank = _BANK.search(opening)
    return TransferHint(
        kind=kind,
        account_number_fragment=account[1] if account else None,
        bank_code=bank[1].lower() if bank else None,
    )


def _kind(words: str) -> TransferKind | None:
    found = _openings().at_start(words)
    if found is not None:
        return TransferKind(found.slug)
    fixed = fixed_texts.opening(words, is_credit=False)
    return None if fixed is None else _KINDS_BY_SLUG.get(fixed.slug)


@functools.cache
def _openings() -> PhraseIndex:
    return PhraseIndex(Phrase(words=words, text=words, slug=kind) for words, kind in _OPENINGS.items())
