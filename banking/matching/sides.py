"""Matching, step 1: a row as one side of a transfer, and what its text says of the other side."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from banking.categories.bank_words import TRANSFER_CODE
from banking.categories.rules import MCC_OF_TRANSFERS
from banking.categories.transfers import TransferHint, TransferKind, transfer_hint

OWN_KINDS = frozenset({TransferKind.OWN, TransferKind.DEPOSIT, TransferKind.CARD_PAYMENT})
SILENT_SLUGS = frozenset({"other", "income-other"})  # categories of rows that say nothing about themselves
PEOPLES_SLUGS = frozenset({"people-transfer", "income-people"})
TRANSFER = "transfer"
SHORTEST_FRAGMENT = 4


class Place(NamedTuple):
    """The account that a row is of, as texts may name it."""

    account_id: int
    number: str
    bank_code: str


@dataclass(frozen=True)
class Side:
    """A row that may be one side of a transfer; `name` does not depend on when the row came."""

    pk: int
    place: Place
    amount: Decimal
    currency: str
    booked_at: datetime
    description: str
    kind: str
    slug: str
    mcc: str
    bank_code: str
    name: str
    reference: str = ""

    @cached_property
    def hint(self) -> TransferHint | None:
        return transfer_hint(self.description)

    @property
    def names_number(self) -> str:
        """The account number, or the end of one, that the text names; empty when it names none."""
        fragment = (self.hint.account_number_fragment or "").casefold() if self.hint else ""
        return fragment if len(fragment) >= SHORTEST_FRAGMENT else ""

    @property
    def names_bank(self) -> str:
        return (self.hint.bank_code or "") if self.hint else ""

    @property
    def is_own(self) -> bool:
        return self.hint is not None and self.hint.kind in OWN_KINDS

    @property
    def is_top_up(self) -> bool:
        """Whether money came that anybody could have sent, the person too."""
        return self.hint is not None and self.hint.kind == TransferKind.TOP_UP

    @property
    def is_returned(self) -> bool:
        """Whether the bank gave back what could not be transferred."""
        return self.amount > 0 and self.hint is not None and self.hint.kind == TransferKind.RETURNED

    @property
    def has_transfer_code(self) -> bool:
        return self.bank_code == TRANSFER_CODE or (self.mcc.isdecimal() and int(self.mcc) in MCC_OF_TRANSFERS)

    @property
    def may_be_transfer(self) -> bool:
        """Whether nothing in the row speaks of anything but a transfer."""
        return self.hint is not None or self.kind == TRANSFER or self.slug in SILENT_SLUGS

    @property
    def is_between_people(self) -> bool:
        return self.slug in PEOPLES_SLUGS
