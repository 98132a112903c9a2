"""Recurring: where a series stands on a day, told from its dates: on time, missed, or over."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from analytics.models import RecurringSeries
from financehub.periods import local_date

MISSED_AND_OVER = 2  # days due that passed without it
UNSEEN_AND_OVER = 45  # days after the first of them
TRUSTED = 45  # days for which an account that is not read excuses what is not seen


class State(StrEnum):
    """What a series is, as the page groups them."""

    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"
    MISSED = "missed"
    ENDED = "ended"
    DISMISSED = "dismissed"

    @property
    def is_alive(self) -> bool:
        return self not in {State.ENDED, State.DISMISSED}


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of a series, when it is due next (None when it is over), and since when it is overdue."""

    state: State
    next_on: date | None
    missed_on: date | None
    unseen_days: int


def standing(series: RecurringSeries, *, today: date) -> Standing:
    """Where a series stands."""
    missed = _missed(series, today=_known_until(series, today))
    state = _state(series, missed, today)
    return Standing(
        state=state,
        next_on=next(dates(series, today=today)) if state.is_alive else None,
        missed_on=missed[0] if missed else None,
        unseen_days=(today - series.last_seen).days,
    )


def dates(series: RecurringSeries, *, today: date) -> Iterator[date]:
    """The days from today on when it is due; what is late, but not known to be missed, is expected today."""
    schedule, number, known = series.schedule, 1, _known_until(series, today)
    while schedule.latest(number) < known:
        number += 1
    while True:
        yield max(schedule.due(number), today)
        number += 1


def _missed(series: RecurringSeries, *, today: date) -> list[date]:
    """The days since the last sighting on which it was due and did not come; two are enough to know."""
    schedule = series.schedule
    return [
        schedule.due(number) for number in range(1, MISSED_AND_OVER + 1) if schedule.latest(number) < today
    ]


def _state(series: RecurringSeries, missed: list[date], today: date) -> State:
    decision = RecurringSeries.Decision(series.decision)
    if decision is RecurringSeries.Decision.DISMISSED:
        return State.DISMISSED
    if decision is RecurringSeries.Decision.ENDED and not _came_again(series):
        return State.ENDED
    if len(missed) >= MISSED_AND_OVER or (missed and (today - missed[0]).days > UNSEEN_AND_OVER):
        return State.ENDED
    if missed:
        return State.MISSED
    return State.CONFIRMED if decision is RecurringSeries.Decision.CONFIRMED else State.SUGGESTED


def _came_again(series: RecurringSeries) -> bool:
    """Whether something came after the day on which the person said that it was over."""
    return series.decided_at is not None and series.last_seen > local_date(series.decided_at)


def _known_until(series: RecurringSeries, today: date) -> date:
    """The day until which rows are known: what a bank did not show yet was not missed."""
    account = series.account
    if account is None or account.closed_at is not None or account.last_synced_at is None:
        return today
    read = local_date(account.last_synced_at)
    return min(read, today) if (today - read).days <= TRUSTED else today
