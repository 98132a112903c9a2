"""Services: the steps that a worker, or a caller that waits, takes with a connection."""

import uuid
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from banking.clients import errors
from banking.models import BankConnection, SyncRun
from banking.services import openbanking
from banking.sync import run as sync_run
from banking.sync import schedule
from financehub.errors import DomainError

OPENING_TAKES_AT_MOST = timedelta(minutes=2)
MOST_TRIES = 6


class SyncFailed(DomainError):
    """The bank answered, or did not, in a way that left nothing read; `code` says how."""

    message = _("Банк не отдал данные. Сохранённое раньше не изменилось.")

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code


def worker_name() -> str:
    """A name no other worker has."""
    return uuid.uuid4().hex


def claim_opening(connection_id: int, *, now: datetime) -> BankConnection | None:
    """Take a connection that waits to be opened; the time of its next try is the lease."""
    free = Q(next_run_at=None) | Q(next_run_at__lte=now)
    waiting = BankConnection.objects.filter(free, pk=connection_id, status=BankConnection.Status.REQUESTED)
    if not waiting.update(next_run_at=now + OPENING_TAKES_AT_MOST):
        return None
    return BankConnection.objects.select_related("bank", "user").get(pk=connection_id)


def open_access(connection: BankConnection, *, now: datetime) -> None:
    """Ask the bank for access; raises the BankError after noting it on the connection."""
    try:
        openbanking.ask_for_access(connection, now=now)
    except errors.BankError as error:
        _note_failure(connection, error, now=now)
        raise


def read_now(run: SyncRun) -> SyncRun:
    """Do a run here; raises SyncFailed when nothing could be read."""
    done = sync_run.execute(run.pk, worker=worker_name(), now=timezone.now())
    if done is not None and done.state == SyncRun.State.FAILED:
        raise SyncFailed(done.error_code)
    return done or run


def _note_failure(connection: BankConnection, error: errors.BankError, *, now: datetime) -> None:
    connection.failures += 1
    connection.last_attempt_at = now
    connection.last_error_code = error.code
    connection.next_run_at = schedule.after_failure(connection, error, now=now)
    if not error.retryable or connection.failures >= MOST_TRIES:
        connection.status = BankConnection.Status.FAILED
        connection.next_run_at = None
    connection.save(update_fields=["failures", "last_attempt_at", "last_error_code", "next_run_at", "status"])
