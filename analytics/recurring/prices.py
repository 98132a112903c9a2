"""Recurring: what something costs each time: a fixed price and its last change, or a range."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median

SAME = Decimal("0.01")  # two amounts that differ by less are one price
LONGEST_STEP = Decimal(2)  # a price that more than doubles is another thing
RECENT = 6  # sightings that a range is told from
CENT = Decimal("0.01")
# Up to so many sightings, the largest may be so many times the smallest.
SPREADS = ((3, Decimal("1.3")), (5, Decimal(2)), (11, Decimal(4)))
LARGEST_SPREAD = Decimal(8)
WEEKLY_SPREADS = ((11, Decimal("1.25")),)
LARGEST_WEEKLY_SPREAD = Decimal(2)


@dataclass(frozen=True, slots=True)
class Price:
    """What is to be expected, signed. A price that changed was `before` until `since`."""

    is_fixed: bool
    amount: Decimal
    low: Decimal
    high: Decimal
    before: Decimal | None = None
    since: date | None = None


def price_of(paid: Sequence[tuple[date, Decimal]]) -> Price:
    """The price behind sightings, the oldest first."""
    amounts = [amount for _, amount in paid]
    if is_fixed(amounts):
        last = amounts[-1]
        changes = [index for index in _changes(amounts) if differ(amounts[index - 1], last)]
        if not changes:
            return Price(True, last, last, last)
        return Price(True, last, last, last, amounts[changes[-1] - 1], paid[changes[-1]][0])
    recent = amounts[-RECENT:]
    return Price(False, Decimal(median(recent)).quantize(CENT), min(recent), max(recent))


def is_fixed(amounts: Sequence[Decimal]) -> bool:
    """Whether amounts are a price that changes now and then."""
    return len(_changes(amounts)) <= max(1, (len(amounts) - 1) // 3)


def differ(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) > SAME * abs(one)


def are_alike(amounts: Sequence[Decimal], *, weekly: bool) -> bool:
    """Whether amounts may be of one thing: the fewer are known, the closer they must lie."""
    spread = spread_of(amounts)
    if len(amounts) > 2 and is_fixed(amounts):
        return all(spread_of(amounts[at - 1 : at + 1]) <= LONGEST_STEP for at in _changes(amounts))
    limits = WEEKLY_SPREADS if weekly else SPREADS
    largest = LARGEST_WEEKLY_SPREAD if weekly else LARGEST_SPREAD
    return spread <= next((limit for most, limit in limits if len(amounts) <= most), largest)


def spread_of(amounts: Sequence[Decimal]) -> Decimal:
    """How many times the smallest the largest is."""
    sizes = [abs(amount) for amount in amounts]
    return max(sizes) / min(sizes)


def _changes(amounts: Sequence[Decimal]) -> list[int]:
    """Where an amount is another than the one before it."""
    return [at for at in range(1, len(amounts)) if differ(amounts[at - 1], amounts[at])]
