"""Matching, step 3: from all rows the pairs that are certain, and those that a person should look at.

Whether two rows are paired depends on the rows within `REACH` of them and on nothing else: neither on
the order in which banks were read nor on what was paired before. So a part of a history can be looked
at by itself and gives what the whole would.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain
from typing import NamedTuple

from banking.matching.score import (
    LARGEST_FEE,
    PAIRS_WITHIN,
    RATE_MAY_DIFFER_BY,
    Edge,
    Kind,
    Reason,
    weigh,
)
from banking.matching.sides import Side
from financehub.periods import local_date

MOST_OFFERED = 3  # pairs of one row
MOST_EQUAL = 60  # debits of one amount around a credit; among more nothing is told apart
REACH = timedelta(days=40)  # each step looks PAIRS_WITHIN beyond what the one before decided
Rate = Callable[[str, str, date], Decimal | None]


class _Step(NamedTuple):
    """Pairs no further apart than `within` are certain, if none up to `alone_within` competes."""

    needs_both_texts: bool
    within: timedelta
    alone_within: timedelta


STEPS = (
    _Step(True, timedelta(hours=1), timedelta(days=1)),
    _Step(True, timedelta(days=1), PAIRS_WITHIN),
    _Step(True, PAIRS_WITHIN, PAIRS_WITHIN),
    _Step(False, PAIRS_WITHIN, PAIRS_WITHIN),
)


class Choice(NamedTuple):
    """What came of looking: pairs to make, pairs to ask about."""

    certain: list[Edge]
    offered: list[Edge]


def no_rate(_source: str, _target: str, _day: date) -> Decimal | None:
    """Where no rates are known, amounts in two currencies are never compared."""
    return None


def choose(
    sides: Iterable[Side], *, refused: frozenset[tuple[int, int]] = frozenset(), rate: Rate = no_rate
) -> Choice:
    """The certain and the likely pairs among rows; `refused` ones, by their ids, are not looked at."""
    found = [edge for edge in _edges(list(sides), rate) if (edge.out.pk, edge.into.pk) not in refused]
    edges = _with_uniqueness(found)
    passing = [edge for edge in edges if edge.passes]
    certain = _certain_returns(passing)
    certain += _certain(_free(passing, certain))
    worth_a_look = [edge for edge in edges if edge.is_worth_a_look]
    return Choice(certain, _offered(_free(worth_a_look, certain)))


def _edges(sides: Sequence[Side], rate: Rate) -> Iterator[Edge]:
    """Every two rows that may be one transfer. Few rows are credits, so those ask for the debits."""
    outgoing = _Outgoing(side for side in sides if side.amount < 0)
    for into in sides:
        if into.amount > 0:
            equal = outgoing.equal(into)
            is_crowded = len(equal) > MOST_EQUAL
            for out in chain(_nearest(equal, into), outgoing.unequal(into, rate)):
                edge = weigh(out, into)
                if edge is not None:
                    yield edge._replace(may_be_certain=False) if is_crowded else edge


def _nearest(sides: Sequence[Side], into: Side) -> Sequence[Side]:
    """Of a crowd of equal amounts a few before the moment and a few after it: no pair of it is certain."""
    if len(sides) <= MOST_EQUAL:
        return sides
    place = bisect_left(sides, into.booked_at, key=lambda side: side.booked_at)
    return sides[max(place - MOST_OFFERED, 0) : place + MOST_OFFERED]


class _Outgoing:
    """Debits by currency and amount in order of time, and by day in order of amount."""

    def __init__(self, sides: Iterable[Side]) -> None:
        self._by_amount: dict[tuple[str, Decimal], list[Side]] = defaultdict(list)
        self._by_day: dict[tuple[str, date], list[Side]] = defaultdict(list)
        for side in sorted(sides, key=lambda side: (side.booked_at, side.name)):
            self._by_amount[side.currency, -side.amount].append(side)
            if side.hint is not None or side.kind == "transfer":
                self._by_day[side.currency, local_date(side.booked_at)].append(side)
        for day in self._by_day.values():
            day.sort(key=_size)
        self._currencies = {currency for currency, _amount in self._by_amount}

    def unequal(self, into: Side, rate: Rate) -> Iterator[Side]:
        """Debits that differ by a fee, or that meet the credit at the rate of the day."""
        if into.hint is None or into.is_returned:
            return
        yield from self._between(into, into.currency, into.amount, into.amount * (1 + LARGEST_FEE))
        for currency in self._currencies - {into.currency}:
            price = rate(into.currency, currency, local_date(into.booked_at))
            if price is not None:
                amount, slack = into.amount * price, into.amount * price * RATE_MAY_DIFFER_BY
                yield from self._between(into, currency, amount - slack, amount + slack)

    def equal(self, into: Side) -> Sequence[Side]:
        """Debits of the same amount, in order of time."""
        sides = self._by_amount.get((into.currency, into.amount), ())
        start = bisect_left(sides, into.booked_at - PAIRS_WITHIN, key=lambda side: side.booked_at)
        end = bisect_right(sides, into.booked_at + PAIRS_WITHIN, key=lambda side: side.booked_at)
        return sides[start:end]

    def _between(self, into: Side, currency: str, least: Decimal, most: Decimal) -> Iterator[Side]:
        """Debits of more than `least` and no more than `most`, of the days around the credit."""
        day = local_date(into.booked_at)
        for days in range(-PAIRS_WITHIN.days, PAIRS_WITHIN.days + 1):
            sides = self._by_day.get((currency, day + timedelta(days=days)), ())
            start = bisect_right(sides, least, key=_size)
            end = bisect_right(sides, most, key=_size)
            yield from sides[start : min(end, start + MOST_EQUAL)]


def _size(side: Side) -> Decimal:
    return -side.amount


def _with_uniqueness(edges: Sequence[Edge]) -> list[Edge]:
    """The same, with a reason more where neither row fits any other."""
    matches = _matches(edges)
    return [
        edge._replace(reasons=(*edge.reasons, Reason.UNIQUE)) if _is_alone(edge, matches) else edge
        for edge in edges
    ]


def _certain_returns(edges: Sequence[Edge]) -> list[Edge]:
    """The transfers that came back, but those whose debit is the only match of a credit elsewhere.

    Looked at first, they leave a second attempt alone with the credit that it led to.
    """
    own = [edge for edge in edges if edge.kind == Kind.OWN]
    matches = _matches(own)
    needed = {edge.out.pk for edge in own if matches[edge.into.pk] == 1}
    returned = _certain([edge for edge in edges if edge.kind == Kind.RETURNED])
    return [edge for edge in returned if edge.out.pk not in needed]


def _certain(edges: Sequence[Edge]) -> list[Edge]:
    """The pairs of which each side is the other's only match: the best founded and nearest first."""
    left, found = list(edges), []
    for step in STEPS:
        rivals = [
            edge
            for edge in left
            if edge.apart <= step.alone_within and (edge.both_speak or not step.needs_both_texts)
        ]
        matches = _matches(rivals)
        unique = [edge for edge in rivals if edge.apart <= step.within and _is_alone(edge, matches)]
        left = _free(left, unique)
        found += unique
    return found


def _free(edges: Iterable[Edge], taken: Iterable[Edge]) -> list[Edge]:
    """The pairs of rows that are in none of the others."""
    ends = _ends(taken)
    return [edge for edge in edges if ends.isdisjoint(_ends([edge]))]


def _offered(edges: Iterable[Edge]) -> list[Edge]:
    """The best few of each row; equal ones are told apart by what no order of reading changes."""
    ranked = sorted(edges, key=lambda edge: (-edge.score, edge.apart, edge.out.name, edge.into.name))
    offers: Counter[int] = Counter()
    offered = []
    for edge in ranked:
        if all(offers[pk] < MOST_OFFERED for pk in _ends([edge])):
            offered.append(edge)
            offers.update(_ends([edge]))
    return offered


def _matches(edges: Iterable[Edge]) -> Mapping[int, int]:
    return Counter(chain.from_iterable((edge.out.pk, edge.into.pk) for edge in edges))


def _is_alone(edge: Edge, matches: Mapping[int, int]) -> bool:
    return matches[edge.out.pk] == matches[edge.into.pk] == 1


def _ends(edges: Iterable[Edge]) -> set[int]:
    return {pk for edge in edges for pk in (edge.out.pk, edge.into.pk)}
