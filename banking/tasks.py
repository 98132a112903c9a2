"""What the worker does. Rows hold the truth; a task only says "have a look", and may be lost."""

from datetime import date, datetime, timedelta

import structlog
from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from banking import importing, search_index
from banking.clients import errors
from banking.models import BankConnection, Consent, SyncRun, Transfer
from banking.services import circuit, connecting, consents, openbanking, payments, rates
from banking.sync import run as sync_run
from financehub.periods import local_date

log = structlog.get_logger(__name__)

FORGOTTEN_AFTER = timedelta(minutes=1)


@db_task()
def open_access(connection_id: int) -> None:
    """Ask a bank for access, and read it when it is given at once."""
    now = timezone.now()
    connection = connecting.claim_opening(connection_id, now=now)
    if connection is None:
        return
    try:
        connecting.open_access(connection, now=now)
    except errors.BankError as error:
        log.warning("access_not_opened", bank=error.bank, code=error.code, retryable=error.retryable)
        return
    except consents.ConnectionForgotten:
        return
    if connection.status == BankConnection.Status.ACTIVE:
        _read(connection)


@db_task()
def check_access(consent_id: int) -> None:
    """Ask a bank where a waiting consent stands, and read the bank when that opened it."""
    consent = Consent.objects.awaiting().filter(pk=consent_id).select_related("connection__bank").first()
    if consent is None:
        return
    try:
        opened = openbanking.check_access(consent, says_signed=False, now=timezone.now())
    except errors.BankError as error:
        log.warning("consent_not_checked", bank=error.bank, code=error.code)
        return
    if opened:
        _read(consent.source)


@db_task()
def run_sync(run_id: int) -> None:
    """Do a synchronisation, unless another worker has it."""
    sync_run.execute(run_id, worker=connecting.worker_name(), now=timezone.now())


@db_task()
def tell_of_ended(connection_id: int) -> None:
    """Revoke at the bank what has ended here while the bank could not be told."""
    connection = BankConnection.objects.select_related("bank").filter(pk=connection_id).first()
    if connection is not None:
        openbanking.tell_of_ended(connection, now=timezone.now())


@db_task()
def send_transfer(transfer_id: int) -> None:
    """Take a transfer a step further, and come back to it until its end is known."""
    transfer = payments.work(transfer_id, worker=connecting.worker_name(), now=timezone.now())
    if transfer is not None:
        follow_transfer(transfer)


def follow_transfer(transfer: Transfer) -> None:
    """What comes after a step: the next one, or, once money moved, a look at both accounts."""
    if transfer.is_open:
        if transfer.next_check_at is not None:
            pause = (transfer.next_check_at - timezone.now()).total_seconds()
            send_transfer.schedule((transfer.pk,), delay=max(pause, 0) + 0.1)
    elif transfer.sent_at is not None:
        for connection in touched_connections(transfer):
            run = sync_run.open_run(connection, SyncRun.Trigger.PERSON)
            if run is not None:
                run_sync(run.pk)


def touched_connections(transfer: Transfer) -> list[BankConnection]:
    """The open connections that show the two sides of a transfer."""
    accounts = [transfer.from_account_id, transfer.to_account_id]
    touched = BankConnection.objects.filter(accounts__in=accounts, status=BankConnection.Status.ACTIVE)
    return list(touched.distinct().order_by("pk"))


@db_periodic_task(crontab(hour="3", minute="50"))
def forget_waiting_files() -> None:
    """Delete files that were brought and left."""
    importing.forget_waiting(now=timezone.now())


@db_periodic_task(crontab(minute="*"))
def dispatch() -> None:
    """Every minute: what is due, what was forgotten, what a dead worker left."""
    now = timezone.now()
    consents.expire(now=now)
    for connection in circuit.readable(BankConnection.objects.due(now).order_by("next_run_at"), now=now):
        sync_run.open_run(connection, SyncRun.Trigger.SCHEDULE)
    for run_id in _waiting_runs(now):
        run_sync(run_id)
    for connection_id in _unopened_connections(now):
        open_access(connection_id)
    for consent_id in _waiting_consents(now):
        check_access(consent_id)
    for connection_id in _untold_ends(now):
        tell_of_ended(connection_id)
    for transfer_id in payments.due_transfers(now):
        send_transfer(transfer_id)


@db_periodic_task(crontab(minute="*"))
def index_searches() -> None:
    """Bring new rows into the index of searches; until then a search reads them one by one."""
    search_index.add_new_rows()


@db_periodic_task(crontab(minute="11", hour="*/3"))
def renew_rates() -> None:
    """Look for the day's exchange rates; the list of the next day is out long before that begins."""
    load_rates(None)


@db_task()
def load_rates(since: date | None) -> None:
    """Ask for the exchange rates that are missing, back to `since`, some days at a time."""
    if not settings.RATES_URL:
        return
    try:
        days_left = rates.fill(today=local_date(timezone.now()), since=since)
    except errors.BankError as error:
        log.warning("rates_not_loaded", code=error.code, retryable=error.retryable)
        return
    if days_left:
        load_rates(since)


def _read(connection: BankConnection) -> None:
    """Do the first reading here and now."""
    run = sync_run.open_run(connection, SyncRun.Trigger.CONNECT)
    if run is not None:
        sync_run.execute(run.pk, worker=connecting.worker_name(), now=timezone.now())


def _waiting_runs(now: datetime) -> list[int]:
    """Runs that nobody works on: just opened by the clock, never begun, or left by a dead worker."""
    scheduled = Q(trigger=SyncRun.Trigger.SCHEDULE)
    forgotten = Q(created_at__lt=now - FORGOTTEN_AFTER)
    runs = SyncRun.objects.claimable(now).filter(scheduled | forgotten)
    return list(runs.order_by("pk").values_list("pk", flat=True))


def _unopened_connections(now: datetime) -> list[int]:
    waiting = BankConnection.objects.filter(status=BankConnection.Status.REQUESTED)
    due = waiting.filter(next_run_at__lte=now) | waiting.filter(
        next_run_at=None, created_at__lt=now - FORGOTTEN_AFTER
    )
    due = due.exclude(pk__in=circuit.left_alone(now))
    return list(due.values_list("pk", flat=True))


def _waiting_consents(now: datetime) -> list[int]:
    due = Consent.objects.of_banks().awaiting().filter(next_check_at__lte=now)
    due = due.exclude(connection__in=circuit.left_alone(now))
    return list(due.values_list("pk", flat=True))


def _untold_ends(now: datetime) -> list[int]:
    """Connections of consents that ended here and not at the bank: a moment is left to whoever ended them."""
    due = Consent.objects.filter(revoke_due_at__lte=now - FORGOTTEN_AFTER)
    due = due.exclude(connection__retry_after__gt=now)
    due = due.exclude(connection__in=circuit.left_alone(now))
    return list(due.order_by("connection").values_list("connection", flat=True).distinct())
