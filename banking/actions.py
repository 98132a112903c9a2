"""What people change: connections, synchronisations, and their own words on a transaction."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from banking import tasks
from banking.models import (
    Account,
    AuditEvent,
    Bank,
    BankConnection,
    Category,
    Consent,
    ConsentEvent,
    SyncRun,
    Transaction,
)
from banking.services import connecting, openbanking
from banking.sync import run as sync_run
from financehub.errors import DomainError
from financehub.users.models import User

DEMO_CLIENTS = range(1, 11)
OPEN_STATUSES = {BankConnection.Status.ACTIVE, BankConnection.Status.AWAITING}


class UnsupportedBank(DomainError):
    code = "unsupported_bank"
    message = _("Такого банка нет в списке.")


class UnknownClient(DomainError):
    code = "unknown_client"
    message = _("Номер клиента песочницы — от 1 до 10.")


class GostUnavailable(DomainError):
    """Asked for the GOST channel, which is never silently replaced by ordinary TLS."""

    code = "gost_unavailable"
    message = _("ГОСТ-шлюз на этой установке не настроен. Соединение не устанавливалось.")


class NotConnected(DomainError):
    code = "not_connected"
    message = _("У этого подключения нет действующего доступа. Подключите банк снова.")


def connect_bank(
    *, user: User, bank_code: str, use_gost: bool | None = None, client_number: str = "", now: datetime
) -> BankConnection:
    """Start connecting a bank in the background, or refresh the connection that exists."""
    connection = _prepare(
        user=user, bank_code=bank_code, use_gost=use_gost, client_number=client_number, now=now
    )
    if connection.status == BankConnection.Status.ACTIVE:
        request_sync(connection=connection, trigger=SyncRun.Trigger.PERSON, now=now)
    elif connection.status == BankConnection.Status.REQUESTED:
        transaction.on_commit(lambda: tasks.open_access(connection.pk))
    return connection


def connect_bank_now(
    *, user: User, bank_code: str, use_gost: bool | None = None, client_number: str = "", now: datetime
) -> BankConnection:
    """Connect and read a bank before answering, for callers that wait.

    Raises a clients.errors.BankError when the bank gave no access, SyncFailed when it gave no data.
    """
    connection = _prepare(
        user=user, bank_code=bank_code, use_gost=use_gost, client_number=client_number, now=now
    )
    if connection.status == BankConnection.Status.REQUESTED:
        connecting.open_access(connection, now=now)
    if connection.status == BankConnection.Status.ACTIVE:
        sync_now(connection=connection, trigger=SyncRun.Trigger.CONNECT, now=now)
    connection.refresh_from_db()
    return connection


def check_consent(*, connection: BankConnection, says_signed: bool = False, now: datetime) -> BankConnection:
    """Ask the bank where a waiting consent stands, and start the first reading once it is granted.

    Raises a clients.errors.BankError when the bank does not answer.
    """
    consent = (
        Consent.objects.awaiting().filter(connection=connection).select_related("connection__bank").first()
    )
    if consent is not None:
        openbanking.check_access(consent, says_signed=says_signed, now=now)
        connection.refresh_from_db()
        if connection.status == BankConnection.Status.ACTIVE:
            request_sync(connection=connection, trigger=SyncRun.Trigger.CONNECT, now=now)
    return connection


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


def cancel_connecting(*, connection: BankConnection) -> None:
    """Forget a connection that has not got access; one that has read accounts keeps them."""
    if connection.accounts.exists():
        Consent.objects.awaiting().filter(connection=connection).update(status=Consent.Status.REVOKED)
        BankConnection.objects.filter(pk=connection.pk).update(status=BankConnection.Status.REVOKED)
    else:
        connection.delete()


def disconnect(*, connection: BankConnection, actor: User, now: datetime) -> bool:
    """Revoke the access at the bank and remove the accounts and their rows.

    False when the bank could not be told: its consent then ends by its date.
    """
    cancel_sync(connection=connection)
    told = openbanking.give_up_access(connection, actor=ConsentEvent.Actor.PERSON, now=now)
    with transaction.atomic():
        AuditEvent.objects.create(
            person=connection.user,
            actor=actor,
            kind=AuditEvent.Kind.DISCONNECTED,
            bank_code=connection.bank.code,
            detail={"revoked_at_bank": told},
            at=now,
        )
        Transaction.objects.filter(account__connection=connection).delete()
        connection.delete()
    return told


def remove_account(*, account: Account) -> None:
    """Remove an account and its rows. While its connection stays open, the next reading brings it back."""
    with transaction.atomic():
        Transaction.objects.filter(account=account).delete()
        account.delete()


def set_category(*, transaction: Transaction, category: Category) -> Transaction:
    """The person's choice of a category: no synchronisation changes it again."""
    transaction.category = category
    transaction.kind = category.kind
    transaction.category_reason = Transaction.Reason.PERSON
    transaction.category_detail = ""
    transaction.is_refund = category.kind == Category.Kind.EXPENSE and transaction.amount > 0
    transaction.save(
        update_fields=["category", "kind", "category_reason", "category_detail", "is_refund", "updated_at"]
    )
    return transaction


def set_note(*, transaction: Transaction, note: str) -> Transaction:
    """The person's own words on a transaction."""
    transaction.note = note
    transaction.save(update_fields=["note", "updated_at"])
    return transaction


def _prepare(
    *, user: User, bank_code: str, use_gost: bool | None, client_number: str, now: datetime
) -> BankConnection:
    """The person's connection to a bank, ready to be opened unless it is open or waiting."""
    bank = Bank.objects.filter(code=bank_code.lower(), is_active=True).first()
    if bank is None:
        raise UnsupportedBank
    if user.use_gost_mode if use_gost is None else use_gost:
        raise GostUnavailable
    connection, created = BankConnection.objects.get_or_create(
        user=user, bank=bank, client_id=_bank_client(user, client_number)
    )
    if created or connection.status not in OPEN_STATUSES:
        connection.status = BankConnection.Status.REQUESTED
        connection.failures, connection.next_run_at = 0, None
        connection.save(update_fields=["status", "failures", "next_run_at"])
        AuditEvent.objects.create(
            person=user, actor=user, kind=AuditEvent.Kind.CONNECTED, bank_code=bank.code, at=now
        )
    return connection


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
    return sync_run.open_run(connection, trigger)
