"""An open connection, and its synchronisations at any time of a test's own calendar."""

from datetime import datetime, timedelta
from typing import Any

from banking.models import Account, BankConnection, SyncRun
from banking.sync import run as sync_run
from tests import factories
from tests.banking.sync.bank import NOON


def connected(**fields: Any) -> BankConnection:
    """An open connection, never read yet, with a consent that is alive."""
    known = {"last_success_at": None, "last_attempt_at": None, "next_run_at": NOON}
    connection = factories.ConnectionFactory(**known | fields)
    factories.ConsentFactory(
        connection=connection, consent_id="consent-1", granted_at=NOON, expires_at=NOON + timedelta(days=3650)
    )
    return connection


def read(connection: BankConnection, *, now: datetime = NOON, worker: str = "worker") -> SyncRun:
    """One synchronisation, from the queue to its end."""
    run = sync_run.open_run(connection, SyncRun.Trigger.PERSON)
    done = sync_run.execute(run.pk, worker=worker, now=now)
    assert done is not None
    return done


def only_account(connection: BankConnection) -> Account:
    """The connection's one account."""
    return Account.objects.get(connection=connection)
