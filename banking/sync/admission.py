"""Sync: whether a run may call its bank at all, and how often."""

from dataclasses import dataclass
from datetime import datetime

from banking.clients.errors import RateLimited
from banking.models import SyncRun
from banking.queries.budget import call_budget
from banking.services import circuit
from banking.services.calls import BudgetSpent, Meter

BY_PERSON = frozenset({SyncRun.Trigger.CONNECT, SyncRun.Trigger.PERSON, SyncRun.Trigger.RETRY})
BANK_SILENT = "bank_silent"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the bank is not called now, and from when on it may be."""

    code: str
    until: datetime


def refusal(run: SyncRun, *, now: datetime) -> Refusal | None:
    """What keeps a run from its bank; None lets it in, as the one probe where the bank is silent.

    A bank's own wish binds everybody, the person too.
    """
    connection, by_person = run.connection, run.trigger in BY_PERSON
    if connection.retry_after is not None and connection.retry_after > now:
        return Refusal(RateLimited.code, connection.retry_after)
    budget = call_budget(connection, now=now)
    if not budget.left(by_person=by_person):
        return Refusal(BudgetSpent.code, budget.opens_at)
    if not circuit.admits(connection, by_person=by_person, now=now):
        return Refusal(BANK_SILENT, circuit.asked_again_at(connection, now=now))
    return None


def meter(run: SyncRun, *, now: datetime) -> Meter:
    """The count of a run's calls, going on from a worker that died; it stops where the budget ends."""
    connection = run.connection
    left = call_budget(connection, now=now).left(by_person=run.trigger in BY_PERSON)
    return Meter(bank=connection.bank.code, counted=run.calls_made, most=max(left - run.calls_made, 0))
