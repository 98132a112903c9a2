"""Sync: one run, from taking the lease to the state that the page shows."""

from collections.abc import Sequence
from datetime import datetime

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone

from banking.clients import errors
from banking.clients.schemas import BankAccount
from banking.models import Account, AuditEvent, BankConnection, SyncRun, SyncRunAccount
from banking.services import openbanking
from banking.services.access import BankAccess
from banking.sync import lease, schedule
from banking.sync.account import AccountSync, Outcome
from banking.sync.accounts import store_accounts
from banking.sync.rows import common_categories
from banking.sync.signals import account_synced

log = structlog.get_logger(__name__)

# Failures that the next account of the same bank would only repeat.
STOPS_THE_RUN = (errors.ConsentRequired, errors.RateLimited, errors.AuthenticationFailed)


def open_run(connection: BankConnection, trigger: str) -> SyncRun:
    """The connection's open run; a new one unless somebody asked already."""
    try:
        with transaction.atomic():
            return SyncRun.objects.create(connection=connection, trigger=trigger)
    except IntegrityError:
        return SyncRun.objects.open().get(connection=connection)


def execute(run_id: int, *, worker: str, now: datetime) -> SyncRun | None:
    """Do a run's work, unless another worker has it; the result is the run's row.

    A failing bank is a state of the run, not an exception; what is unexpected is noted on the row
    and raised.
    """
    run = lease.claim(run_id, worker=worker, now=now)
    if run is None:
        return None
    with structlog.contextvars.bound_contextvars(sync_run=run.pk, bank=run.connection.bank.code):
        try:
            failure = _read_connection(run, now=now)
        except lease.LeaseLost:
            log.warning("sync_lease_lost")
            return None
        except lease.Cancelled:
            _finish(run, state=SyncRun.State.CANCELLED)
        except Exception:
            _finish(run, state=SyncRun.State.FAILED, code="internal_error")
            raise
        else:
            if isinstance(failure, errors.ConsentRequired):
                openbanking.learn_why_closed(run.connection, now=now)
            _conclude(run, failure, now=now)
    run.refresh_from_db()
    return run


def _read_connection(run: SyncRun, *, now: datetime) -> errors.BankError | None:
    """Read all accounts; the last failure, if any, is the answer."""
    with BankAccess(run.connection) as access:
        try:
            listed = access.with_session(access.client.list_accounts)
        except errors.BankError as error:
            return error
        accounts = store_accounts(run.connection, listed, complete=not listed.rejected, now=now)
        return _read_accounts(run, access, accounts, listed, now=now)


def _read_accounts(
    run: SyncRun,
    access: BankAccess,
    accounts: list[Account],
    listed: Sequence[BankAccount],
    *,
    now: datetime,
) -> errors.BankError | None:
    debts = {sent.external_id for sent in listed if sent.is_debt}
    categories = common_categories()
    progress = lease.Progress(run)
    failure: errors.BankError | None = None
    for step in _steps(run, accounts):
        if isinstance(failure, STOPS_THE_RUN):
            _end_step(step, progress, error=failure)
            continue
        sync = AccountSync(
            access=access,
            step=step,
            progress=progress,
            categories=categories,
            is_debt=step.account.external_id in debts,
            now=now,
        )
        failure = _read_account(sync, step, progress) or failure
    return failure


def _steps(run: SyncRun, accounts: list[Account]) -> list[SyncRunAccount]:
    """The run's accounts, in order; those that an earlier worker finished are not read again."""
    SyncRunAccount.objects.bulk_create(
        [SyncRunAccount(run=run, account=account) for account in accounts], ignore_conflicts=True
    )
    steps = SyncRunAccount.objects.filter(run=run).select_related("account").order_by("account_id")
    return [step for step in steps if step.state != SyncRunAccount.State.DONE]


def _read_account(
    sync: AccountSync, step: SyncRunAccount, progress: lease.Progress
) -> errors.BankError | None:
    step.state = SyncRunAccount.State.READING
    progress.note(step)
    try:
        outcome = sync.run()
    except errors.BankError as error:
        log.warning("account_not_read", account=step.account_id, code=error.code, error=str(error))
        _end_step(step, progress, error=error)
        return error
    _end_step(step, progress, error=None)
    _count(progress, outcome)
    account_synced.send(sender=Account, account=step.account, outcome=outcome)
    return None


def _end_step(step: SyncRunAccount, progress: lease.Progress, *, error: errors.BankError | None) -> None:
    step.state = SyncRunAccount.State.FAILED if error else SyncRunAccount.State.DONE
    step.error_code = error.code if error else ""
    progress.note(step)


def _count(progress: lease.Progress, outcome: Outcome) -> None:
    progress.add(
        rows_read=outcome.rows_read,
        rows_new=outcome.changes.new - outcome.reconciled.merged,
        rows_changed=outcome.changes.changed + outcome.reconciled.merged,
        rows_removed=outcome.reconciled.missing,
        rows_rejected=outcome.rejected,
    )


@transaction.atomic
def _conclude(run: SyncRun, failure: errors.BankError | None, *, now: datetime) -> None:
    """Put the result on the run and on its connection."""
    connection = run.connection
    connection.last_attempt_at = now
    if failure is None:
        _note_success(connection, now=now)
        state = SyncRun.State.DONE
    else:
        _note_failure(connection, failure, now=now)
        some_read = run.accounts.filter(state=SyncRunAccount.State.DONE).exists()
        state = SyncRun.State.PARTIAL if some_read else SyncRun.State.FAILED
    connection.save(
        update_fields=[
            "last_attempt_at",
            "last_success_at",
            "next_run_at",
            "retry_after",
            "failures",
            "last_error_code",
        ]
    )
    _finish(run, state=state, code=failure.code if failure else "")
    AuditEvent.objects.create(
        person=connection.user,
        kind=AuditEvent.Kind.SYNCED,
        bank_code=connection.bank.code,
        detail={"run": run.pk, "state": state},
        at=now,
    )


def _note_success(connection: BankConnection, *, now: datetime) -> None:
    connection.last_success_at = now
    connection.next_run_at = schedule.after_success(connection, now=now)
    connection.retry_after = None
    connection.failures = 0
    connection.last_error_code = ""


def _note_failure(connection: BankConnection, failure: errors.BankError, *, now: datetime) -> None:
    is_open = connection.status == BankConnection.Status.ACTIVE
    connection.next_run_at = schedule.after_failure(connection, failure, now=now) if is_open else None
    asks_to_wait = isinstance(failure, errors.RateLimited)
    connection.retry_after = connection.next_run_at if asks_to_wait else None
    connection.failures += 1
    connection.last_error_code = failure.code


def _finish(run: SyncRun, *, state: SyncRun.State, code: str = "") -> None:
    SyncRun.objects.filter(pk=run.pk, worker=run.worker).update(
        state=state, error_code=code, finished_at=timezone.now(), lease_until=None
    )
