"""Matching, step 2: how much speaks for two rows being one transfer, each part of it by name.

The points keep the order of what evidence is worth: the banks' texts, then the same day, then a code
of transfers, then an amount that nothing else has.
"""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from banking.categories import reasons as category_reasons
from banking.matching.sides import Place, Side
from financehub.periods import local_date

PAIRS_WITHIN = timedelta(days=3)
HOUR = timedelta(hours=1)
TOPS_UP_WITHIN = HOUR  # the fast payments system is fast
LARGEST_FEE = Decimal("0.03")
RATE_MAY_DIFFER_BY = Decimal("0.03")
PASSES = 60
RELIABLE = 53
WORTH_A_LOOK = 15


class Kind(StrEnum):
    """What two rows are together."""

    OWN = "own"
    RETURNED = category_reasons.RETURNED


class Reason(StrEnum):
    """What speaks for a pair, or, the last two, what makes it less than certain."""

    REFERENCE = "reference"
    NUMBERS = "numbers"
    NUMBER_AND_BANK = "number_and_bank"
    NUMBER = "number"
    OWN_TEXTS = "own_texts"
    OWN_TEXT = "own_text"
    BANK = "bank"
    RETURNED = "returned"
    SAME_HOUR = "same_hour"
    SAME_DAY = "same_day"
    CODE = "code"
    UNIQUE = "unique"
    FEE = "fee"
    RATE = "rate"


POINTS = {
    Reason.REFERENCE: 80,
    Reason.NUMBERS: 80,
    Reason.NUMBER_AND_BANK: 65,
    Reason.NUMBER: 50,
    Reason.OWN_TEXTS: 50,
    Reason.OWN_TEXT: 25,
    Reason.BANK: 25,
    Reason.RETURNED: 45,
    Reason.SAME_HOUR: 16,
    Reason.SAME_DAY: 12,
    Reason.CODE: 6,
    Reason.UNIQUE: 3,
    Reason.FEE: -10,
    Reason.RATE: -10,
}


class Edge(NamedTuple):
    """Two rows that may be one movement of money, and why."""

    out: Side
    into: Side
    kind: Kind
    reasons: tuple[Reason, ...]
    may_be_certain: bool
    both_speak: bool

    @property
    def score(self) -> int:
        return sum(POINTS[reason] for reason in self.reasons)

    @property
    def apart(self) -> timedelta:
        return abs(self.into.booked_at - self.out.booked_at)

    @property
    def passes(self) -> bool:
        return self.may_be_certain and self.score >= PASSES

    @property
    def is_worth_a_look(self) -> bool:
        return self.score >= WORTH_A_LOOK


def weigh(out: Side, into: Side) -> Edge | None:
    """What two rows of opposite sign are together; None where something speaks against it."""
    if abs(into.booked_at - out.booked_at) > PAIRS_WITHIN:
        return None
    if out.reference and into.reference and out.reference != into.reference:
        return None
    if into.is_returned:
        return _returned(out, into)
    return _own(out, into)


def _returned(out: Side, into: Side) -> Edge | None:
    """Money that came back to the account it had left, because it could not be transferred."""
    if out.place.account_id != into.place.account_id or out.booked_at > into.booked_at:
        return None
    if out.amount != -into.amount or out.currency != into.currency:
        return None
    if not (out.may_be_transfer or out.is_between_people):
        return None
    if out.names_number and into.names_number and out.names_number != into.names_number:
        return None
    numbers = (Reason.NUMBERS,) if out.names_number and into.names_number else ()
    reasons = (*numbers, Reason.RETURNED, *_around(out, into))
    return Edge(out, into, Kind.RETURNED, reasons, may_be_certain=True, both_speak=True)


def _own(out: Side, into: Side) -> Edge | None:
    if out.place.account_id == into.place.account_id:
        return None
    ends = (_points_at(out, into.place), _points_at(into, out.place))
    if False in ends or not _may_be_one(out, into):
        return None
    odd = _oddness(out, into)
    told = tuple(_told(out, into))
    may_be_certain = (
        odd is None
        and out.may_be_transfer
        and into.may_be_transfer
        and (out.is_own or not into.is_top_up)
        and bool(told)
    )
    both_speak = ends == (True, True) or (out.is_own and into.is_own)
    reasons = (*told, *_around(out, into), *((odd,) if odd else ()))
    return Edge(out, into, Kind.OWN, reasons, may_be_certain, both_speak)


def _points_at(side: Side, place: Place) -> bool | None:
    """Whether the text names this place as the other side; None when it names none."""
    if side.names_number and place.number:
        return place.number.endswith(side.names_number)
    return None if not side.names_bank else side.names_bank == place.bank_code


def _may_be_one(out: Side, into: Side) -> bool:
    """Whether both rows read as transfers; what may as well be between people must come close in time."""
    apart = abs(into.booked_at - out.booked_at)
    if into.is_top_up and apart > TOPS_UP_WITHIN:
        return False
    if out.may_be_transfer and into.may_be_transfer:
        return True
    return apart <= HOUR and all(side.may_be_transfer or side.is_between_people for side in (out, into))


def _told(out: Side, into: Side) -> Iterator[Reason]:
    """The strongest that the two texts say together."""
    numbers = bool(out.names_number) + bool(into.names_number)
    if out.reference and out.reference == into.reference:
        yield Reason.REFERENCE
    elif numbers == len((out, into)):
        yield Reason.NUMBERS
    elif numbers:
        silent = into if out.names_number else out
        yield Reason.NUMBER_AND_BANK if silent.names_bank else Reason.NUMBER
    elif (out.is_own and into.is_own) or any(side.is_own and side.names_bank for side in (out, into)):
        yield Reason.OWN_TEXTS
    elif out.is_own or into.is_own:
        yield Reason.OWN_TEXT
    elif out.names_bank or into.names_bank:
        yield Reason.BANK


def _around(out: Side, into: Side) -> Iterator[Reason]:
    if abs(into.booked_at - out.booked_at) <= HOUR:
        yield Reason.SAME_HOUR
    elif local_date(out.booked_at) == local_date(into.booked_at):
        yield Reason.SAME_DAY
    if out.has_transfer_code or into.has_transfer_code:
        yield Reason.CODE


def _oddness(out: Side, into: Side) -> Reason | None:
    """Why the sums differ, if they do."""
    if out.currency != into.currency:
        return Reason.RATE
    return Reason.FEE if out.amount != -into.amount else None
