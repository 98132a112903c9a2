"""A worker killed at every mark of a transfer: the bank carried the order out once or not at all."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from banking.clients.vtb import VtbClient
from banking.models import BankConnection, Transfer
from banking.services import payments

State = Transfer.State


class Killed(BaseException):
    """The process ends here: nothing after it runs, no handler sees it."""


CALLS = (
    "fetch_token",
    "request_payment_consent",
    "create_payment",
    "get_payment_consent",
    "get_payment",
    "revoke_payment_consent",
)


class Marks:
    """Counts what a worker does that leaves a trace, and kills it before or after the n-th of them."""

    def __init__(self, monkeypatch, *, kill_at):
        self.passed = 0
        self.names = []
        self.kill_at = kill_at
        for name in CALLS:
            self._watch(monkeypatch, VtbClient, name)
        self._watch(monkeypatch, payments, "_note")

    def _watch(self, monkeypatch, owner, name):
        real = getattr(owner, name)

        def watched(*args, **kwargs):
            self._mark(f"before {name}")
            done = real(*args, **kwargs)
            self._mark(f"after {name}")
            return done

        monkeypatch.setattr(owner, name, watched)

    def _mark(self, name):
        self.names.append(name)
        self.passed += 1
        if self.passed == self.kill_at:
            raise Killed


def _works_until_killed(transfer):
    try:
        payments.work(transfer.pk, worker="killed", now=timezone.now())
    except Killed:
        return True
    return False


def _marks_of(household, monkeypatch, prepare):
    with monkeypatch.context() as watched:
        marks = Marks(watched, kill_at=0)
        prepare()
        payments.work(household.places().pk, worker="whole", now=timezone.now())
    return marks.names


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("answer", ["arrives", "is lost", "is late"])
def test_a_worker_killed_at_any_mark_sends_once(household, monkeypatch, answer):
    def prepare():
        BankConnection.objects.update(token_sealed="", token_expires_at=None)
        household.switch(settlement="delayed" if answer == "is late" else "instant")
        if answer == "is lost":
            household.strike("execute_then_drop", "payments", times=1)

    names = _marks_of(household, monkeypatch, prepare)
    assert "after create_payment" in names or answer == "is lost"
    ends = Counter()
    for kill_at in range(1, len(names) + 1):
        prepare()
        transfer = household.places()
        with monkeypatch.context() as patch:
            Marks(patch, kill_at=kill_at)
            assert _works_until_killed(transfer), names[kill_at - 1]
        household.switch(settlement="instant")
        household.banks.control("vbank", "faults", method="DELETE")
        Transfer.objects.filter(pk=transfer.pk).update(next_check_at=timezone.now())
        transfer = _inherited(transfer)
        booked = household.bookings(transfer)
        ends[transfer.state] += 1
        assert (transfer.state, booked) in {(State.CONFIRMED, 1), (State.REJECTED, 0)}, names[kill_at - 1]
    print(f"killed at {len(names)} marks: {dict(ends)}")


def _inherited(transfer):
    """What the workers make of it that come after the lease has run out."""
    for step in range(1, 9):
        if Transfer.objects.open().filter(pk=transfer.pk).exists():
            later = timezone.now() + timedelta(days=step)
            payments.work(transfer.pk, worker=f"heir-{step}", now=later)
    transfer.refresh_from_db()
    return transfer
