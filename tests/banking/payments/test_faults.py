"""Every fault of a bank at every moment of a transfer, and a worker killed at every mark.

The bank's own books are the judge: it carried the order out once or not at all, and our state says which.
"""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from banking.clients.vtb import VtbClient
from banking.models import BankConnection, Transfer
from banking.services import payments

State = Transfer.State
MOMENTS = ("token", "payment_consent_request", "payments", "payment_consent", "payment", "transactions")
FAULTS = (
    {"what": "error", "status": 500},
    {"what": "error", "status": 502},
    {"what": "error", "status": 503},
    {"what": "reset"},
    {"what": "hang", "seconds": 1.5},
    {"what": "half_body"},
    {"what": "drip", "size": 8, "pause": 0.5},
    {"what": "rate_limit", "retry_after": 1},
    {"what": "maintenance"},
    {"what": "redirect"},
    {"what": "gzip_bomb", "megabytes": 8},
    {"what": "shape", "as": "null"},
    {"what": "shape", "as": "not_json"},
    {"what": "shape", "as": "missing_field"},
    {"what": "shape", "as": "wrong_type"},
    {"what": "expire_token", "calls": 0},
    {"what": "execute_then_drop"},
    {"what": "execute_then_drop", "seconds": 1.5},
)
# Moments that only come after an answer was lost, or when the bank is slow to settle.
LOSES_THE_ANSWER = {"payment_consent", "transactions"}
ended: Counter[str] = Counter()


def _named(fault):
    return "-".join(str(value) for value in fault.values())


@pytest.mark.parametrize("where", MOMENTS)
@pytest.mark.parametrize("fault", FAULTS, ids=_named)
def test_a_bank_that_fails_pays_once_or_not_at_all_and_we_say_which(household, drive, where, fault):
    if where in LOSES_THE_ANSWER:
        household.strike("execute_then_drop", "payments", times=1)
    if where == "payment":
        household.switch(settlement="delayed")
    household.strike(fault["what"], where, **{k: v for k, v in fault.items() if k != "what"}, times=1)
    transfer = drive(household.places(), steps=2)
    household.switch(settlement="instant")
    transfer = drive(transfer)
    booked = household.bookings(transfer)
    ended[transfer.state] += 1
    assert booked <= 1
    assert (transfer.state, booked) in {(State.CONFIRMED, 1), (State.REJECTED, 0)}


@pytest.mark.parametrize("where", MOMENTS)
def test_a_bank_that_goes_on_failing_is_named_and_its_recovery_is_noticed(household, drive, where):
    if where in LOSES_THE_ANSWER:
        household.strike("execute_then_drop", "payments", times=1)
    if where == "payment":
        household.switch(settlement="delayed")
    household.strike("error", where, status=503)
    transfer = drive(household.places(), steps=12)
    if transfer.is_open:
        assert transfer.error_code == "bank_unavailable"
    household.banks.control("vbank", "faults", method="DELETE")
    household.switch(settlement="instant")
    later = timezone.now() + timedelta(days=30)
    payments.work(transfer.pk, worker="late", now=later)
    transfer.refresh_from_db()
    assert (transfer.state, household.bookings(transfer)) in {(State.CONFIRMED, 1), (State.REJECTED, 0)}


def test_the_matrix_was_walked():
    print(f"{sum(ended.values())} cells: {dict(ended)}")
    assert sum(ended.values()) in {0, len(FAULTS) * len(MOMENTS)}


# A worker killed


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
