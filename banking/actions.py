"""What people change: connections, synchronisations, transfers."""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.transaction import atomic
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from banking import removal, tasks, totals
from banking.models import (
    Account,
    AuditEvent,
    Bank,
    BankConnection,
    Consent,
    ConsentEvent,
    SyncRun,
    Transaction,
    Transfer,
)
from banking.queries.connections import ENDED_STATUSES, unconnected_banks
from banking.services import (
    connecting,
    consents,
    gateway,
    multibank,
    openbanking,
    payments,
    transfer_orders,
)
from banking.sync import run as sync_run
from banking.sync.accounts import lock_accounts
from banking.sync.relations import relate
from financehub.errors import DomainError
from financehub.users import throttle
from financehub.users.models import User

log = structlog.get_logger(__name__)

DEMO_CLIENTS = range(1, 11)
GATEWAY_CHECKS = throttle.Limit(name="gost", attempts=10, refill=timedelta(seconds=6))


class UnsupportedBank(DomainError):
    code = "unsupported_bank"
    message = _("Такого банка нет в списке.")


class UnknownClient(DomainError):
    code = "unknown_client"
    message = _("Номер клиента песочницы — от 1 до 10.")


class OtherChannel(DomainError):
    """The bank is being read over another channel; the way of open access is not changed underneath it."""

    code = "other_channel"
    message = _("Этот банк уже подключён по другому каналу. Отключите его и подключите снова.")


class NotConnected(DomainError):
    code = "not_connected"
    message = _("У этого подключения нет действующего доступа. Подключите банк снова.")


class NoActiveConsent(DomainError):
    code = "no_active_consent"
    message = _("Это согласие уже не действует.")


def connect_bank(
    *, user: User, bank_code: str, channel: str | None = None, client_number: str = "", now: datetime
) -> BankConnection:
    """Start connecting a bank in the background, or refresh the connection that exists."""
    connection = _prepare(
        user=user, bank_code=bank_code, channel=channel, client_number=client_number, now=now
    )
    if connection.status == BankConnection.Status.ACTIVE:
        request_sync(connection=connection, trigger=SyncRun.Trigger.PERSON, now=now)
    elif connection.status == BankConnection.Status.REQUESTED:
        transaction.on_commit(lambda: tasks.open_access(connection.pk))
    return connection


def connect_every_bank(*, user: User, now: datetime) -> list[BankConnection]:
    """Start connecting all banks that the person has no connection to; none waits for another.

    Raises as `connect_bank`.
    """
    codes = list(unconnected_banks(user).values_list("code", flat=True))
    return [connect_bank(user=user, bank_code=code, now=now) for code in codes]


def connect_bank_now(
    *, user: User, bank_code: str, channel: str | None = None, client_number: str = "", now: datetime
) -> BankConnection:
    """Connect and read a bank before answering, for callers that wait.

    Raises a clients.errors.BankError when the bank gave no access, SyncFailed when it gave no data.
    """
    connection = _prepare(
        user=user, bank_code=bank_code, channel=channel, client_number=client_number, now=now
    )
    if connection.status == BankConnection.Status.REQUESTED:
        claimed = connecting.claim_opening(connection.pk, now=now)
        if claimed is None:
            connecting.wait_for_opening(connection)
        else:
            connecting.open_access(claimed, now=now)
        connection.refresh_from_db()
    if connection.status == BankConnection.Status.ACTIVE:
        sync_now(connection=connection, trigger=SyncRun.Trigger.CONNECT, now=now)
        connection.refresh_from_db()
    return connection


def check_consent(*, connection: BankConnection, says_signed: bool = False, now: datetime) -> BankConnection:
    """Ask the bank where a waiting consent stands, and read the bank once it is granted.

    Raises a clients.errors.BankError when the bank does not answer.
    """
    consent = (
        Consent.objects.awaiting().filter(connection=connection).select_related("connection__bank").first()
    )
    if consent is not None:
        opened = openbanking.check_access(consent, says_signed=says_signed, now=now)
        connection.refresh_from_db()
        if opened:
            request_sync(connection=connection, trigger=SyncRun.Trigger.CONNECT, now=now)
    return connection


def renew_consent(*, connection: BankConnection, now: datetime) -> Consent:
    """Ask for a new consent beside the one in use, which serves until the new one is granted.

    A renewal that waits already is the answer. Raises NotConnected without an access to renew, and a
    clients.errors.BankError when the bank was not reached; the access in use is then as it was.
    """
    if connection.status != BankConnection.Status.ACTIVE:
        raise NotConnected
    consent = openbanking.ask_for_access(connection, now=now)
    connection.refresh_from_db()
    if consent.status == Consent.Status.GRANTED:
        request_sync(connection=connection, trigger=SyncRun.Trigger.CONNECT, now=now)
    return consent


def cancel_renewal(*, connection: BankConnection, now: datetime) -> bool:
    """Give up a renewal that waits; the access in use stays. False when none waits."""
    return consents.cancel_waiting(connection, now=now)


def revoke_consent(*, consent: Consent, actor: User, now: datetime) -> bool:
    """End a consent that is in use or waits; what was read stays. False when the bank could not be told.

    Raises NoActiveConsent when it has ended before.
    """
    if consent.partner_id is not None:
        if not multibank.revoke(consent=consent, actor=ConsentEvent.Actor.PERSON, now=now):
            raise NoActiveConsent
        return True
    connection = consent.source
    if consent.status == Consent.Status.AWAITING:
        cancel_connecting(connection=connection, now=now)
        return True
    if consent.status != Consent.Status.GRANTED or consent.is_expired(now):
        raise NoActiveConsent
    return disconnect(connection=connection, actor=actor, keep_data=True, now=now)


def check_gateway(*, user: User, now: datetime) -> gateway.Measurement:
    """Make a handshake with the GOST gateway now; raises throttle.TooManyAttempts.

    Nothing but the attempt itself says whether GOST works.
    """
    throttle.take(limit=GATEWAY_CHECKS, subject=str(user.pk), now=now)
    return gateway.measure()


def request_sync(*, connection: BankConnection, trigger: str, now: datetime) -> SyncRun:
    """Ask for a reading in the background; the run that is open already is the answer if there is one."""
    run = _open_run(connection, trigger)
    transaction.on_commit(lambda: tasks.run_sync(run.pk))
    return run


def sync_now(*, connection: BankConnection, trigger: str, now: datetime) -> SyncRun:
    """Read a connection before answering; raises SyncFailed when nothing at all could be read."""
    run = _open_run(connection, trigger)
    return connecting.read_now(run)


def cancel_sync(*, connection: BankConnection) -> None:
    """Ask the worker to stop; what it has read stays."""
    SyncRun.objects.open().filter(connection=connection).update(cancel_requested=True)


@atomic
def cancel_connecting(*, connection: BankConnection, now: datetime) -> None:
    """Give up the request that waits. A connection that never had access is forgotten with it.

    One with access, or with accounts from an earlier one, stays as it was before the request.
    """
    present = BankConnection.objects.select_for_update().filter(pk=connection.pk).first()
    if present is None:
        return
    has_history = present.accounts.exists() or present.consents.exclude(granted_at=None).exists()
    if present.status != BankConnection.Status.ACTIVE and not has_history:
        present.delete()
    elif not consents.cancel_waiting(present, now=now):
        consents.follow(present, now=now)


def disconnect(*, connection: BankConnection, actor: User, keep_data: bool = False, now: datetime) -> bool:
    """Revoke the access at the bank; accounts and rows stay or go, as the person chooses.

    False when the bank could not be told: it is told again later if the data stays, else the consent
    ends by its date.
    """
    cancel_sync(connection=connection)
    told = openbanking.give_up_access(connection, actor=ConsentEvent.Actor.PERSON, now=now)
    with atomic():
        AuditEvent.objects.create(
            person=connection.user,
            actor=actor,
            kind=AuditEvent.Kind.DISCONNECTED,
            bank_code=connection.bank.code,
            detail={"revoked_at_bank": told, "data_kept": keep_data},
            at=now,
        )
        if keep_data:
            _close(connection)
        else:
            _forget(connection, now=now)
    return told


def _close(connection: BankConnection) -> None:
    """Keep what was read, and read no more."""
    SyncRun.objects.open().filter(connection=connection).delete()
    connection.drop_token()
    connection.status = BankConnection.Status.DISCONNECTED
    connection.next_run_at = connection.retry_after = None
    connection.save(
        update_fields=["status", "next_run_at", "retry_after", "token_sealed", "token_expires_at"]
    )


def _forget(connection: BankConnection, *, now: datetime) -> None:
    """Remove everything of a connection, in the order in which a run takes it, so that one is waited for."""
    SyncRun.objects.filter(connection=connection).delete()
    BankConnection.objects.select_for_update().filter(pk=connection.pk).first()
    held = lock_accounts(connection.user_id)
    theirs = [account.pk for account in held if account.connection_id == connection.pk]
    removal.erase_rows(Transaction.objects.filter(account__in=theirs))
    connection.delete()
    relate(user_id=connection.user_id, since=None, now=now)
    totals.refresh(user_id=connection.user_id, since=None)


def restore_account(*, account: Account, now: datetime) -> bool:
    """Read a removed account again; False where its bank has to be connected first."""
    connection = account.connection
    if connection is None or not removal.restore_account(account=account):
        return False
    if connection.status != BankConnection.Status.ACTIVE:
        return False
    request_sync(connection=connection, trigger=SyncRun.Trigger.PERSON, now=now)
    return True


def check_order(*, user: User, order: transfer_orders.Order, now: datetime) -> tuple[Account, Account]:
    """The two accounts of an order that could be placed now; raises as `make_transfer` does."""
    return transfer_orders.check(user=user, order=order, now=now)


def make_transfer(*, user: User, order: transfer_orders.Order, now: datetime) -> Transfer:
    """Order a transfer in the background; the same order again is the same transfer.

    Raises a DomainError of services.transfer_orders that says what to do.
    """
    transfer = transfer_orders.place(user=user, order=order, now=now)
    transaction.on_commit(lambda: tasks.send_transfer(transfer.pk))
    return transfer


def make_transfer_now(*, user: User, order: transfer_orders.Order, now: datetime) -> Transfer:
    """Order a transfer and take it as far as it goes before answering; its rows are read if it is done.

    Raises as `make_transfer` does. What the bank says is a state of the transfer, not an exception.
    """
    transfer = transfer_orders.place(user=user, order=order, now=now)
    worked = payments.work(transfer.pk, worker=connecting.worker_name(), now=now)
    if worked is not None:
        if worked.state == Transfer.State.CONFIRMED:
            _read_both_sides(worked)
        else:
            tasks.follow_transfer(worked)
    transfer.refresh_from_db()
    return transfer


def check_transfer(*, transfer: Transfer, now: datetime) -> None:
    """The person wants to know: look at once, though not more than once in two seconds."""
    waiting = Transfer.objects.open().free(now).filter(pk=transfer.pk)
    if waiting.exclude(checked_at__gt=now - consents.ASK_AT_MOST_EVERY).update(next_check_at=now):
        transaction.on_commit(lambda: tasks.send_transfer(transfer.pk))


def _read_both_sides(transfer: Transfer) -> None:
    """Bring in both rows; a bank that fails now is read again by its schedule."""
    for connection in tasks.touched_connections(transfer):
        try:
            sync_now(connection=connection, trigger=SyncRun.Trigger.PERSON, now=timezone.now())
        except (connecting.SyncFailed, NotConnected) as error:
            log.info("transfer_rows_not_read", code=error.code)


def _prepare(
    *, user: User, bank_code: str, channel: str | None, client_number: str, now: datetime
) -> BankConnection:
    """The person's connection to a bank, ready to be opened unless it is open, waiting or on its way.

    Raises OtherChannel where it is so over another channel than the one asked for.
    """
    bank = Bank.objects.filter(code=bank_code.lower(), is_active=True).first()
    if bank is None:
        raise UnsupportedBank
    channel = channel or default_channel(user)
    gateway.check_available(channel)
    connection, created = BankConnection.objects.get_or_create(
        user=user, bank=bank, client_id=_bank_client(user, client_number), defaults={"channel": channel}
    )
    consents.expire(connection=connection, now=now)
    connection.refresh_from_db(fields=["status"])
    if created or _reopen(connection, channel):
        AuditEvent.objects.create(
            person=user, actor=user, kind=AuditEvent.Kind.CONNECTED, bank_code=bank.code, at=now
        )
    elif connection.channel != channel:
        raise OtherChannel
    return connection


def default_channel(user: User) -> str:
    """The channel of those who do not choose one: in the GOST mode nothing else will do."""
    return BankConnection.Channel.GOST if user.use_gost_mode else BankConnection.Channel.BANK


def _reopen(connection: BankConnection, channel: str) -> bool:
    """Ask again for an access that ended or never came; False when there is nothing to ask for.

    The token of one channel goes over no other. Another system knows neither our consents at the old one,
    which end there by their date, nor how long that asked to wait.
    """
    was = connection.system
    ended = BankConnection.objects.filter(pk=connection.pk, status__in=ENDED_STATUSES)
    changes: dict[str, Any] = {"channel": channel}
    if channel != connection.channel:
        changes |= {"token_sealed": "", "token_expires_at": None}
    reopened = ended.update(
        **changes,
        status=BankConnection.Status.REQUESTED,
        failures=0,
        failing_since=None,
        last_error_code="",
        next_run_at=None,
    )
    if reopened:
        connection.refresh_from_db()
        if connection.system != was:
            consents.forget_untold(connection)
    return bool(reopened)


def _bank_client(user: User, client_number: str) -> str:
    """Whom the sandbox banks know the person as: chosen, named by the login, or spread by the id."""
    team = settings.BANK_TEAM_ID
    login = user.email.partition("@")[0]
    if client_number in {"", "0"}:
        is_client = login.startswith(f"{team}-")
        return login if is_client else f"{team}-{1 + (user.pk - 1) % len(DEMO_CLIENTS)}"
    if not client_number.isdecimal() or int(client_number) not in DEMO_CLIENTS:
        raise UnknownClient
    return f"{team}-{int(client_number)}"


def _open_run(connection: BankConnection, trigger: str) -> SyncRun:
    if connection.status != BankConnection.Status.ACTIVE:
        raise NotConnected
    run = sync_run.open_run(connection, trigger)
    if run is None:
        raise NotConnected
    return run
