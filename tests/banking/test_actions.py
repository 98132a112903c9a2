"""What people change: connections, synchronisations, and their own words."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from banking import actions, removal
from banking.clients import errors
from banking.models import Account, AuditEvent, BankConnection, Consent, DayTotal, SyncRun, Transaction
from banking.queries.accounts import accounts_of, removed_accounts_of
from banking.services import connecting
from banking.services.connecting import SyncFailed
from banking.sync import run as sync_run
from financehub.users.models import User
from tests.banking.sync.bank import NOON, Bank, HeldAccount, sent, unavailable
from tests.banking.sync.reading import connected, read

Status = BankConnection.Status


@pytest.fixture
def done_at_once(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Callable[..., None]:
    """Do something, and what it leaves to the worker."""

    def do(action: Callable[..., object], **arguments: object) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            action(**arguments)

    return do


def _only(user: User) -> BankConnection:
    return BankConnection.objects.get(user=user)


def test_connecting_opens_and_reads_in_the_background(
    anna: User, bank: Bank, done_at_once: Callable[..., None]
) -> None:
    bank.rows = [sent("a", "-1")]
    done_at_once(actions.connect_bank, user=anna, bank_code="vbank", now=NOON)
    assert _only(anna).status == Status.ACTIVE
    assert Transaction.objects.filter(user=anna).count() == 1
    assert AuditEvent.objects.filter(person=anna, kind="connected").count() == 1


def test_connecting_twice_makes_one_connection_and_one_consent(anna: User, bank: Bank) -> None:
    first = actions.connect_bank(user=anna, bank_code="vbank", now=NOON)
    claimed = connecting.claim_opening(first.pk, now=NOON)
    assert actions.connect_bank(user=anna, bank_code="VBank", now=NOON) == first
    assert connecting.claim_opening(first.pk, now=NOON) is None
    connecting.open_access(claimed, now=NOON)
    assert bank.calls["consent-request"] == 1
    assert AuditEvent.objects.filter(person=anna).count() == 1


def test_connecting_an_open_bank_reads_it_again(anna: User, bank: Bank) -> None:
    connection = connected(user=anna, client_id=actions._bank_client(anna, ""))
    assert actions.connect_bank(user=anna, bank_code="vbank", now=NOON) == connection
    assert SyncRun.objects.open().filter(connection=connection).exists()


@pytest.mark.parametrize("status", [Status.EXPIRED, Status.REVOKED, Status.REJECTED, Status.FAILED])
def test_an_ended_access_is_asked_for_again_and_keeps_its_accounts(
    anna: User, bank: Bank, status: str
) -> None:
    connection = connected(user=anna, client_id=actions._bank_client(anna, ""))
    read(connection)
    BankConnection.objects.filter(pk=connection.pk).update(status=status, failures=3, last_error_code="x")
    actions.connect_bank_now(user=anna, bank_code="vbank", now=NOON + timedelta(hours=1))
    connection.refresh_from_db()
    assert (connection.status, connection.failures) == (Status.ACTIVE, 0)
    assert Account.objects.filter(user=anna).count() == 1


def test_connecting_now_reads_before_it_answers(anna: User, bank: Bank) -> None:
    bank.rows = [sent("a", "-1")]
    connection = actions.connect_bank_now(user=anna, bank_code="vbank", now=NOON)
    assert connection.status == Status.ACTIVE
    assert connection.last_success_at is not None
    assert Transaction.objects.filter(user=anna).count() == 1


def test_connecting_now_says_why_it_failed(anna: User, bank: Bank) -> None:
    bank.before = _failing("consent-request", unavailable())
    with pytest.raises(errors.BankUnavailable):
        actions.connect_bank_now(user=anna, bank_code="vbank", now=NOON)
    assert (_only(anna).status, _only(anna).failures) == (Status.REQUESTED, 1)


def test_connecting_now_says_that_nothing_was_read(anna: User, bank: Bank) -> None:
    bank.before = _failing("accounts", unavailable())
    with pytest.raises(SyncFailed) as caught:
        actions.connect_bank_now(user=anna, bank_code="vbank", now=NOON)
    assert caught.value.code == "bank_unavailable"


def test_connecting_now_waits_for_a_worker_that_is_at_it(
    anna: User, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = actions.connect_bank(user=anna, bank_code="vbank", now=NOON)
    claimed = connecting.claim_opening(connection.pk, now=NOON)
    monkeypatch.setattr(connecting.time, "sleep", lambda _seconds: connecting.open_access(claimed, now=NOON))
    actions.connect_bank_now(user=anna, bank_code="vbank", now=NOON)
    assert bank.calls["consent-request"] == 1
    assert _only(anna).status == Status.ACTIVE


def test_refusals_have_names(anna: User, bank: Bank) -> None:
    with pytest.raises(actions.UnsupportedBank):
        actions.connect_bank(user=anna, bank_code="nobank", now=NOON)
    with pytest.raises(actions.UnknownClient):
        actions.connect_bank(user=anna, bank_code="vbank", client_number="11", now=NOON)
    with pytest.raises(actions.NotConnected):
        actions.request_sync(connection=connected(status=Status.REVOKED), trigger="person", now=NOON)
    assert not BankConnection.objects.filter(user=anna).exists()


def test_a_demo_client_may_be_chosen(anna: User, bank: Bank) -> None:
    actions.connect_bank(user=anna, bank_code="vbank", client_number="7", now=NOON)
    assert _only(anna).client_id == "team075-7"


def test_one_open_run_serves_all_who_ask(bank: Bank, connection: BankConnection) -> None:
    first = actions.request_sync(connection=connection, trigger="person", now=NOON)
    assert actions.request_sync(connection=connection, trigger="schedule", now=NOON) == first


def test_reading_now_sees_the_run_of_another_worker_done(
    bank: Bank, connection: BankConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = sync_run.open_run(connection, SyncRun.Trigger.SCHEDULE)
    SyncRun.objects.filter(pk=run.pk).update(
        state="running", worker="other", lease_until=NOON + timedelta(days=9000)
    )

    def finish(_seconds: float) -> None:
        SyncRun.objects.filter(pk=run.pk).update(state=SyncRun.State.DONE)

    monkeypatch.setattr(connecting.time, "sleep", finish)
    assert actions.sync_now(connection=connection, trigger="command", now=NOON).state == "done"
    assert bank.calls == {}


def test_a_granted_consent_starts_the_first_reading_once(
    bank: Bank, db: None, done_at_once: Callable[..., None]
) -> None:
    connection = _waiting(bank)
    bank.consent = "granted"
    now = NOON + timedelta(seconds=3)
    done_at_once(actions.check_consent, connection=connection, now=now)
    done_at_once(actions.check_consent, connection=connection, now=now + timedelta(seconds=3))
    assert SyncRun.objects.filter(connection=connection).count() == 1


def test_cancelling_forgets_a_connection_without_access(bank: Bank, db: None) -> None:
    connection = _waiting(bank)
    actions.cancel_connecting(connection=connection, now=NOON)
    assert not BankConnection.objects.filter(pk=connection.pk).exists()


def test_cancelling_a_renewal_leaves_the_connection_open(bank: Bank, connection: BankConnection) -> None:
    read(connection)
    BankConnection.objects.filter(pk=connection.pk).update(status=Status.AWAITING)
    actions.cancel_connecting(connection=connection, now=NOON)
    connection.refresh_from_db()
    assert connection.status == Status.ACTIVE
    assert connection.accounts.count() == 1


def test_cancelling_too_late_leaves_the_access(bank: Bank, connection: BankConnection) -> None:
    actions.cancel_connecting(connection=connection, now=NOON)
    connection.refresh_from_db()
    assert connection.status == Status.ACTIVE


def test_disconnecting_revokes_and_removes(bank: Bank, connection: BankConnection) -> None:
    bank.rows = [sent("a", "-1")]
    read(connection)
    person = connection.user
    assert actions.disconnect(connection=connection, actor=person, now=NOON)
    assert bank.calls["revoke"] == 1
    for model in (Transaction, Account, DayTotal, BankConnection):
        assert not model.objects.filter(user=person).exists()
    event = AuditEvent.objects.get(person=person, kind="disconnected")
    assert (event.actor, event.detail) == (person, {"revoked_at_bank": True, "data_kept": False})


def test_disconnecting_does_not_wait_for_a_sick_bank(bank: Bank, connection: BankConnection) -> None:
    bank.before = _failing("revoke", unavailable())
    assert not actions.disconnect(connection=connection, actor=connection.user, now=NOON)
    assert not BankConnection.objects.exists()


def test_a_removed_account_stays_away_until_it_is_restored(bank: Bank, connection: BankConnection) -> None:
    bank.accounts.append(HeldAccount("acc-2", rows=[sent("x", "-1")]))
    read(connection)
    person = connection.user
    removal.remove_account(account=Account.objects.get(external_id="acc-2"), now=NOON)
    for hours in (1, 2, 3):
        read(connection, now=NOON + timedelta(hours=hours))
        assert not Transaction.objects.filter(user=person).exists()
        assert not DayTotal.objects.filter(user=person).exists()
        assert [account.external_id for account in accounts_of(user=person)] == ["acc-1"]
    (removed,) = removed_accounts_of(user=person)
    assert actions.restore_account(account=removed, now=NOON + timedelta(hours=4))
    read(connection, now=NOON + timedelta(hours=4))
    assert Transaction.objects.get(user=person).external_id == "x"
    assert removed_accounts_of(user=person) == []


def _failing(call: str, error: errors.BankError) -> Callable[[str], None]:
    def fail(made: str) -> None:
        if made == call:
            raise error

    return fail


def _waiting(bank: Bank) -> BankConnection:
    """A connection whose client has yet to say yes at the bank."""
    bank.consent = "waiting"
    connection = connected(status=Status.REQUESTED, next_run_at=None)
    Consent.objects.filter(connection=connection).delete()
    connecting.open_access(connection, now=NOON)
    assert connection.status == Status.AWAITING
    return connection
