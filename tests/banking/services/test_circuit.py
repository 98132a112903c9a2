"""A bank that stays silent is left alone by all its connections, but for one probe at a time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from banking.clients import errors
from banking.clients.gost.handshake import GostCheck
from banking.models import BankCircuit, BankConnection
from banking.services import circuit
from tests.banking.sync.bank import NOON, unavailable
from tests.factories import BankFactory, ConnectionFactory

pytestmark = pytest.mark.django_db

NO_LIBRARY = GostCheck(outcome="no_library", measured_at=NOON, address="")


@pytest.fixture
def three() -> list[BankConnection]:
    """Three people with an account at one bank."""
    return ConnectionFactory.create_batch(3)


def silent(three: list[BankConnection], *, times: int = 3) -> BankCircuit:
    for number in range(times):
        circuit.note_silence(three[number % 3], now=NOON)
    return BankCircuit.objects.get()


@pytest.mark.parametrize(
    ("error", "is_silence"),
    [
        (unavailable(), True),
        (errors.MaintenancePage(bank="vbank"), True),
        (errors.GatewayUnavailable(NO_LIBRARY, bank="vbank"), False),
        (errors.RateLimited(bank="vbank"), False),
        (errors.Refused(bank="vbank", status=400, code="bad_request"), False),
        (None, False),
    ],
)
def test_only_a_bank_without_an_answer_is_silent(error: errors.BankError | None, is_silence: bool) -> None:
    assert circuit.is_silence(error) is is_silence


def test_a_bank_that_answers_costs_no_writes(three, django_assert_num_queries) -> None:
    with django_assert_num_queries(2):
        assert circuit.admits(three[0], by_person=False, now=NOON)
        circuit.note_answer(three[0])
    assert not BankCircuit.objects.exists()


def test_three_connections_in_a_row_open_the_circuit(three) -> None:
    assert silent(three, times=2).open_until is None
    opened = silent(three[2:] + three[:2], times=1)
    assert opened.rests(NOON)
    assert opened.failing_since == NOON
    assert set(circuit.left_alone(NOON)) == set(three)


def test_one_connection_alone_never_opens_it(three) -> None:
    for _ in range(9):
        circuit.note_silence(three[0], now=NOON)
    assert circuit.admits(three[1], by_person=False, now=NOON)


def test_the_silence_of_one_system_says_nothing_of_the_other(three) -> None:
    channel = BankConnection.Channel
    api = [ConnectionFactory(channel=kind) for kind in (channel.BANKING_API, channel.GOST)]
    silent(three)
    everybody = [*three, *api]
    assert list(circuit.readable(everybody, now=NOON)) == api
    assert set(circuit.left_alone(NOON)) == set(three)
    assert all(circuit.admits(other, by_person=False, now=NOON) for other in api)
    for other in (*api, api[0]):
        circuit.note_silence(other, now=NOON)
    circuit.note_answer(three[0])
    assert list(circuit.readable(everybody, now=NOON)) == three
    assert set(circuit.left_alone(NOON)) == set(api)


@pytest.mark.parametrize(
    ("error", "closes"),
    [
        (errors.Refused(bank="vbank", status=404, code="not_found"), True),
        (errors.AuthenticationFailed(bank="vbank"), True),
        (errors.GatewayUnavailable(NO_LIBRARY, bank="vbank"), False),
        (errors.RateLimited(bank="vbank", retry_after=60), False),
    ],
)
def test_a_refusal_is_an_answer_and_a_shut_gateway_gives_the_probe_back(three, error, closes: bool) -> None:
    silent(three)
    later = NOON + timedelta(minutes=2)
    assert circuit.admits(three[0], by_person=False, now=later)
    circuit.note_failure(three[0], error, now=later)
    assert (BankCircuit.objects.get().open_until is None) is closes
    assert circuit.admits(three[1], by_person=False, now=later)


def test_an_answer_in_between_begins_the_count_anew(three) -> None:
    silent(three, times=2)
    circuit.note_answer(three[0])
    assert silent(three, times=2).open_until is None


def test_what_was_under_way_as_it_opened_does_not_count(three) -> None:
    opened = silent(three)
    circuit.note_silence(ConnectionFactory(), now=NOON)
    assert BankCircuit.objects.get().failures == opened.failures


@pytest.mark.parametrize(
    ("by_person", "minutes", "admitted"),
    [(False, 0, 0), (False, 2, 1), (True, 0, 1), (True, 2, 1)],
    ids=["clock at once", "clock after the pause", "person at once", "person after the pause"],
)
def test_an_open_circuit_lets_one_probe_in(three, by_person: bool, minutes: int, admitted: int) -> None:
    silent(three)
    later = NOON + timedelta(minutes=minutes)
    assert sum(circuit.admits(three[0], by_person=by_person, now=later) for _ in range(5)) == admitted


def test_a_probe_that_is_never_heard_of_again_is_given_to_another(three) -> None:
    silent(three)
    later = NOON + timedelta(minutes=2)
    assert circuit.admits(three[0], by_person=False, now=later)
    assert circuit.admits(three[0], by_person=False, now=later + circuit.PROBE_TAKES)


def test_a_probe_that_fails_doubles_the_pause_up_to_half_an_hour(three) -> None:
    silent(three)
    now, pauses = NOON, []
    for _ in range(8):
        now = BankCircuit.objects.get().open_until
        assert circuit.admits(three[0], by_person=False, now=now)
        circuit.note_silence(three[0], now=now)
        pauses.append(BankCircuit.objects.get().open_until - now)
    for pause, minutes in zip(pauses, (2, 4, 8, 16, 30, 30, 30, 30), strict=True):
        assert 0.8 <= pause / timedelta(minutes=minutes) <= 1.2


def test_people_who_insist_wait_a_moment_between_probes(three) -> None:
    silent(three)
    assert circuit.admits(three[0], by_person=True, now=NOON)
    circuit.note_silence(three[0], now=NOON)
    assert not circuit.admits(three[0], by_person=True, now=NOON)
    assert circuit.admits(three[0], by_person=True, now=NOON + circuit.PERSON_PAUSES)


def test_a_probe_that_is_answered_closes_it_for_all(three) -> None:
    silent(three)
    assert circuit.admits(three[0], by_person=True, now=NOON)
    circuit.note_answer(three[0])
    assert all(circuit.admits(three[0], by_person=False, now=NOON) for _ in range(3))


def test_the_clock_sends_one_connection_of_a_bank_that_may_be_asked_again(three) -> None:
    other = ConnectionFactory(bank=BankFactory(code="abank"))
    silent(three)
    everybody = [*three, other]
    assert list(circuit.readable(everybody, now=NOON)) == [other]
    assert list(circuit.readable(everybody, now=NOON + timedelta(minutes=2))) == [three[0], other]
    circuit.note_answer(three[0])
    assert list(circuit.readable(everybody, now=NOON)) == everybody


@pytest.mark.django_db(transaction=True)
def test_of_eight_workers_that_come_together_one_has_the_probe() -> None:
    three = ConnectionFactory.create_batch(3)
    silent(three)
    start = Barrier(8)

    def comes(_number: int) -> bool:
        start.wait()
        try:
            return circuit.admits(three[0], by_person=False, now=NOON + timedelta(minutes=2))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as workers:
        assert sum(workers.map(comes, range(8))) == 1
