"""What a person at the bundled banks goes through: connecting, reading, trying again until it is over."""

import json
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from banking.clients import errors
from banking.models import Account, BankConnection, Consent, DailyBalance, SyncRun, Transaction
from banking.services import connecting
from banking.sync import run as sync_run
from tests.bank_server import TODAY, BankServer
from tests.factories import BankFactory, ConnectionFactory, ConsentFactory

CLIENT = "team075-1"
MOST_TRIES = 8
OVER = {
    BankConnection.Status.EXPIRED,
    BankConnection.Status.REVOKED,
    BankConnection.Status.REJECTED,
    BankConnection.Status.FAILED,
}
ROW = ("account__external_id", "amount", "currency", "status", "booked_at", "description", "category__slug")


def connected(
    server: BankServer, bank: str = "vbank", *, client_id: str = CLIENT, **fields: Any
) -> BankConnection:
    """A connection whose consent the bank has granted already; nothing is read."""
    never = {"last_success_at": None, "last_attempt_at": None, "next_run_at": TODAY}
    connection = ConnectionFactory(bank=BankFactory(code=bank), client_id=client_id, **never | fields)
    consent_id = server.granted(bank, client_id)["X-Consent-Id"]
    ConsentFactory(
        connection=connection,
        consent_id=consent_id,
        granted_at=TODAY,
        expires_at=TODAY + timedelta(days=365),
    )
    return connection


def asking() -> BankConnection:
    """A connection for which the bank is still to be asked."""
    return ConnectionFactory(
        bank=BankFactory(code="vbank"),
        client_id=CLIENT,
        status=BankConnection.Status.REQUESTED,
        last_success_at=None,
        next_run_at=None,
    )


def live(connection: BankConnection, *, tries: int = MOST_TRIES, now: datetime = TODAY) -> list[SyncRun]:
    """Try, as the clock would, until all is read or trying is no use."""
    runs: list[SyncRun] = []
    for _ in range(tries):
        connection.refresh_from_db()
        now = max(now, connection.next_run_at or now) + timedelta(seconds=1)
        if connection.status == BankConnection.Status.REQUESTED:
            _open(connection, now=now)
        elif connection.status == BankConnection.Status.ACTIVE:
            run = read(connection, now=now)
            runs.append(run)
            if run.state == SyncRun.State.DONE:
                break
        else:
            break
    connection.refresh_from_db()
    return runs


def read(connection: BankConnection, *, now: datetime = TODAY) -> SyncRun:
    """One synchronisation."""
    connection = BankConnection.objects.select_related("bank", "user").get(pk=connection.pk)
    opened = sync_run.open_run(connection, SyncRun.Trigger.SCHEDULE)
    done = sync_run.execute(opened.pk, worker="worker", now=now)
    assert done is not None
    return done


def fingerprint(connection: BankConnection) -> str:
    """What a person sees of the connection's accounts, without keys, ids and times of our own."""
    accounts = Account.objects.filter(connection=connection, closed_at=None)
    known = list(Account.objects.filter(connection=connection).values_list("pk", flat=True))
    # By key: inside one long transaction PostgreSQL knows nothing of the tables and would join them whole.
    rows = Transaction.objects.filter(account__in=known, missing_since=None)
    balances = DailyBalance.objects.filter(account__in=known, date__lt=TODAY.date())
    seen = [
        sorted(map(str, rows.values_list(*ROW))),
        sorted(map(str, balances.values_list("account__external_id", "date", "amount"))),
        sorted(map(str, accounts.values_list("external_id", "kind", "balance_booked", "net_amount"))),
    ]
    return blake2b(json.dumps(seen).encode(), digest_size=8).hexdigest()


def names_what_is_missing(connection: BankConnection, runs: list[SyncRun]) -> bool:
    """Whether the states say that, and why, something is not there."""
    if connection.status in OVER:
        return bool(connection.last_error_code) or not Consent.objects.granted().filter(connection=connection)
    if connection.status == BankConnection.Status.REQUESTED:
        return bool(connection.last_error_code)
    last = runs[-1]
    return last.state in {SyncRun.State.PARTIAL, SyncRun.State.FAILED} and bool(last.error_code)


def _open(connection: BankConnection, *, now: datetime) -> None:
    claimed = connecting.claim_opening(connection.pk, now=now)
    assert claimed is not None
    try:
        connecting.open_access(claimed, now=now)
    except errors.BankError:
        claimed.refresh_from_db()
