"""The life of consents on record: any order of events keeps what must always hold."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from banking.clients.schemas import ConsentAnswer
from banking.models import AuditEvent, BankConnection, Consent, ConsentEvent
from banking.queries import consents as queries
from banking.services import consents
from tests.factories import NOW, ConnectionFactory, ConsentFactory

Status = Consent.Status
State = Consent.State


def waiting_beside(connection: BankConnection) -> Consent:
    return ConsentFactory(
        connection=connection, status=Status.AWAITING, consent_id="", granted_at=None, expires_at=None
    )


def answer(status: str, **fields) -> ConsentAnswer:
    known = {"request_id": "req-new", "consent_id": "consent-new" if status == "granted" else None}
    return ConsentAnswer(status=status, **known | fields)


def kinds(consent: Consent) -> list[str]:
    return [line.kind for line in queries.history_of(consent, now=NOW)]


@pytest.fixture
def connection(anna) -> BankConnection:
    return ConnectionFactory(user=anna)


@pytest.fixture
def granted(connection) -> Consent:
    return ConsentFactory(connection=connection, expires_at=NOW + timedelta(days=3))


@pytest.mark.parametrize(
    ("status", "ends_in", "state"),
    [
        (Status.GRANTED, timedelta(days=8), State.GRANTED),
        (Status.GRANTED, timedelta(days=7), State.EXPIRING),
        (Status.GRANTED, timedelta(seconds=1), State.EXPIRING),
        (Status.GRANTED, timedelta(0), State.EXPIRED),
        (Status.REVOKED, timedelta(days=1), State.REVOKED),
        (Status.AWAITING, timedelta(days=-1), State.AWAITING),
    ],
)
def test_the_state_is_derived_from_the_date_alike_in_python_and_sql(connection, status, ends_in, state):
    consent = ConsentFactory(connection=connection, status=status, expires_at=NOW + ends_in)

    assert consent.state(NOW) == state
    assert [each for each in State if Consent.objects.in_states([each], NOW).exists()] == [state]


def test_a_renewal_waits_beside_the_consent_in_use(connection, granted):
    renewal = consents.begin(connection, permissions=[], purpose="", now=NOW)
    consents.record_answer(renewal, answer("waiting"), now=NOW)

    connection.refresh_from_db()
    assert connection.status == BankConnection.Status.ACTIVE
    assert set(Consent.objects.values_list("status", flat=True)) == {Status.GRANTED, Status.AWAITING}


def test_a_granted_renewal_takes_the_place_of_the_old_one(connection, granted):
    renewal = waiting_beside(connection)

    assert consents.move(renewal, Status.GRANTED, answer("granted"), now=NOW)

    granted.refresh_from_db()
    connection.refresh_from_db()
    assert (granted.status, granted.ended_at, granted.revoke_due_at) == (Status.RENEWED, NOW, NOW)
    assert kinds(granted)[0] == ConsentEvent.Kind.RENEWED
    assert connection.status == BankConnection.Status.ACTIVE
    assert AuditEvent.objects.filter(kind=AuditEvent.Kind.RENEWED, person=connection.user).count() == 1


@pytest.mark.parametrize(("status", "actor"), [(Status.REJECTED, "bank"), (Status.REVOKED, "person")])
def test_a_renewal_that_fails_leaves_the_healthy_connection_alone(connection, granted, status, actor):
    before = BankConnection.objects.values().get()

    consents.move(waiting_beside(connection), status, now=NOW, actor=actor)

    granted.refresh_from_db()
    assert granted.status == Status.GRANTED
    assert BankConnection.objects.values().get() == before


def test_the_end_of_the_old_one_leaves_the_connection_waiting_for_the_renewal(connection, granted):
    waiting_beside(connection)

    assert consents.expire(now=NOW + timedelta(days=4)) == 1

    connection.refresh_from_db()
    assert connection.status == BankConnection.Status.AWAITING


def test_expiring_is_noted_once_and_with_the_true_time(connection, granted):
    later = NOW + timedelta(days=30)

    assert (consents.expire(now=later), consents.expire(now=later)) == (1, 0)

    connection.refresh_from_db()
    event = ConsentEvent.objects.get(kind=ConsentEvent.Kind.EXPIRED)
    assert (event.at, event.actor) == (granted.expires_at, "system")
    assert connection.status == BankConnection.Status.EXPIRED


def test_news_heard_twice_is_written_once(connection, granted):
    same = Consent.objects.select_related("connection").get(pk=granted.pk)

    assert consents.move(granted, Status.REVOKED, now=NOW)
    assert not consents.move(same, Status.REVOKED, now=NOW)
    assert ConsentEvent.objects.filter(kind=ConsentEvent.Kind.REVOKED).count() == 1


def test_a_second_request_is_refused_while_one_waits(connection, granted):
    first = consents.begin(connection, permissions=[], purpose="", now=NOW)

    with pytest.raises(consents.AlreadyAsked):
        consents.begin(connection, permissions=[], purpose="", now=NOW)

    later = NOW + consents.ASKING_TAKES_AT_MOST
    assert consents.begin(connection, permissions=[], purpose="", now=later).pk != first.pk


def test_a_connection_has_one_granted_consent(connection, granted):
    with pytest.raises(IntegrityError):
        ConsentFactory(connection=connection)


def test_history_tells_what_only_the_date_knows(connection, granted):
    assert kinds(granted) == [ConsentEvent.Kind.EXPIRING]
    past = queries.history_of(granted, now=NOW + timedelta(days=5))
    assert [line.kind for line in past] == [ConsentEvent.Kind.EXPIRED, ConsentEvent.Kind.EXPIRING]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ask", "wait", "grant", "reject", "cancel", "revoke", "bank revokes", "expire"]),
        st.integers(1, 20),
    ),
    max_size=25,
)


class AnyOrderOfEvents(TestCase):
    """Whatever comes in whatever order, as days go by."""

    @given(STEPS)
    @settings(max_examples=60, deadline=None)
    def test_keeps_the_invariants(self, steps: list[tuple[str, int]]) -> None:
        connection = ConnectionFactory(status=BankConnection.Status.REQUESTED)
        now = NOW
        for step, days in steps:
            now += timedelta(days=days)
            _take(connection, step, now=now)
            connection.refresh_from_db()
            _check(connection, now=now)


def _take(connection: BankConnection, step: str, *, now) -> None:
    waiting = Consent.objects.awaiting().filter(connection=connection).first()
    granted = Consent.objects.granted().filter(connection=connection).first()
    if step == "ask" and waiting is None:
        if connection.status not in consents.OPENS:
            consents.set_status(connection, BankConnection.Status.REQUESTED, now=now)
        consents.begin(connection, permissions=[], purpose="", now=now)
    elif step == "wait" and waiting and not waiting.is_asked:
        consents.record_answer(waiting, answer("waiting"), now=now)
    elif step == "grant" and waiting:
        year = answer("granted", expires_at=now + timedelta(days=40))
        consents.move(waiting, Status.GRANTED, year, now=now)
    elif step == "reject" and waiting:
        consents.move(waiting, Status.REJECTED, now=now)
    elif step == "cancel":
        consents.cancel_waiting(connection, now=now)
    elif step in {"revoke", "bank revokes"} and granted:
        actor = "person" if step == "revoke" else "bank"
        consents.move(granted, Status.REVOKED, now=now, actor=actor)
    elif step == "expire":
        consents.expire(now=now)


def _check(connection: BankConnection, *, now) -> None:
    found = list(Consent.objects.filter(connection=connection))
    alive = Consent.objects.alive(now).filter(connection=connection).count()
    assert alive <= 1
    if alive:
        assert connection.status == BankConnection.Status.ACTIVE
    if connection.status == BankConnection.Status.AWAITING:
        assert any(consent.status == Status.AWAITING for consent in found)
    for consent in found:
        lines = list(consent.events.order_by("at", "pk").values_list("kind", flat=True))
        assert lines[0] == ConsentEvent.Kind.REQUESTED
        assert not any(one == other for one, other in pairwise(lines))
        is_over = consent.status not in {Status.AWAITING, Status.GRANTED}
        assert is_over == (consent.ended_at is not None)
        if is_over:
            assert lines[-1] == consent.status
