"""Services: a bank that stays silent is left alone by all its connections, but for one probe at a time.

A bank's own system and the Banking API are different hosts: the silence of one says nothing of the other.
Being silent is learnt from connections that fail one after another. One that fails again and again
by itself proves nothing about the others: its own pauses spare the bank.
"""

import random
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from banking.clients import errors
from banking.models import BankCircuit, BankConnection

OPENS_AFTER = 3  # failures in a row, no two of one connection
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=30)
PROBE_TAKES = timedelta(minutes=2)
PERSON_PAUSES = timedelta(seconds=15)  # between a probe that failed and the next that a person asks for
JITTER = random.SystemRandom()
# The gateway before the bank is shut, or the bank's own wish is respected in its stead.
NOT_ASKED = (errors.GatewayUnavailable, errors.RateLimited)


def is_silence(error: errors.BankError | None) -> bool:
    """Whether the bank did not answer; a gateway of ours that does not open says nothing of it."""
    return isinstance(error, errors.BankUnavailable) and not isinstance(error, errors.GatewayUnavailable)


def admits(connection: BankConnection, *, by_person: bool, now: datetime) -> bool:
    """Whether the bank may be called; where it is silent, True means that the caller has the probe.

    A person's wish is a probe at any time, the clock's only after the pause.
    """
    open_now = _circuit_of(connection).exclude(open_until=None)
    if not open_now.exists():
        return True
    free = open_now.filter(Q(probe_until=None) | Q(probe_until__lte=now))
    if not by_person:
        free = free.filter(open_until__lte=now)
    return bool(free.update(probe_until=now + PROBE_TAKES))


def asked_again_at(connection: BankConnection, *, now: datetime) -> datetime:
    """When the clock asks a silent bank again; soon, where somebody asks it at this moment."""
    until = _circuit_of(connection).values_list("open_until", flat=True).first()
    return max(filter(None, (until, now + FIRST_PAUSE)))


def left_alone(now: datetime) -> QuerySet[BankConnection]:
    """The connections that the clock does not use for now."""
    own = Q(channel=BankConnection.Channel.BANK)
    resting = BankCircuit.objects.filter(open_until__gt=now)
    silent = resting.filter(system=BankConnection.Channel.BANK).values("bank")
    silent_api = resting.filter(system=BankConnection.Channel.BANKING_API).values("bank")
    return BankConnection.objects.filter((own & Q(bank__in=silent)) | (~own & Q(bank__in=silent_api)))


def readable(connections: Iterable[BankConnection], *, now: datetime) -> Iterator[BankConnection]:
    """Those whose bank answers; of a silent one's after its pause the first, which makes the probe."""
    is_open = BankCircuit.objects.exclude(open_until=None)
    silent = {(circuit.bank_id, circuit.system): circuit for circuit in is_open}
    probed: set[tuple[int, str]] = set()
    for connection in connections:
        place = connection.bank_id, connection.system
        circuit = silent.get(place)
        if circuit is None:
            yield connection
        elif not circuit.rests(now) and place not in probed:
            probed.add(place)
            yield connection


def note_failure(connection: BankConnection, error: errors.BankError, *, now: datetime) -> None:
    """A call failed: by silence, by an answer that says no, or before the bank was asked at all."""
    if is_silence(error):
        note_silence(connection, now=now)
    elif isinstance(error, NOT_ASKED):
        give_back(connection)
    else:
        note_answer(connection)


def note_answer(connection: BankConnection) -> None:
    """The bank answered somebody; where it always does, this changes no row."""
    troubled = _circuit_of(connection).exclude(failures=0, open_until=None)
    troubled.update(failures=0, failing_since=None, last_failed=None, open_until=None, probe_until=None)


def give_back(connection: BankConnection) -> None:
    """The bank was not asked after all: the probe is free for another."""
    _circuit_of(connection).exclude(probe_until=None).update(probe_until=None)


@transaction.atomic
def note_silence(connection: BankConnection, *, now: datetime) -> None:
    """The bank did not answer a connection: the next one's failure may open the circuit."""
    circuit, _ = BankCircuit.objects.select_for_update().get_or_create(
        bank_id=connection.bank_id, system=connection.system
    )
    if _was_expected(circuit, connection, now=now):
        return
    circuit.failures += 1
    circuit.failing_since = circuit.failing_since or connection.failing_since or now
    circuit.last_failed = connection
    circuit.probe_until = now + PERSON_PAUSES if circuit.open_until else None
    if circuit.failures >= OPENS_AFTER:
        circuit.open_until = now + _pause(circuit.failures)
    circuit.save()


def _circuit_of(connection: BankConnection) -> QuerySet[BankCircuit]:
    return BankCircuit.objects.filter(bank=connection.bank_id, system=connection.system)


def _was_expected(circuit: BankCircuit, connection: BankConnection, *, now: datetime) -> bool:
    """Whether a failure tells nothing new: repeated by one connection, or under way as the circuit opened."""
    if circuit.open_until is None:
        return circuit.last_failed_id == connection.pk
    return circuit.rests(now) and circuit.probe_until is None


def _pause(failures: int) -> timedelta:
    doubled = FIRST_PAUSE * 2 ** min(failures - OPENS_AFTER, 16)
    return min(doubled, LONGEST_PAUSE) * JITTER.uniform(0.8, 1.2)
