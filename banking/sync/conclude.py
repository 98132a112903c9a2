"""Sync: how a run ended, put on the run and on its connection."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from banking.clients import errors
from banking.models import AuditEvent, BankConnection, SyncRun, SyncRunAccount
from banking.queries.budget import call_budget
from banking.services import calls as call_counts
from banking.services import circuit
from banking.services.calls import BudgetSpent
from banking.sync import lease, schedule
from banking.sync.account import Outcome
from banking.sync.admission import Refusal
from banking.sync.days import Days, joined

ACCOUNTS_REJECTED = "accounts_rejected"
ROWS_REJECTED = "rows_rejected"
ROWS_MISSING = "rows_missing"
INTERNAL_ERROR = "internal_error"


@dataclass(slots=True)
class Result:
    """What a run came to: its last failure, what could not be read, and when rows changed."""

    failure: errors.BankError | None = None
    some_read: bool = False
    unread_accounts: int = 0
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
        if self.unread_accounts:
            return ACCOUNTS_REJECTED
        if self.rejected:
            return ROWS_REJECTED
        return ROWS_MISSING if self.lacks_rows else ""

    @property
    def is_silence(self) -> bool:
        """Whether the bank did not answer: one account that fails while others come is no silence."""
        return circuit.is_silence(self.failure) and not self.some_read

    @property
    def changed(self) -> bool:
        return self.rereads_all or self.days is not None

    @property
    def changed_since(self) -> date | None:
        """From which day on rows may have changed; None means from the first."""
        return None if self.rereads_all or self.days is None else self.days.first


@transaction.atomic
def finished(run: SyncRun, result: Result, *, calls: int, now: datetime) -> None:
    """The run came to its end; raises LeaseLost when it is no longer this worker's."""
    connection = run.connection
    if result.failure is None:
        state = SyncRun.State.PARTIAL if result.lack else SyncRun.State.DONE
        code = result.lack
        _note_success(connection, as_of=_read_at(run, now=now), now=now)
    else:
        result.some_read = run.accounts.filter(state=SyncRunAccount.State.DONE).exists()
        state = SyncRun.State.PARTIAL if result.some_read else SyncRun.State.FAILED
        code = result.failure.code
        _note_failure(connection, result.failure, code=code, now=now)
    if not _finish(run, state=state, code=code, calls=calls, now=now):
        raise lease.LeaseLost
    _save(connection, now=now)
    _note_access(run, state=state, now=now)


def _note_access(run: SyncRun, *, state: SyncRun.State, now: datetime) -> None:
    """The person's journal says who read what, and how much of it."""
    run.refresh_from_db(fields=["rows_read", "rows_new"])
    accounts = run.accounts.filter(state=SyncRunAccount.State.DONE, pages_read__gt=0).count()
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
def not_called(run: SyncRun, refusal: Refusal, *, now: datetime) -> None:
    """The bank was left alone: no failure of the connection's, it only waits for its time."""
    connection = run.connection
    if not _finish(run, state=SyncRun.State.FAILED, code=refusal.code, calls=run.calls_made, now=now):
        raise lease.LeaseLost
    if connection.status == BankConnection.Status.ACTIVE:
        is_for_all = refusal.code == BudgetSpent.code
        next_run_at = schedule.after_waiting(refusal.until) if is_for_all else refusal.until
        BankConnection.objects.filter(pk=connection.pk).update(next_run_at=next_run_at)


@transaction.atomic
def cancelled(run: SyncRun, *, calls: int, now: datetime) -> None:
    """The person stopped the run; the next one comes at its regular time."""
    if _finish(run, state=SyncRun.State.CANCELLED, calls=calls, now=now):
        run.connection.next_run_at = schedule.after_success(now=now)
        _save(run.connection, now=now)


@transaction.atomic
def broken(run: SyncRun, *, calls: int, now: datetime) -> None:
    """Something unexpected went wrong; tried again like any failure, with growing pauses."""
    if _finish(run, state=SyncRun.State.FAILED, code=INTERNAL_ERROR, calls=calls, now=now):
        _note_failure(run.connection, None, code=INTERNAL_ERROR, now=now)
        _save(run.connection, now=now)


def _read_at(run: SyncRun, *, now: datetime) -> datetime:
    """Of when the data is: accounts that a retry passed over are as old as they were."""
    if run.trigger != SyncRun.Trigger.RETRY:
        return now
    read_at = run.connection.accounts.open().exclude(last_synced_at=None).order_by("last_synced_at")
    return read_at.values_list("last_synced_at", flat=True).first() or now


def _note_success(connection: BankConnection, *, as_of: datetime, now: datetime) -> None:
    connection.last_success_at = as_of
    connection.next_run_at = schedule.after_success(now=now)
    connection.retry_after = None
    connection.failures = 0
    connection.failing_since = None
    connection.last_error_code = ""


def _note_failure(
    connection: BankConnection, failure: errors.BankError | None, *, code: str, now: datetime
) -> None:
    if isinstance(failure, BudgetSpent):
        opens_at = call_budget(connection, now=now).opens_at
        connection.next_run_at = schedule.after_waiting(opens_at)
        return
    is_open = connection.status == BankConnection.Status.ACTIVE
    connection.next_run_at = schedule.after_failure(connection, failure, now=now) if is_open else None
    asks_to_wait = isinstance(failure, errors.RateLimited) or call_counts.wish(failure) is not None
    connection.retry_after = connection.next_run_at if asks_to_wait else None
    connection.failures += 1
    connection.failing_since = connection.failing_since or now
    connection.last_error_code = code


def _save(connection: BankConnection, *, now: datetime) -> None:
    BankConnection.objects.filter(pk=connection.pk).update(
        last_attempt_at=now,
        last_success_at=connection.last_success_at,
        next_run_at=connection.next_run_at,
        retry_after=connection.retry_after,
        failures=connection.failures,
        failing_since=connection.failing_since,
        last_error_code=connection.last_error_code,
    )


def _finish(run: SyncRun, *, state: SyncRun.State, code: str = "", calls: int, now: datetime) -> bool:
    """Close the run if it is still this worker's, and put its calls on the day's account."""
    mine = SyncRun.objects.filter(pk=run.pk, worker=run.worker, state=SyncRun.State.RUNNING)
    closed = mine.update(
        state=state, error_code=code, finished_at=timezone.now(), lease_until=None, calls_made=calls
    )
    if closed:
        call_counts.put_on_record(run.connection, calls=calls, now=now)
    return bool(closed)
