"""Sync: on which days rows changed, so that what rests on them is computed anew there and nowhere else."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Days:
    """All days from the first to the last."""

    first: date
    last: date


def spanned(days: Iterable[date]) -> Days | None:
    """The span of some booking dates; none of none."""
    found = sorted(set(days))
    return Days(found[0], found[-1]) if found else None


def joined(*spans: Days | None) -> Days | None:
    """One span around several."""
    return spanned(day for span in spans if span is not None for day in (span.first, span.last))
