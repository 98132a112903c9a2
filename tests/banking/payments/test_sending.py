"""A transfer on its way: sent once, asked about until its end is known, whatever the bank does."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from banking import actions, tasks
from banking.models import Account, AuditEvent, SyncRun, Transaction, Transfer
from banking.presenters.transfers import state_of
from banking.services import payments

State = Transfer.State


def kinds_of_events(user):
    return list(AuditEvent.objects.for_user(user).order_by("pk").values_list("kind", flat=True))


def test_a_transfer_between_banks_is_carried_out(household, drive):
    transfer = drive(household.places())
    assert (transfer.state, transfer.error_code) == (State.CONFIRMED, "")
    assert transfer.payment_id.startswith("pay-")
    assert transfer.created_at <= transfer.sent_at <= transfer.settled_at
    assert (transfer.next_check_at, transfer.lease_until) == (None, None)
    assert household.bookings(transfer) == 1
    assert kinds_of_events(household.user) == ["transfer_ordered", "transfer_confirmed"]


def test_a_transfer_inside_a_bank_is_carried_out(household, drive):
    transfer = drive(household.places(to_account_id=household.savings.pk))
    assert transfer.state == State.CONFIRMED
    assert not transfer.is_between_banks
    assert household.bookings(transfer) == 1


def test_both_sides_are_read_and_paired_after_a_transfer(household, db):
    transfer = actions.make_transfer_now(user=household.user, order=household.order(), now=timezone.now())
    assert transfer.state == State.CONFIRMED
    rows = Transaction.objects.filter(description__contains=transfer.reference).order_by("amount")
    debit, credit = rows
    assert (debit.account, debit.amount) == (household.source, Decimal("-10"))
    assert (credit.account, credit.amount) == (household.elsewhere, Decimal("10"))
    assert debit.transfer_pair == credit
    assert {debit.kind, credit.kind} == {"transfer"}
    assert SyncRun.objects.filter(state=SyncRun.State.DONE).count() == 2


def test_what_the_bank_refuses_is_over_and_told_in_its_words(household, drive):
    transfer = household.places()
    Transfer.objects.filter(pk=transfer.pk).update(to_number="40817810999999999999")
    transfer = drive(transfer)
    assert (transfer.state, transfer.error_code) == (State.REJECTED, "bad_request")
    assert "not found in any bank" in transfer.bank_words
    assert household.bookings(transfer) == 0
    assert kinds_of_events(household.user)[-1] == "transfer_rejected"


def test_taken_is_not_carried_out(household, drive):
    household.switch(settlement="rejected")
    transfer = drive(household.places())
    assert (transfer.state, transfer.error_code) == (State.REJECTED, "rejected_by_bank")


def test_nothing_is_sent_from_a_bank_that_was_disconnected_meanwhile(household, drive):
    transfer = household.places()
    source = household.source.connection
    actions.disconnect(connection=source, actor=household.user, keep_data=True, now=timezone.now())
    household.banks.control("vbank", "calls", method="DELETE")
    transfer = drive(transfer)
    assert (transfer.state, transfer.error_code) == (State.REJECTED, "bank_not_connected")
    assert (transfer.sent_at, household.banks.control("vbank", "calls", method="GET")) == (None, [])
    assert state_of(transfer).text.endswith("Подключите его снова. Деньги на месте.")


def test_a_slow_payment_is_asked_for_by_its_id(household, drive):
    household.switch(settlement="delayed")
    transfer = drive(household.places(), steps=2)
    assert (transfer.state, bool(transfer.payment_id)) == (State.SENT, True)
    household.switch(settlement="instant")
    assert drive(transfer).state == State.CONFIRMED
    assert household.bookings(transfer) == 1


def test_a_bank_that_asks_its_client_is_waited_for(household, drive):
    household.switch(auto_approve_payments=False)
    transfer = drive(household.places(), steps=7)
    assert (transfer.state, transfer.awaits_approval) == (State.CREATED, True)
    assert transfer.sent_at is None
    household.banks.control("vbank", f"payment-requests/{transfer.consent_request_id}/approve")
    assert drive(transfer).state == State.CONFIRMED
    assert household.bookings(transfer) == 1


def test_a_client_who_refuses_ends_it(household, drive):
    household.switch(auto_approve_payments=False)
    transfer = drive(household.places(), steps=1)
    household.banks.control("vbank", f"payment-requests/{transfer.consent_request_id}/reject")
    transfer = drive(transfer)
    assert (transfer.state, transfer.error_code) == (State.REJECTED, "consent_rejected")


def test_an_approval_that_never_comes_ends_it(household, drive):
    household.switch(auto_approve_payments=False)
    transfer = household.places()
    Transfer.objects.filter(pk=transfer.pk).update(created_at=timezone.now() - timedelta(hours=25))
    transfer = drive(transfer)
    assert (transfer.state, transfer.error_code) == (State.REJECTED, "not_approved")


def test_a_lost_answer_is_found_again_on_the_account(household, drive):
    household.strike("execute_then_drop", "payments", times=1)
    transfer = drive(household.places(), steps=1)
    assert (transfer.state, transfer.error_code) == (State.UNKNOWN, "bank_unavailable")
    assert drive(transfer).state == State.CONFIRMED
    assert household.bookings(transfer) == 1


def test_a_lost_answer_about_a_rejection_is_not_taken_for_success(household, drive):
    household.switch(settlement="rejected")
    household.strike("execute_then_drop", "payments", times=1)
    transfer = drive(household.places())
    assert (transfer.state, transfer.error_code) == (State.REJECTED, "rejected_by_bank")


def test_a_deposit_topped_up_with_a_lost_answer_is_found_by_its_number(household, drive, banks):
    """The bank's text for deposits carries no comment, and with it no reference."""
    transfer = household.places()
    Transfer.objects.filter(pk=transfer.pk).update(
        state=State.UNKNOWN, sent_at=timezone.now(), consent_id="pcon-none"
    )
    Account.objects.filter(pk=transfer.to_account_id).update(kind=Account.Kind.DEPOSIT)
    banks.control(
        "vbank",
        "transactions",
        {
            "account_id": household.source.external_id,
            "amount": "-10.00",
            "text": f"Пополнение депозита {transfer.to_number}",
        },
    )
    assert drive(transfer).state == State.CONFIRMED


def test_an_order_that_never_arrived_is_made_harmless_before_it_is_given_up(household, drive):
    household.strike("reset", "payments", times=1)
    transfer = drive(household.places())
    assert (transfer.state, transfer.error_code) == (State.REJECTED, "not_executed")
    assert household.bookings(transfer) == 0
    path = f"/vbank/payment-consents/{transfer.consent_id}"
    headers = {"Authorization": f"Bearer {household.banks.token('vbank')}"}
    assert household.banks.call("GET", path, headers=headers).json()["data"]["status"] == "revoked"


def test_a_used_consent_without_a_debit_stays_open_and_says_so(household, drive):
    household.strike("execute_then_drop", "payments", times=1)
    household.strike("empty_page", "transactions")
    transfer = drive(household.places(), steps=16)
    assert (transfer.state, transfer.error_code) == (State.UNKNOWN, "debit_not_seen")
    assert transfer.next_check_at - transfer.checked_at == payments.SELDOM
    household.banks.control("vbank", "faults", method="DELETE")
    later = timezone.now() + timedelta(days=30)
    payments.work(transfer.pk, worker="late", now=later)
    transfer.refresh_from_db()
    assert transfer.state == State.CONFIRMED


def test_an_account_that_is_gone_ends_what_was_not_sent(household, drive):
    transfer = household.places()
    household.source.delete()
    transfer = drive(transfer)
    assert (transfer.state, transfer.error_code) == (State.REJECTED, "account_removed")
    assert household.bookings(transfer) == 0


def test_a_transfer_in_work_is_left_alone(household):
    transfer, now = household.places(), timezone.now()
    Transfer.objects.filter(pk=transfer.pk).update(worker="other", lease_until=now + timedelta(seconds=30))
    assert payments.work(transfer.pk, worker="me", now=now) is None
    assert payments.work(transfer.pk, worker="me", now=now + timedelta(seconds=31)) is not None


def test_a_worker_that_lost_its_lease_writes_nothing(household, monkeypatch):
    transfer = household.places()
    real = payments._send

    def overtaken(access, mine):
        Transfer.objects.filter(pk=mine.pk).update(worker="other")
        real(access, mine)

    monkeypatch.setattr(payments, "_send", overtaken)
    assert payments.work(transfer.pk, worker="me", now=timezone.now()) is None
    transfer.refresh_from_db()
    assert (transfer.state, transfer.worker) == (State.CREATED, "other")
    assert household.bookings(transfer) == 0


def test_the_worker_sends_what_nobody_called_it_for(household, django_capture_on_commit_callbacks):
    transfer = household.places()
    with django_capture_on_commit_callbacks(execute=True):
        tasks.dispatch.call_local()
    transfer.refresh_from_db()
    assert transfer.state == State.CONFIRMED
    assert SyncRun.objects.count() == 2


@pytest.mark.parametrize("again", [1, 5])
def test_working_a_finished_transfer_off_again_does_nothing(household, drive, again):
    transfer = drive(household.places())
    for step in range(again):
        later = timezone.now() + timedelta(days=step)
        assert payments.work(transfer.pk, worker="again", now=later) is None
    assert household.bookings(transfer) == 1
