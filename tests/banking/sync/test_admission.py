"""Whether a run may call its bank, and how often: the bank's wish, the day's budget, a silent bank."""

from datetime import timedelta

import pytest

from banking.models import BankConnection, SyncRun
from banking.queries.budget import call_budget
from banking.services import circuit, connecting
from banking.sync import admission
from banking.sync import run as sync_run
from financehub.periods import local_date, start_of_day
from tests.banking.sync.bank import NOON, Bank, HeldAccount, sent, unavailable
from tests.banking.sync.reading import connected
from tests.factories import ConnectionFactory

Trigger = SyncRun.Trigger
MIDNIGHT = start_of_day(local_date(NOON) + timedelta(days=1))
SPENT_FOR_CLOCK = {"calls_on": local_date(NOON), "calls_made": 8}
SPENT = {"calls_on": local_date(NOON), "calls_made": 10}
WAITS = {"retry_after": NOON + timedelta(minutes=18)}


@pytest.fixture(autouse=True)
def _ten_calls_a_day(settings: object) -> None:
    settings.BANK_CALLS_PER_DAY, settings.BANK_CALLS_RESERVE = 10, 2


def reading(connection: BankConnection, trigger: str) -> SyncRun:
    opened = sync_run.open_run(connection, trigger)
    done = sync_run.execute(opened.pk, worker="worker", now=NOON)
    connection.refresh_from_db()
    return done


@pytest.mark.parametrize(
    ("fields", "trigger", "code", "until"),
    [
        ({}, Trigger.SCHEDULE, "", None),
        (WAITS, Trigger.SCHEDULE, "rate_limited", NOON + timedelta(minutes=18)),
        (WAITS, Trigger.PERSON, "rate_limited", NOON + timedelta(minutes=18)),
        (SPENT_FOR_CLOCK, Trigger.SCHEDULE, "budget_spent", MIDNIGHT),
        (SPENT_FOR_CLOCK, Trigger.COMMAND, "budget_spent", MIDNIGHT),
        (SPENT_FOR_CLOCK, Trigger.PERSON, "", None),
        (SPENT_FOR_CLOCK, Trigger.RETRY, "", None),
        (SPENT, Trigger.PERSON, "budget_spent", MIDNIGHT),
        (SPENT | {"calls_on": local_date(NOON) - timedelta(days=1)}, Trigger.SCHEDULE, "", None),
    ],
)
def test_who_may_call(db: None, fields: dict[str, object], trigger: str, code: str, until: object) -> None:
    run = SyncRun(connection=connected(**fields), trigger=trigger)
    refused = admission.refusal(run, now=NOON)
    assert (refused.code, refused.until) == (code, until) if code else refused is None


@pytest.mark.parametrize("fields", [WAITS, SPENT], ids=["bank asks to wait", "budget spent"])
def test_waiting_is_no_failure_and_calls_nobody(bank: Bank, db: None, fields: dict[str, object]) -> None:
    connection = connected(**fields)
    run = reading(connection, Trigger.SCHEDULE)
    assert run.state == SyncRun.State.FAILED
    assert not bank.calls
    assert (connection.failures, connection.last_error_code) == (0, "")
    assert connection.next_run_at >= fields.get("retry_after", MIDNIGHT)


def test_a_silent_bank_is_probed_by_one_and_the_others_wait(bank: Bank, db: None) -> None:
    for other in ConnectionFactory.create_batch(3):
        circuit.note_silence(other, now=NOON)
    connection = connected()
    bank.before = lambda _call: (_ for _ in ()).throw(unavailable())
    assert reading(connection, Trigger.SCHEDULE).error_code == "bank_silent"
    assert not bank.calls
    assert reading(connection, Trigger.PERSON).error_code == "bank_unavailable"
    assert reading(connection, Trigger.PERSON).error_code == "bank_silent"
    assert sum(bank.calls.values()) == 1


def test_a_probe_that_never_reached_the_bank_closes_nothing(bank: Bank, db: None) -> None:
    for other in ConnectionFactory.create_batch(3):
        circuit.note_silence(other, now=NOON)
    connection = connected()
    connection.consents.update(expires_at=NOON)
    assert reading(connection, Trigger.PERSON).error_code == "consent_required"
    assert (sum(bank.calls.values()), circuit.left_alone(NOON).count()) == (0, 4)


def test_calls_of_a_run_are_counted_once_it_ends(bank: Bank, connection: BankConnection) -> None:
    run = reading(connection, Trigger.PERSON)
    assert run.calls_made == connection.calls_made == sum(bank.calls.values()) == 4
    assert connection.calls_on == local_date(NOON)
    assert call_budget(connection, now=MIDNIGHT).made == 0


def test_a_run_stops_where_the_budget_ends_and_says_so(bank: Bank, connection: BankConnection) -> None:
    bank.accounts = [HeldAccount(f"acc-{number}") for number in range(6)]
    run = reading(connection, Trigger.PERSON)
    assert (run.state, run.error_code) == (SyncRun.State.PARTIAL, "budget_spent")
    assert sum(bank.calls.values()) == connection.calls_made == 10
    assert connection.failures == 0
    assert connection.next_run_at >= MIDNIGHT


def test_a_worker_that_dies_leaves_its_calls_counted(bank: Bank, connection: BankConnection) -> None:
    bank.accounts = [HeldAccount("acc-1"), HeldAccount("acc-2")]
    bank.rows = [sent("a", "-1")]

    def dies(call: str) -> None:
        if call == "balances acc-2":
            raise SystemExit

    bank.before = dies
    opened = sync_run.open_run(connection, Trigger.PERSON)
    with pytest.raises(SystemExit):
        sync_run.execute(opened.pk, worker="dies", now=NOON)
    bank.before = lambda _call: None
    SyncRun.objects.update(lease_until=NOON)
    sync_run.execute(opened.pk, worker="heir", now=NOON + timedelta(minutes=2))
    connection.refresh_from_db()
    all_calls = sum(bank.calls.values())
    assert all_calls - 1 <= connection.calls_made <= all_calls  # the one it died in may be missing


def test_calls_outside_of_runs_are_counted_too(bank: Bank, db: None) -> None:
    asking = ConnectionFactory(status=BankConnection.Status.REQUESTED, next_run_at=None)
    connecting.open_access(connecting.claim_opening(asking.pk, now=NOON), now=NOON)
    asking.refresh_from_db()
    assert asking.status == BankConnection.Status.ACTIVE
    assert asking.calls_made == sum(bank.calls.values()) > 0
