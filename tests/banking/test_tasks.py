"""What the worker does each minute, and what it does when told."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings

from banking import tasks
from banking.clients import errors
from banking.models import BankConnection, Consent, SyncRun, Transaction
from banking.services import connecting
from banking.sync import run as sync_run
from tests.banking.sync.bank import NOON, Bank, sent, unavailable
from tests.banking.sync.reading import connected
from tests.factories import ConnectionFactory

Status = BankConnection.Status


@pytest.fixture(autouse=True)
def _noon() -> object:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def _requested() -> BankConnection:
    return ConnectionFactory(status=Status.REQUESTED, next_run_at=None, last_success_at=None)


def test_a_due_connection_is_read(bank: Bank, connection: BankConnection) -> None:
    bank.rows = [sent("a", "-1")]
    tasks.dispatch()
    run = SyncRun.objects.get(connection=connection)
    assert (run.trigger, run.state) == ("schedule", "done")
    assert Transaction.objects.count() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"next_run_at": NOON + timedelta(minutes=1)},
        {"next_run_at": None},
        {"status": Status.REVOKED},
        {"status": Status.AWAITING},
    ],
)
def test_others_are_not(bank: Bank, db: None, fields: dict[str, object]) -> None:
    connected(**fields)
    tasks.dispatch()
    assert not SyncRun.objects.exists()


def test_a_failure_waits_for_its_time(bank: Bank, connection: BankConnection) -> None:
    bank.before = lambda _call: (_ for _ in ()).throw(unavailable())
    tasks.dispatch()
    tasks.dispatch()
    assert SyncRun.objects.count() == 1


def test_a_dead_workers_run_is_taken_over(bank: Bank, connection: BankConnection) -> None:
    run = sync_run.open_run(connection, SyncRun.Trigger.PERSON)
    SyncRun.objects.filter(pk=run.pk).update(state="running", worker="dead", lease_until=NOON)
    BankConnection.objects.update(next_run_at=NOON + timedelta(hours=1))
    with time_machine.travel(NOON + settings.SYNC_LEASE + timedelta(seconds=1), tick=False):
        tasks.dispatch()
    run.refresh_from_db()
    assert run.state == "done"
    assert run.worker != "dead"


def test_a_working_workers_run_is_left_alone(bank: Bank, connection: BankConnection) -> None:
    run = sync_run.open_run(connection, SyncRun.Trigger.PERSON)
    SyncRun.objects.filter(pk=run.pk).update(
        state="running", worker="busy", lease_until=NOON + timedelta(seconds=1)
    )
    tasks.dispatch()
    run.refresh_from_db()
    assert (run.state, run.worker) == ("running", "busy")
    assert bank.calls == {}


def test_a_forgotten_run_is_done(bank: Bank, connection: BankConnection) -> None:
    run = sync_run.open_run(connection, SyncRun.Trigger.PERSON)
    BankConnection.objects.update(next_run_at=NOON + timedelta(hours=1))
    tasks.dispatch()
    run.refresh_from_db()
    assert run.state == "queued"  # its own task is on the way
    with time_machine.travel(NOON + timedelta(minutes=2), tick=False):
        tasks.dispatch()
    run.refresh_from_db()
    assert run.state == "done"


def test_a_forgotten_connection_is_opened_and_read(bank: Bank, db: None) -> None:
    connection = _requested()
    with time_machine.travel(NOON + timedelta(minutes=2), tick=False):
        tasks.dispatch()
    connection.refresh_from_db()
    assert connection.status == Status.ACTIVE
    assert SyncRun.objects.get(connection=connection).state == "done"


def test_an_access_that_nobody_came_to_read_is_read(bank: Bank, db: None) -> None:
    connection = _requested()
    connecting.open_access(connection, now=NOON)  # and the worker dies
    tasks.dispatch()
    assert SyncRun.objects.get(connection=connection).state == "done"


def test_opening_is_tried_again_until_it_is_given_up(bank: Bank, db: None) -> None:
    connection = _requested()
    bank.before = lambda _call: (_ for _ in ()).throw(unavailable())
    now = NOON
    for _ in range(connecting.MOST_TRIES):
        now += timedelta(hours=7)
        with time_machine.travel(now, tick=False):
            tasks.dispatch()
    connection.refresh_from_db()
    assert (connection.status, connection.last_error_code) == (Status.FAILED, "bank_unavailable")
    assert connection.failures == connecting.MOST_TRIES


def test_opening_is_not_repeated_where_somebody_must_act(bank: Bank, db: None) -> None:
    connection = _requested()
    refused = errors.Refused(bank="vbank", status=404, code="not_found")
    bank.before = lambda call: (_ for _ in ()).throw(refused) if call == "consent-request" else None
    tasks.open_access(connection.pk)
    connection.refresh_from_db()
    assert (connection.status, connection.last_error_code) == (Status.FAILED, "not_found")


def test_a_connection_cancelled_while_the_bank_is_asked_is_revoked_there(bank: Bank, db: None) -> None:
    connection = _requested()
    bank.before = lambda call: (
        BankConnection.objects.filter(pk=connection.pk).delete() if call == "consent-request" else None
    )
    tasks.open_access(connection.pk)
    assert bank.calls["revoke"] == 1
    assert not BankConnection.objects.exists()


@pytest.mark.parametrize("wishes", [True, False], ids=["asks to wait", "listens"])
def test_an_end_is_told_again_once_the_bank_listens(bank: Bank, connection: BankConnection, wishes) -> None:
    until = NOON + timedelta(minutes=5) if wishes else None
    BankConnection.objects.update(next_run_at=None, retry_after=until)
    Consent.objects.update(status="revoked", ended_at=NOON, revoke_due_at=NOON - timedelta(hours=1))
    tasks.dispatch()
    assert Consent.objects.get().revoke_due_at == (NOON - timedelta(hours=1) if wishes else None)
    assert bool(bank.calls) is not wishes


def test_a_waiting_consent_is_asked_about_with_growing_pauses(bank: Bank, db: None) -> None:
    bank.consent = "waiting"
    connecting.open_access(_requested(), now=NOON)
    for minute in range(60 * 24):
        with time_machine.travel(NOON + timedelta(minutes=minute), tick=False):
            tasks.dispatch()
    assert 30 < bank.calls["consent"] < 80


def test_a_consent_signed_meanwhile_is_noticed_and_read(bank: Bank, db: None) -> None:
    bank.consent = "waiting"
    connection = _requested()
    connecting.open_access(connection, now=NOON)
    bank.consent = "granted"
    with time_machine.travel(NOON + timedelta(minutes=1), tick=False):
        tasks.dispatch()
    connection.refresh_from_db()
    assert connection.status == Status.ACTIVE
    assert SyncRun.objects.get(connection=connection).state == "done"


def test_a_bank_that_fails_to_say_is_asked_later(bank: Bank, db: None) -> None:
    bank.consent = "waiting"
    connecting.open_access(_requested(), now=NOON)
    bank.before = lambda call: (_ for _ in ()).throw(unavailable()) if call == "consent" else None
    with time_machine.travel(NOON + timedelta(minutes=1), tick=False):
        tasks.dispatch()
    assert Consent.objects.awaiting().exists()


def test_tasks_for_what_is_gone_do_nothing(bank: Bank, db: None) -> None:
    tasks.open_access(999)
    tasks.check_access(999)
    tasks.run_sync(999)
    assert bank.calls == {}
