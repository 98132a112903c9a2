"""Sync: one run, from taking the lease to the state that the page shows."""

from collections.abc import Sequence
from datetime import datetime

import structlog
from django.db import IntegrityError, transaction

from banking.clients import errors
from banking.clients.schemas import BankAccount, Listing
from banking.models import Account, BankConnection, SyncRun, SyncRunAccount
from banking.queries import category_rules
from banking.services import circuit, openbanking
from banking.services.access import BankAccess
from banking.services.calls import BudgetSpent, Meter
from banking.sync import admission, conclude, lease
from banking.sync.account import AccountSync, Outcome
from banking.sync.accounts import store_accounts
from banking.sync.conclude import Result
from banking.sync.relations import relate
from banking.sync.rows import common_categories
from banking.sync.signals import account_synced

log = structlog.get_logger(__name__)

# Failures that the next account of the same bank would only repeat.
STOPS_THE_RUN = (errors.ConsentRequired, errors.RateLimited, errors.AuthenticationFailed, BudgetSpent)


class NothingListed(errors.BankError):
    """An empty list where there were accounts: no reason yet to close them all."""

    code = "nothing_listed"
    retryable = True


def open_run(connection: BankConnection, trigger: str) -> SyncRun | None:
    """The connection's open run, a new one unless somebody asked already; None when it was deleted."""
    try:
        with transaction.atomic():
            return SyncRun.objects.create(connection=connection, trigger=trigger)
    except IntegrityError:
        return SyncRun.objects.open().filter(connection=connection).first()


def execute(run_id: int, *, worker: str, now: datetime) -> SyncRun | None:
    """Do a run's work, unless another worker has it; the result is the run's row.

    A failing bank is a state of the run, not an exception; what is unexpected is noted on the row
    and raised.
    """
    run = lease.claim(run_id, worker=worker, now=now)
    if run is None:
        return None
    meter = admission.meter(run, now=now)
    with structlog.contextvars.bound_contextvars(sync_run=run.pk, bank=run.connection.bank.code):
        try:
            _work(run, meter, now=now)
        except lease.LeaseLost:
            log.warning("sync_lease_lost")
            return None
        except lease.Cancelled:
            conclude.cancelled(run, calls=meter.calls, now=now)
        except Exception:
            conclude.broken(run, calls=meter.calls, now=now)
            raise
    return SyncRun.objects.filter(pk=run.pk).first()


def _work(run: SyncRun, meter: Meter, *, now: datetime) -> None:
    refusal = admission.refusal(run, now=now)
    if refusal is not None:
        log.info("bank_not_called", code=refusal.code)
        conclude.not_called(run, refusal, now=now)
        return
    progress, called_before = lease.Progress(run, meter=meter), meter.calls
    result = _read_connection(run, progress, now=now)
    if isinstance(result.failure, errors.ConsentRequired):
        openbanking.learn_why_closed(run.connection, now=now)
    if result.changed:
        with transaction.atomic():
            progress.renew()
            relate(user_id=run.connection.user_id, since=result.changed_since, now=now)
    conclude.finished(run, result, calls=meter.calls, now=now)
    if result.is_silence:
        circuit.note_silence(run.connection, now=now)
    elif meter.calls > called_before:
        circuit.note_answer(run.connection)
    else:
        circuit.give_back(run.connection)


def _read_connection(run: SyncRun, progress: lease.Progress, *, now: datetime) -> Result:
    with BankAccess(run.connection, now=now, meter=progress.meter) as access:
        try:
            listed = access.with_session(access.client.list_accounts)
        except errors.BankError as error:
            return Result(failure=error)
        if not listed and run.connection.accounts.open().exists():
            return Result(failure=NothingListed(bank=access.bank_code))
        with transaction.atomic():
            progress.renew()
            accounts = store_accounts(run.connection, listed, complete=not listed.rejected, now=now)
        return _read_accounts(run, access, progress, accounts, listed, now=now)


def _read_accounts(
    run: SyncRun,
    access: BankAccess,
    progress: lease.Progress,
    accounts: list[Account],
    listed: Listing[BankAccount],
    *,
    now: datetime,
) -> Result:
    debts = {sent.external_id for sent in listed if sent.is_debt}
    categories = common_categories()
    persons_rules = category_rules.deciding(user_id=run.connection.user_id)
    result = Result(unread_accounts=len(listed.rejected), rereads_all=run.accounts.exists())
    for step in _steps(run, accounts):
        if isinstance(result.failure, STOPS_THE_RUN):
            _end_step(step, progress, code=result.failure.code)
            continue
        sync = AccountSync(
            access=access,
            step=step,
            progress=progress,
            categories=categories,
            persons_rules=persons_rules,
            is_debt=step.account.external_id in debts,
            now=now,
        )
        _read_account(sync, step, progress, result)
    return result


def _steps(run: SyncRun, accounts: Sequence[Account]) -> list[SyncRunAccount]:
    """The run's accounts, in order; those that an earlier worker finished are not read again.

    Nor are, in a retry, those that the run before read: they are done without a page.
    """
    passed_over = _read_before(run) if run.trigger == SyncRun.Trigger.RETRY else set()
    states = {True: SyncRunAccount.State.DONE, False: SyncRunAccount.State.WAITING}
    SyncRunAccount.objects.bulk_create(
        [
            SyncRunAccount(run=run, account=account, state=states[account.pk in passed_over])
            for account in accounts
        ],
        ignore_conflicts=True,
    )
    steps = SyncRunAccount.objects.filter(run=run, account__in=accounts).select_related("account")
    return list(steps.exclude(state=SyncRunAccount.State.DONE).order_by("account_id"))


def _read_before(run: SyncRun) -> set[int]:
    """The accounts that the connection's run before this one read."""
    before = SyncRun.objects.filter(connection=run.connection_id, pk__lt=run.pk).order_by("-pk").first()
    done = SyncRunAccount.objects.filter(run=before, state=SyncRunAccount.State.DONE)
    return set(done.values_list("account", flat=True)) if before else set()


def _read_account(sync: AccountSync, step: SyncRunAccount, progress: lease.Progress, result: Result) -> None:
    """Read one account; its failure is noted and leaves the others alone."""
    step.state = SyncRunAccount.State.READING
    progress.note(step)
    try:
        sync.run()
    except lease.AccountRemoved:
        log.info("account_removed_while_read", account=step.account_id)
    except errors.BankError as error:
        log.warning("account_not_read", account=step.account_id, code=error.code, error=str(error))
        result.failure = error
        _end_step(step, progress, code=error.code)
    else:
        account_synced.send(sender=Account, account=step.account, outcome=sync.outcome)
        with transaction.atomic():
            _end_step(step, progress)
            _count(progress, sync.outcome)
    result.note(sync.outcome)


def _end_step(step: SyncRunAccount, progress: lease.Progress, *, code: str = "") -> None:
    step.state = SyncRunAccount.State.FAILED if code else SyncRunAccount.State.DONE
    step.error_code = code
    progress.note(step)


def _count(progress: lease.Progress, outcome: Outcome) -> None:
    progress.add(
        rows_read=outcome.rows_read,
        rows_new=outcome.new,
        rows_changed=outcome.changed,
        rows_removed=outcome.removed,
        rows_rejected=outcome.rejected,
    )
