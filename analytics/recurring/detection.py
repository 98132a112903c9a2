"""Recurring: what comes again and again in a person's rows. Pure: the same rows give the same series.

Rows of one payee, direction and currency are looked at together and apart from all others. First an
explanation of all of them is sought: one rhythm, or a few told apart by amount, text, account or day of the
month. Where there is none, for purchases lie between, only what costs the same each time is looked for.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from statistics import median

from analytics.recurring.cadence import Cadence, Moved, Schedule, moved_off_weekend
from analytics.recurring.prices import Price, are_alike, is_fixed, price_of, spread_of

LEAST, LEAST_YEARLY = 3, 2
FEW = 5  # up to so many sightings, none may be missing
HIT_SHARE = 0.75  # of the days due, on which something came
PURE_SHARE = 0.8  # of the rows looked at, that a rhythm must explain
STEADY = {True: 0.3, False: 1.25}  # mean days off, by weeks and by months, of what has no fixed price
MOST_PEELED = 3
ROWS_A_MONTH = 3.3
CLOSE_AMOUNTS = Decimal("1.15")
RAISED = Decimal("1.75")
MONTH_DAYS = 30.4
WEEKEND_SHARE = 2 / 3
SHORTEST_MONTH_END, LONGEST_MONTH = 28, 31
NEAR = 4  # days off that a month's end or a holiday may bring, beyond which no row is looked at
FREQUENT = (Cadence.WEEKLY, Cadence.FORTNIGHTLY, Cadence.MONTHLY)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A row as far as it matters here: `payee` is the other side, `text` the bank's words without numbers."""

    pk: int
    day: date
    amount: Decimal
    currency: str
    payee: str
    text: str = ""
    account: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A series: its days, numbered from the last one seen, what it costs, and its rows, the oldest first."""

    payee: str
    currency: str
    schedule: Schedule
    price: Price
    rows: tuple[Sighting, ...]


@dataclass(frozen=True, slots=True)
class _Chain:
    """Rows by the slots of a schedule."""

    schedule: Schedule
    kept: dict[int, Sighting]

    @property
    def rows(self) -> list[Sighting]:
        return [self.kept[number] for number in sorted(self.kept)]

    @property
    def amounts(self) -> list[Decimal]:
        return [row.amount for row in self.rows]

    @property
    def drift(self) -> float:
        """How far from their days the rows are, in the mean."""
        return sum(_distance(self.schedule, number, row) for number, row in self.kept.items()) / len(
            self.kept
        )


def detect(rows: Iterable[Sighting]) -> list[Found]:
    """Every series in the rows, ordered by payee, currency and first day."""
    groups: dict[tuple[str, str, bool], list[Sighting]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.day, row.pk)):
        if row.payee and row.amount:
            groups[row.payee, row.currency, row.amount > 0].append(row)
    return [_found(chain) for key in sorted(groups) for chain in _chains(groups[key])]


def _chains(rows: list[Sighting]) -> list[_Chain]:
    chains = _joined(_explained(rows) or _embedded(rows))
    taken = {row.pk for chain in chains for row in chain.rows}
    for chain in chains:
        _adopt(chain, rows, taken)
    return sorted(chains, key=lambda chain: (chain.rows[0].day, chain.rows[0].pk))


# --- explanations ---


def _explained(rows: list[Sighting]) -> list[_Chain]:
    """The explanation that covers most rows with the fewest series, if it covers nearly all of them."""
    best: list[_Chain] = []
    for explain in (_whole, _by_amount, _by_text, _by_account, _peeled):
        if _covered(best) == len(rows):
            break
        chains = explain(rows)
        if (_covered(chains), -len(chains)) > (_covered(best), -len(best)):
            best = chains
    return best if _covered(best) >= PURE_SHARE * len(rows) else []


def _covered(chains: Sequence[_Chain]) -> int:
    return sum(len(chain.kept) for chain in chains)


def _whole(rows: Sequence[Sighting]) -> list[_Chain]:
    """All rows as one series, in the rhythm that fits best."""
    fits = [fit for cadence in Cadence if (fit := _fit(rows, cadence))]
    return [max(fits, key=lambda fit: (len(fit.kept), -fit.drift))] if fits else []


def _by_amount(rows: Sequence[Sighting]) -> list[_Chain]:
    """Several prices, each a series of its own."""
    ordered = sorted(rows, key=lambda row: abs(row.amount))
    parts: list[list[Sighting]] = []
    for row in ordered:
        if parts and abs(row.amount) <= abs(parts[-1][-1].amount) * CLOSE_AMOUNTS:
            parts[-1].append(row)
        else:
            parts.append([row])
    return _each(parts)


def _by_text(rows: Sequence[Sighting]) -> list[_Chain]:
    return _each(_parts(rows, lambda row: row.text))


def _by_account(rows: Sequence[Sighting]) -> list[_Chain]:
    return _each(_parts(rows, lambda row: (row.account, row.text)))


def _peeled(rows: Sequence[Sighting]) -> list[_Chain]:
    """Monthly series on different days, as wages and their advance are, and what is left beside them."""
    months = (rows[-1].day - rows[0].day).days / MONTH_DAYS + 1
    if len(rows) > ROWS_A_MONTH * months:
        return []
    chains: list[_Chain] = []
    rest = list(rows)
    while len(chains) < MOST_PEELED and (chain := _fit(rest, Cadence.MONTHLY, pure=False)):
        chains.append(chain)
        rest = _without(rest, chain)
    return chains + _whole(rest) if chains else []


def _embedded(rows: Sequence[Sighting]) -> list[_Chain]:
    """What costs the same each time, among purchases that do not."""
    found = []
    for part in _parts(rows, lambda row: row.amount):
        fits = [fit for cadence in FREQUENT if (fit := _fit(part, cadence))]
        found += fits[:1]
    return found


def _each(parts: Sequence[Sequence[Sighting]]) -> list[_Chain]:
    """The series of every part, the largest first; nothing once too many rows are left unexplained."""
    if len(parts) == 1:
        return []  # that is the whole, which is looked at by itself
    chains: list[_Chain] = []
    left = (1 - PURE_SHARE) * sum(map(len, parts))
    for part in sorted(parts, key=len, reverse=True):
        ordered = sorted(part, key=lambda row: (row.day, row.pk))
        found = _whole(ordered) or _peeled(ordered)
        left -= len(part) - _covered(found)
        if left < 0:
            return []
        chains += found
    return chains


def _parts(rows: Iterable[Sighting], key: Callable[[Sighting], Hashable]) -> list[list[Sighting]]:
    parts: dict[Hashable, list[Sighting]] = defaultdict(list)
    for row in rows:
        parts[key(row)].append(row)
    return list(parts.values())


def _without(rows: Iterable[Sighting], chain: _Chain) -> list[Sighting]:
    taken = {row.pk for row in chain.rows}
    return [row for row in rows if row.pk not in taken]


# --- one rhythm ---


def _fit(rows: Sequence[Sighting], cadence: Cadence, *, pure: bool = True) -> _Chain | None:
    """Rows as one series of a cadence; with `pure`, nearly all of them must belong to it."""
    if len(rows) < _least(cadence) or (pure and not _can_be(rows, cadence)):
        return None
    usual = median(row.amount for row in rows)
    least = max(_least(cadence), PURE_SHARE * len(rows) if pure else 0)
    tried = [_Chain(one, _assigned(rows, one, usual)) for one in _schedules(rows, cadence, least)]
    fits = [chain for chain in tried if _is_series(chain, least)]
    return max(fits, key=lambda chain: (len(chain.kept), -chain.drift)) if fits else None


def _least(cadence: Cadence) -> int:
    return LEAST_YEARLY if cadence is Cadence.YEARLY else LEAST


def _can_be(rows: Sequence[Sighting], cadence: Cadence) -> bool:
    """Whether there are about as many rows as days due; spares the work for most cadences."""
    step = cadence.days or cadence.months * MONTH_DAYS
    slots = (rows[-1].day - rows[0].day).days / step
    return HIT_SHARE * slots - 1 <= len(rows) <= (slots + 2) / PURE_SHARE


def _schedules(rows: Sequence[Sighting], cadence: Cadence, least: float) -> Iterator[Schedule]:
    """The schedules that have one of the rows on its very day, and so many about their days."""
    if cadence.days:
        starts = {row.day.toordinal() % cadence.days: row.day for row in rows}
        yield from (Schedule(cadence, starts[phase]) for phase in sorted(starts))
        return
    for day in _days_of_month(rows, least):
        monthly = Schedule(Cadence.MONTHLY, rows[0].day, day)
        if cadence is Cadence.MONTHLY:
            yield monthly
            continue
        months = Counter(monthly.nearest(row.day) % cadence.months for row in rows)
        first = min(months, key=lambda month: (-months[month], month))
        yield Schedule(cadence, monthly.slot(first), day)


def _days_of_month(rows: Iterable[Sighting], least: float) -> list[int]:
    """The days of a month around which rows gather; all of its end where any of it is among them."""
    counts = Counter(row.day.day for row in rows)
    days = set(counts)
    if any(day >= SHORTEST_MONTH_END for day in days):
        days |= set(range(SHORTEST_MONTH_END, LONGEST_MONTH + 1))
    reach = range(-NEAR, NEAR + 1)
    return [
        day
        for day in sorted(days)
        if sum(counts[(day + off - 1) % LONGEST_MONTH + 1] for off in reach) >= least
    ]


def _assigned(rows: Iterable[Sighting], schedule: Schedule, usual: Decimal) -> dict[int, Sighting]:
    """The row of each slot: the closest by day, then by amount."""
    kept: dict[int, Sighting] = {}
    for row in rows:
        number = schedule.nearest(row.day)
        if not schedule.holds(number, row.day):
            continue
        rival = kept.get(number)
        if rival is None or _misfit(schedule, number, row, usual) < _misfit(schedule, number, rival, usual):
            kept[number] = row
    return kept


def _misfit(schedule: Schedule, number: int, row: Sighting, usual: Decimal) -> tuple[int, Decimal]:
    return _distance(schedule, number, row), abs(row.amount - usual)


def _distance(schedule: Schedule, number: int, row: Sighting) -> int:
    return abs((row.day - schedule.slot(number)).days)


def _is_series(chain: _Chain, least: float) -> bool:
    """Whether enough came, often enough, near enough to its days, and for amounts of one thing."""
    hits, cadence = len(chain.kept), chain.schedule.cadence
    if hits < least:
        return False
    due = max(chain.kept) - min(chain.kept) + 1
    if hits < due * (1 if hits <= FEW else HIT_SHARE):
        return False
    amounts, weekly = chain.amounts, bool(cadence.days)
    if (weekly or not is_fixed(amounts)) and chain.drift > STEADY[weekly]:
        return False
    return are_alike(amounts, weekly=weekly)


# --- what belongs together ---


def _joined(chains: Sequence[_Chain]) -> list[_Chain]:
    """Series that go on where another ended, for another price, are one."""
    joined: list[_Chain] = []
    for chain in sorted(chains, key=lambda chain: (chain.rows[0].day, chain.rows[0].pk)):
        for place, earlier in enumerate(joined):
            both = _continued(earlier, chain)
            if both is not None:
                joined[place] = both
                break
        else:
            joined.append(chain)
    return joined


def _continued(earlier: _Chain, later: _Chain) -> _Chain | None:
    last, first = earlier.rows[-1], later.rows[0]
    if earlier.schedule.cadence is not later.schedule.cadence or last.day >= first.day:
        return None
    if spread_of([last.amount, first.amount]) > RAISED:
        return None
    return _fit(earlier.rows + later.rows, earlier.schedule.cadence)


def _adopt(chain: _Chain, rows: Sequence[Sighting], taken: set[int]) -> None:
    """The sightings after a rise of the price: too few yet to be a series, but on the days of this one."""
    while True:
        number, last = max(chain.kept) + 1, chain.rows[-1]
        heirs = [
            row
            for row in rows
            if row.pk not in taken
            and row.day > last.day
            and chain.schedule.holds(number, row.day)
            and spread_of([row.amount, last.amount]) <= RAISED
        ]
        if not heirs:
            return
        heir = min(heirs, key=lambda row: _misfit(chain.schedule, number, row, last.amount))
        chain.kept[number] = heir
        taken.add(heir.pk)


def _found(chain: _Chain) -> Found:
    rows, schedule = chain.rows, chain.schedule
    return Found(
        payee=rows[0].payee,
        currency=rows[0].currency,
        schedule=replace(schedule, start=schedule.slot(max(chain.kept)), moved=_moved(chain)),
        price=price_of([(row.day, row.amount) for row in rows]),
        rows=tuple(rows),
    )


def _moved(chain: _Chain) -> Moved:
    """Where the history puts what is due on a weekend."""
    if chain.schedule.cadence.days:
        return Moved.NOWHERE
    slots = [(chain.schedule.slot(number), row.day) for number, row in chain.kept.items()]
    weekends = [(slot, day) for slot, day in slots if moved_off_weekend(slot, Moved.AFTER) != slot]
    for moved in (Moved.BEFORE, Moved.AFTER):
        agreeing = sum(moved_off_weekend(slot, moved) == day for slot, day in weekends)
        if weekends and agreeing >= WEEKEND_SHARE * len(weekends):
            return moved
    return Moved.NOWHERE
