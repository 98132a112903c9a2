"""Access to the bundled banks: renewed in place, cancelled, refused, given up, taken up again."""

from datetime import timedelta

import pytest
import time_machine

from banking import actions, tasks
from banking.clients import errors
from banking.models import Account, BankConnection, Consent, ConsentEvent, Transaction
from banking.services import openbanking
from banking.services.connecting import SyncFailed
from financehub.users.models import User
from tests.bank_server import TODAY, BankServer

Status = Consent.Status
LATER = TODAY + timedelta(minutes=1)


def connected(user: User, bank_code: str, banks: BankServer) -> BankConnection:
    connection = actions.connect_bank_now(user=user, bank_code=bank_code, client_number="1", now=TODAY)
    if connection.status == BankConnection.Status.AWAITING:
        approve(banks, Consent.objects.awaiting().get(connection=connection))
        actions.check_consent(connection=connection, now=LATER)
        actions.sync_now(connection=connection, trigger="person", now=LATER)
        connection.refresh_from_db()
    return connection


def approve(banks: BankServer, consent: Consent, answer: str = "approve") -> None:
    banks.control(consent.connection.bank.code, f"requests/{consent.request_id}/{answer}")


def stored() -> tuple[list[tuple[int, str]], int]:
    accounts = Account.objects.order_by("pk").values_list("pk", "external_id")
    return list(accounts), Transaction.objects.count()


def status_at_bank(banks: BankServer, consent: Consent) -> str:
    bank = consent.connection.bank.code
    headers = {"Authorization": f"Bearer {banks.token(bank)}", "X-Requesting-Bank": "team075"}
    told = banks.call("GET", f"/{bank}/account-consents/{consent.consent_id}", headers=headers)
    return told.json()["data"]["status"]


@pytest.fixture
def sbank(anna: User, banks: BankServer) -> BankConnection:
    """An open connection to the bank that asks its client."""
    return connected(anna, "sbank", banks)


def test_a_bank_that_opens_at_once_renews_at_once(anna: User, banks: BankServer) -> None:
    connection = connected(anna, "vbank", banks)
    before, old = stored(), Consent.objects.get()

    renewed = actions.renew_consent(connection=connection, now=LATER)

    old.refresh_from_db()
    assert (renewed.status, old.status) == (Status.GRANTED, Status.RENEWED)
    assert old.revoke_due_at is None
    assert (status_at_bank(banks, old), status_at_bank(banks, renewed)) == ("Revoked", "Authorized")
    assert stored() == before
    actions.sync_now(connection=connection, trigger="person", now=LATER)
    assert stored() == before


def test_a_renewal_waits_while_the_connection_goes_on(banks: BankServer, sbank: BankConnection) -> None:
    before, old = stored(), Consent.objects.get()
    renewal = actions.renew_consent(connection=sbank, now=LATER)

    assert renewal.status == Status.AWAITING
    assert actions.renew_consent(connection=sbank, now=LATER).pk == renewal.pk
    assert actions.sync_now(connection=sbank, trigger="person", now=LATER).state == "done"

    approve(banks, renewal)
    actions.check_consent(connection=sbank, now=LATER + timedelta(seconds=5))
    old.refresh_from_db()
    renewal.refresh_from_db()
    sbank.refresh_from_db()
    assert (old.status, renewal.status, sbank.status) == (Status.RENEWED, Status.GRANTED, "active")
    assert status_at_bank(banks, old) == "Revoked"
    assert stored() == before


def test_a_renewal_cancelled_or_refused_changes_nothing(banks: BankServer, sbank: BankConnection) -> None:
    before, old = stored(), Consent.objects.get()
    actions.renew_consent(connection=sbank, now=LATER)
    assert actions.cancel_renewal(connection=sbank, now=LATER)
    assert not actions.cancel_renewal(connection=sbank, now=LATER)

    second = actions.renew_consent(connection=sbank, now=LATER)
    approve(banks, second, "reject")
    actions.check_consent(connection=sbank, now=LATER + timedelta(seconds=5))

    second.refresh_from_db()
    sbank.refresh_from_db()
    old.refresh_from_db()
    assert (second.status, old.status, sbank.status) == (Status.REJECTED, Status.GRANTED, "active")
    assert status_at_bank(banks, old) == "Authorized"
    assert actions.sync_now(connection=sbank, trigger="person", now=LATER).state == "done"
    assert stored() == before


def test_a_word_that_it_is_signed_is_not_believed_while_the_old_one_opens(sbank: BankConnection) -> None:
    renewal = actions.renew_consent(connection=sbank, now=LATER)

    actions.check_consent(connection=sbank, says_signed=True, now=LATER + timedelta(seconds=5))

    renewal.refresh_from_db()
    assert renewal.status == Status.AWAITING


def test_a_bank_out_of_reach_leaves_no_trace_of_a_renewal(sbank: BankConnection, settings) -> None:
    settings.BANK_BASE_URLS = settings.BANK_BASE_URLS | {"sbank": "http://127.0.0.1:9/sbank"}

    with pytest.raises(errors.BankUnavailable):
        actions.renew_consent(connection=sbank, now=LATER)

    assert Consent.objects.get().status == Status.GRANTED


def test_data_kept_stays_unread_and_comes_alive_without_duplicates(anna: User, banks: BankServer) -> None:
    connection = connected(anna, "vbank", banks)
    before, consent = stored(), Consent.objects.get()

    assert actions.disconnect(connection=connection, actor=anna, keep_data=True, now=LATER)

    connection.refresh_from_db()
    consent.refresh_from_db()
    assert (connection.status, connection.next_run_at) == (BankConnection.Status.DISCONNECTED, None)
    assert (consent.status, consent.ended_by) == (Status.REVOKED, ConsentEvent.Actor.PERSON)
    assert status_at_bank(banks, consent) == "Revoked"
    assert stored() == before
    with pytest.raises(actions.NotConnected):
        actions.request_sync(connection=connection, trigger="person", now=LATER)

    assert connected(anna, "vbank", banks).pk == connection.pk
    assert stored() == before


def test_reconnecting_after_the_bank_revoked_duplicates_nothing(anna: User, banks: BankServer) -> None:
    connection = connected(anna, "vbank", banks)
    before, consent = stored(), Consent.objects.get()
    openbanking._revoke(connection, consent.consent_id, now=LATER)
    with pytest.raises(SyncFailed):
        actions.sync_now(connection=connection, trigger="person", now=LATER)
    connection.refresh_from_db()
    assert connection.status == BankConnection.Status.REVOKED

    assert connected(anna, "vbank", banks).pk == connection.pk
    assert stored() == before


def test_reconnecting_past_the_date_asks_for_a_new_consent_at_once(anna: User, banks: BankServer) -> None:
    connection = connected(anna, "vbank", banks)
    before = stored()
    Consent.objects.update(expires_at=TODAY - timedelta(hours=1))

    again = connected(anna, "vbank", banks)

    assert (again.pk, again.status) == (connection.pk, BankConnection.Status.ACTIVE)
    assert sorted(Consent.objects.values_list("status", flat=True)) == [Status.EXPIRED, Status.GRANTED]
    assert stored() == before


def test_a_reconnection_cancelled_leaves_what_was_kept(anna: User, banks: BankServer) -> None:
    connection = connected(anna, "sbank", banks)
    before = stored()
    actions.disconnect(connection=connection, actor=anna, keep_data=True, now=LATER)
    actions.connect_bank_now(user=anna, bank_code="sbank", client_number="1", now=LATER)
    connection.refresh_from_db()
    assert connection.status == BankConnection.Status.AWAITING

    actions.cancel_connecting(connection=connection, now=LATER)

    connection.refresh_from_db()
    assert connection.status == BankConnection.Status.DISCONNECTED
    assert stored() == before


def test_a_bank_that_could_not_be_told_is_told_later(anna: User, banks: BankServer, settings) -> None:
    connection = connected(anna, "vbank", banks)
    consent = Consent.objects.get()
    urls = settings.BANK_BASE_URLS
    settings.BANK_BASE_URLS = urls | {"vbank": "http://127.0.0.1:9/vbank"}
    assert not actions.disconnect(connection=connection, actor=anna, keep_data=True, now=LATER)
    assert status_at_bank(banks, consent) == "Authorized"
    settings.BANK_BASE_URLS = urls

    with time_machine.travel(TODAY + timedelta(hours=2), tick=True):
        tasks.dispatch.call_local()

    consent.refresh_from_db()
    assert (consent.revoke_due_at, status_at_bank(banks, consent)) == (None, "Revoked")


def test_a_run_in_progress_goes_on_under_the_new_consent(anna: User, banks: BankServer, monkeypatch) -> None:
    connection = connected(anna, "vbank", banks)
    before, read, renewed = stored(), openbanking.BankAccess.with_session, []

    def renew_before_the_second_call(access, call):
        if len(renewed) == 1:
            renewed.append(actions.renew_consent(connection=connection, now=LATER))
        elif not renewed:
            renewed.append(None)
        return read(access, call)

    monkeypatch.setattr(openbanking.BankAccess, "with_session", renew_before_the_second_call)
    run = actions.sync_now(connection=connection, trigger="person", now=LATER)

    connection.refresh_from_db()
    assert (run.state, connection.status) == ("done", BankConnection.Status.ACTIVE)
    assert stored() == before
