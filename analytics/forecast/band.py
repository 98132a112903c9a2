"""Forecast: how far the days ahead may stray, from how far the person's own days strayed.

Whole weeks of the history are drawn again and again and laid one after another; of the sums of the
first k days the tenth and the ninetieth hundredths are the band of day k. The draw is seeded with
the data, so the same history gives the same band.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from itertools import accumulate, chain
from random import Random

from analytics.forecast.habits import KOPECK, WEEK

DRAWS = 400
UNCERTAINTY = 2
LOW, HIGH = 40, 359  # of the sorted draws: four fifths lie between


@dataclass(frozen=True, slots=True)
class Spread:
    """An expected amount that may turn out between two others, on day `index` of the days ahead."""

    index: int
    below: Decimal
    above: Decimal


def band(
    deviations: Sequence[Decimal], *, offset: int, days: int, spreads: Sequence[Spread]
) -> list[tuple[Decimal, Decimal]]:
    """By how much the balance of each day ahead may lie below and above the expected one.

    `deviations` are of spending, so a positive one lowers the balance; the first day ahead is the
    weekday of `deviations[offset]`. What n days teach of k days errs by k / n in the variance, and
    lives drift about as much again.
    """
    kopecks = [int(-one / KOPECK) for one in deviations]
    random = Random(_seed(kopecks, days))  # noqa: S311  repeatable, not secret
    weeks = _weeks(kopecks, offset)
    draws = [list(accumulate(_draw(random, weeks, days, spreads))) for _ in range(DRAWS if weeks else 0)] or [
        [0] * days
    ]
    found = []
    for number, column in enumerate(zip(*draws, strict=True), 1):
        ordered = sorted(column)
        wider = (1 + UNCERTAINTY * Decimal(number) / max(len(kopecks), 1)).sqrt()
        low, high = (ordered[place * (len(ordered) - 1) // (DRAWS - 1)] for place in (LOW, HIGH))
        found.append((_money(min(low, 0) * wider), _money(max(high, 0) * wider)))
    return found


def _money(kopecks: Decimal) -> Decimal:
    return (kopecks * KOPECK).quantize(KOPECK)


def _seed(kopecks: Sequence[int], days: int) -> int:
    return int.from_bytes(sha256(repr((kopecks, days)).encode()).digest()[:8], "big")


def _weeks(kopecks: Sequence[int], offset: int) -> list[Sequence[int]]:
    """Every whole week of the history that begins on the weekday of the first day ahead."""
    return [kopecks[start : start + WEEK] for start in range(offset, len(kopecks) - WEEK + 1, WEEK)]


def _draw(
    random: Random, weeks: Sequence[Sequence[int]], days: int, spreads: Sequence[Spread]
) -> Iterator[int]:
    drawn = list(chain.from_iterable(random.choices(weeks, k=-(-days // WEEK))))[:days]
    for spread in spreads:
        drawn[spread.index] += random.randint(int(spread.below / KOPECK), int(spread.above / KOPECK))
    return iter(drawn)
