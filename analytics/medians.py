"""What is unusual of a figure, by the middle one of the person's own earlier figures; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

LEAST = 3
DEVIATIONS = 3
# Of figures that scatter evenly, this many median deviations are one standard deviation.
SCALE = Decimal("1.4826")


@dataclass(frozen=True, slots=True)
class Usual:
    """The middle one of some figures, and the bound beyond which another is unusual."""

    middle: Decimal
    bound: Decimal
    count: int


def usual(earlier: Sequence[Decimal]) -> Usual | None:
    """What figures say of the next one; None of fewer than three."""
    if len(earlier) < LEAST:
        return None
    middle = median(earlier)
    deviation = median(abs(one - middle) for one in earlier)
    return Usual(middle, middle + DEVIATIONS * SCALE * deviation, len(earlier))
