"""Questions about connections: who reads which bank, how far a reading has come."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Case, Count, Max, Min, OuterRef, Prefetch, QuerySet, Subquery, Value, When

from banking.models import (
    Bank,
    BankCircuit,
    BankConnection,
    Consent,
    GostHandshake,
    SyncRun,
    SyncRunAccount,
    Transaction,
)
from banking.models.connection import BankConnectionQuerySet
from banking.queries import gost
from banking.queries.health import Cause, ConnectionHealth, health_of

if TYPE_CHECKING:
    from financehub.users.models import User

OVERVIEW_NEEDS = ("bank", "gost_handshake")
ENDED_STATUSES = {
    BankConnection.Status.EXPIRED,
    BankConnection.Status.REVOKED,
    BankConnection.Status.REJECTED,
    BankConnection.Status.FAILED,
    BankConnection.Status.DISCONNECTED,
}


@dataclass(frozen=True, slots=True)
class ConnectionOverview:
    """A connection with what its pages tell of it: its consents, its last reading, its state."""

    connection: BankConnection
    granted: Consent | None
    waiting: Consent | None
    run: SyncRun | None
    steps: tuple[SyncRunAccount, ...]
    health: ConnectionHealth
    gost: GostHandshake | None = None

    @property
    def is_connecting(self) -> bool:
        """Whether the bank was never read and is on its way to be."""
        never_read = self.connection.last_success_at is None
        return never_read and self.health.cause in {Cause.SYNCING, Cause.AWAITING}

    @property
    def is_partly_read(self) -> bool:
        """Whether some accounts of the last reading failed, and only those are worth another try."""
        is_partial = self.run is not None and self.run.state == SyncRun.State.PARTIAL
        return is_partial and any(step.state == SyncRunAccount.State.FAILED for step in self.steps)


def connection_overviews(*, user: "User", now: datetime) -> list[ConnectionOverview]:
    """Every connection of a person, in the order of the banks."""
    connections = (
        with_silence(BankConnection.objects.for_user(user))
        .select_related(*OVERVIEW_NEEDS)
        .order_by("bank_id", "pk")
    )
    return _overviews(list(connections), now=now)


def connection_overview(*, user: "User", pk: int, now: datetime) -> ConnectionOverview:
    """One connection; raises BankConnection.DoesNotExist for anyone else's."""
    own = with_silence(BankConnection.objects.for_user(user)).select_related(*OVERVIEW_NEEDS)
    return _overviews([own.get(pk=pk)], now=now)[0]


def overall_health(*, user: "User", now: datetime) -> ConnectionHealth | None:
    """All connections in one line: the most urgent one, else the least fresh; None without any."""
    connections = with_silence(BankConnection.objects.for_user(user)).select_related("bank")
    connections = connections.exclude(status=BankConnection.Status.DISCONNECTED)
    states = [
        (connection, health_of(connection, consent=None, run=None, steps=(), now=now))
        for connection in connections.order_by("last_success_at", "pk")
    ]
    urgent = [(state.urgency, connection, state) for connection, state in states if state.needs_attention]
    if urgent:
        _, connection, state = min(urgent, key=lambda entry: entry[0])
        return replace(state, text=state.text_about(connection.bank.short_name))
    return states[0][1] if states else None


def with_silence(connections: BankConnectionQuerySet) -> BankConnectionQuerySet:
    """Connections with what others found out: since when the bank is silent, until when it is left alone."""
    own, shared = BankConnection.Channel.BANK, BankConnection.Channel.BANKING_API
    system = Case(When(channel=own, then=Value(own.value)), default=Value(shared.value))
    circuit = BankCircuit.objects.filter(bank=OuterRef("bank"), system=OuterRef("system_name"))
    return connections.alias(system_name=system).annotate(
        silent_since=Subquery(circuit.values("failing_since")),
        silent_until=Subquery(circuit.values("open_until")),
    )


def connectable_banks() -> QuerySet[Bank]:
    """The banks of the registry that a person may choose from."""
    return Bank.objects.filter(is_active=True).order_by("pk")


def unconnected_banks(user: "User") -> QuerySet[Bank]:
    """The banks that a person has no connection to, nor one on its way."""
    present = BankConnection.objects.for_user(user).exclude(status__in=ENDED_STATUSES)
    return connectable_banks().exclude(pk__in=present.values("bank"))


def approval_page(bank: Bank, consent: Consent) -> str:
    """Where the client approves a waiting request: the bank's own page, opened on that request."""
    base = settings.BANK_BASE_URLS[bank.code].rstrip("/")
    return f"{base}/client/consents.html?{urlencode({'request_id': consent.request_id})}"


@dataclass(frozen=True, slots=True)
class Found:
    """What readings of a connection brought in so far."""

    accounts: int
    transactions: int
    since: date | None


def found_at(connection: BankConnection) -> Found:
    """How much is known through a connection, and since when."""
    rows = Transaction.objects.whole().filter(account__connection=connection, deleted_at=None)
    told = rows.aggregate(rows=Count("pk"), since=Min("booking_date"))
    return Found(connection.accounts.filter(removed_at=None).count(), told["rows"], told["since"])


def _overviews(connections: list[BankConnection], *, now: datetime) -> list[ConnectionOverview]:
    if not connections:
        return []
    consents = _consents(connections)
    runs = _latest_runs(connections)
    return [
        _overview(connection, consents.get(connection.pk, []), runs.get(connection.pk), now=now)
        for connection in connections
    ]


def _overview(
    connection: BankConnection, consents: list[Consent], run: SyncRun | None, *, now: datetime
) -> ConnectionOverview:
    by_status = {consent.status: consent for consent in consents}
    granted = by_status.get(Consent.Status.GRANTED)
    waiting = by_status.get(Consent.Status.AWAITING)
    steps = tuple(run.accounts.all()) if run else ()
    return ConnectionOverview(
        connection=connection,
        granted=granted,
        waiting=waiting,
        run=run,
        steps=steps,
        health=health_of(
            connection,
            consent=granted or _latest(consents),
            run=run,
            steps=steps,
            now=now,
            renewal=waiting,
        ),
        gost=gost.evidence_of(connection),
    )


def _latest(consents: list[Consent]) -> Consent | None:
    """The last one that gave access, else the last that was asked for."""
    return max(consents, key=lambda consent: (consent.granted_at is not None, consent.pk), default=None)


def _consents(connections: list[BankConnection]) -> dict[int | None, list[Consent]]:
    """The consents of connections, oldest first."""
    found: dict[int | None, list[Consent]] = {}
    for consent in Consent.objects.filter(connection__in=connections).order_by("requested_at", "pk"):
        found.setdefault(consent.connection_id, []).append(consent)
    return found


def _latest_runs(connections: list[BankConnection]) -> dict[int, SyncRun]:
    """The last reading of each connection, with its accounts in the order in which they are read."""
    latest = BankConnection.objects.filter(pk__in=[connection.pk for connection in connections])
    steps = SyncRunAccount.objects.select_related("account").order_by("pk")
    runs = SyncRun.objects.filter(pk__in=latest.annotate(run=Max("sync_runs")).values("run"))
    return {run.connection_id: run for run in runs.prefetch_related(Prefetch("accounts", steps))}
