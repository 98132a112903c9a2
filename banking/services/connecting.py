"""Services: the steps that a worker, or a caller that waits, takes with a connection."""

import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from banking.clients import errors
from banking.models import BankConnection, SyncRun
from banking.services import circuit, openbanking
from banking.sync import run as sync_run
from banking.sync import schedule
from financehub.errors import DomainError

OPENING_TAKES_AT_MOST = timedelta(minutes=2)
MOST_TRIES = 6
# Answers that stay the same until a person, or the settings, change something.
NEEDS_SOMEBODY = (errors.Refused, errors.AuthenticationFailed, errors.ConsentRequired)
WAITS_AT_MOST = 60.0  # seconds that a caller waits for another worker
LOOKS_EVERY = 0.2


class SyncFailed(DomainError):
    """The bank answered, or did not, in a way that left nothing read; `code` says how.

    `again_at` is when it is tried again by itself.
    """

    message = _("Банк не отдал данные. Сохранённое раньше не изменилось.")

    def __init__(self, code: str, *, again_at: datetime | None = None) -> None:
        super().__init__()
        self.code = code
        self.again_at = again_at


def worker_name() -> str:
    """A name no other worker has."""
    return uuid.uuid4().hex


def claim_opening(connection_id: int, *, now: datetime) -> BankConnection | None:
    """Take a connection that waits to be opened; the time of its next try is the lease."""
    free = Q(next_run_at=None) | Q(next_run_at__lte=now)
    waiting = BankConnection.objects.filter(free, pk=connection_id, status=BankConnection.Status.REQUESTED)
    if not waiting.update(next_run_at=now + OPENING_TAKES_AT_MOST):
        return None
    return BankConnection.objects.select_related("bank", "user").filter(pk=connection_id).first()


def open_access(connection: BankConnection, *, now: datetime) -> None:
    """Ask the bank for access; raises the BankError after noting it, or ConnectionForgotten.

    The first try is the person's, and a probe of a silent bank; the next ones are the clock's.
    """
    by_person = not connection.failures
    if not circuit.admits(connection, by_person=by_person, now=now):
        raise _wait_for_bank(connection, now=now)
    try:
        openbanking.ask_for_access(connection, now=now)
    except errors.BankError as error:
        _note_failure(connection, error, now=now)
        circuit.note_failure(connection, error, now=now)
        raise
    circuit.note_answer(connection)


def _wait_for_bank(connection: BankConnection, *, now: datetime) -> errors.BankUnavailable:
    """Put an opening off until the bank may be asked again; the answer is why, to be raised."""
    error = errors.BankUnavailable(bank=connection.bank.code, reason="circuit")
    again_at = circuit.asked_again_at(connection, now=now)
    connection.next_run_at, connection.last_error_code = again_at, error.code
    BankConnection.objects.filter(pk=connection.pk).update(
        next_run_at=again_at, last_error_code=error.code, failing_since=connection.failing_since or now
    )
    return error


def wait_for_opening(connection: BankConnection) -> None:
    """Wait until the worker that asks the bank for access is done with it."""
    waiting = BankConnection.objects.filter(pk=connection.pk, status=BankConnection.Status.REQUESTED)
    _wait_while(waiting.exists)


def read_now(run: SyncRun) -> SyncRun:
    """Do a run here, or see it done by the worker that has it; raises SyncFailed when nothing was read."""
    done = sync_run.execute(run.pk, worker=worker_name(), now=timezone.now())
    if done is None:
        _wait_while(SyncRun.objects.open().filter(pk=run.pk).exists)
        done = SyncRun.objects.filter(pk=run.pk).first()
    if done is None:
        raise SyncFailed("connection_forgotten")
    if done.state == SyncRun.State.FAILED:
        planned = BankConnection.objects.filter(pk=done.connection_id).values_list("next_run_at", flat=True)
        raise SyncFailed(done.error_code, again_at=planned.first())
    return done


def _wait_while(goes_on: Callable[[], bool]) -> None:
    ends = time.monotonic() + WAITS_AT_MOST
    while goes_on() and time.monotonic() < ends:
        time.sleep(LOOKS_EVERY)


def _needs_somebody(error: errors.BankError) -> bool:
    """A gateway whose certificate is wrong stays shut until somebody sees to it; a closed port may open."""
    shut_for_good = isinstance(error, errors.GatewayUnavailable) and not error.retryable
    return shut_for_good or isinstance(error, NEEDS_SOMEBODY)


def _note_failure(connection: BankConnection, error: errors.BankError, *, now: datetime) -> None:
    next_run_at = schedule.after_failure(connection, error, now=now)
    connection.failures += 1
    gives_up = _needs_somebody(error) or connection.failures >= MOST_TRIES
    connection.next_run_at = None if gives_up else next_run_at
    connection.status = BankConnection.Status.FAILED if gives_up else BankConnection.Status.REQUESTED
    connection.last_error_code = error.code
    BankConnection.objects.filter(pk=connection.pk).update(
        failures=connection.failures,
        failing_since=connection.failing_since or now,
        next_run_at=connection.next_run_at,
        status=connection.status,
        last_error_code=error.code,
        last_attempt_at=now,
    )
