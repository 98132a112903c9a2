"""Sync: how a run ended, put on the run and on its connection."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from banking.clients import errors
from banking.models import AuditEvent, BankConnection, SyncRun, SyncRunAccount
from banking.sync import lease, schedule
from banking.sync.account import Outcome
from banking.sync.days import Days, joined

ROWS_REJECTED = "rows_rejected"
ROWS_MISSING = "rows_missing"
INTERNAL_ERROR = "internal_error"


@dataclass(slots=True)
class Result:
    """What a run came to: its last failure, what could not be read, and when rows changed."""

    failure: errors.BankError | None = None
    rejected: int = 0
    lacks_rows: bool = False
    days: Days | None = None
    rereads_all: bool = False  # a worker before this one changed rows and did not say which

    def note(self, outcome: Outcome) -> None:
        """Add what reading an account came to, whether it was completed or not."""
        self.rejected += outcome.rejected
        self.lacks_rows |= outcome.lacks_rows
        self.days = joined(self.days, outcome.days)

    @property
    def lack(self) -> str:
        """The code of what is not there though no account failed."""
        if self.rejected:
            return ROWS_REJECTED
        return ROWS_MISSING if self.lacks_rows else ""

    @property
    def changed(self) -> bool:
        return self.rereads_all or self.days is not None

    @property
    def changed_since(self) -> date | None:
        """From which day on rows may have changed; None means from the first."""
        return None if self.rereads_all or self.days is None else self.days.first


@transaction.atomic
def finished(run: SyncRun, result: Result, *, now: datetime) -> None:
    """The run came to its end; raises LeaseLost when it is no longer this worker's."""
    connection = run.connection
    if result.failure is None:
        state = SyncRun.State.PARTIAL if result.lack else SyncRun.State.DONE
        code = result.lack
        _note_success(connection, now=now)
    else:
        some_read = run.accounts.filter(state=SyncRunAccount.State.DONE).exists()
        state = SyncRun.State.PARTIAL if some_read else SyncRun.State.FAILED
        code = result.failure.code
        _note_failure(connection, result.failure, code=code, now=now)
    if not _finish(run, state=state, code=code):
        raise lease.LeaseLost
    _save(connection, now=now)
    _note_access(run, state=state, now=now)


def _note_access(run: SyncRun, *, state: SyncRun.State, now: datetime) -> None:
    """The person's journal says who read what, and how much of it."""
    run.refresh_from_db(fields=["rows_read", "rows_new"])
    accounts = run.accounts.filter(state=SyncRunAccount.State.DONE).count()
    AuditEvent.objects.create(
        person=run.connection.user,
        kind=AuditEvent.Kind.SYNCED,
        bank_code=run.connection.bank.code,
        detail={
            "run": run.pk,
            "state": state,
            "trigger": run.trigger,
            "accounts": accounts,
            "rows_read": run.rows_read,
            "rows_new": run.rows_new,
        },
        at=now,
    )


@transaction.atomic
def cancelled(run: SyncRun, *, now: datetime) -> None:
    """The person stopped the run; the next one comes at its regular time."""
    if _finish(run, state=SyncRun.State.CANCELLED):
        run.connection.next_run_at = schedule.after_success(now=now)
        _save(run.connection, now=now)


@transaction.atomic
def broken(run: SyncRun, *, now: datetime) -> None:
    """Something unexpected went wrong; tried again like any failure, with growing pauses."""
    if _finish(run, state=SyncRun.State.FAILED, code=INTERNAL_ERROR):
        _note_failure(run.connection, None, code=INTERNAL_ERROR, now=now)
        _save(run.connection, now=now)


def _note_success(connection: BankConnection, *, now: datetime) -> None:
    connection.last_success_at = now
    connection.next_run_at = schedule.after_success(now=now)
    connection.retry_after = None
    connection.failures = 0
    connection.last_error_code = ""


def _note_failure(
    connection: BankConnection, failure: errors.BankError | None, *, code: str, now: datetime
) -> None:
    is_open = connection.status == BankConnection.Status.ACTIVE
    connection.next_run_at = schedule.after_failure(connection, failure, now=now) if is_open else None
    asks_to_wait = isinstance(failure, errors.RateLimited) or schedule.wish(failure) is not None
    connection.retry_after = connection.next_run_at if asks_to_wait else None
    connection.failures += 1
    connection.last_error_code = code


def _save(connection: BankConnection, *, now: datetime) -> None:
    BankConnection.objects.filter(pk=connection.pk).update(
        last_attempt_at=now,
        last_success_at=connection.last_success_at,
        next_run_at=connection.next_run_at,
        retry_after=connection.retry_after,
        failures=connection.failures,
        last_error_code=connection.last_error_code,
    )


def _finish(run: SyncRun, *, state: SyncRun.State, code: str = "") -> bool:
    """Close the run if it is still this worker's."""
    mine = SyncRun.objects.filter(pk=run.pk, worker=run.worker, state=SyncRun.State.RUNNING)
    return bool(mine.update(state=state, error_code=code, finished_at=timezone.now(), lease_until=None))
