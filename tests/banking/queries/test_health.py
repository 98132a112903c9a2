"""Each cause of a connection's state has its own words and one thing to do."""

from datetime import timedelta

import pytest

from banking.models import BankConnection, SyncRun, SyncRunAccount
from banking.queries import connections as queries
from banking.queries.health import Action, Cause
from tests.factories import (
    NOW,
    AccountFactory,
    ConnectionFactory,
    ConsentFactory,
    SyncRunAccountFactory,
    SyncRunFactory,
)

NBSP = "\u00a0"


@pytest.fixture
def connection(anna) -> BankConnection:
    return ConnectionFactory(user=anna)


def health(connection: BankConnection):
    return queries.connection_overview(user=connection.user, pk=connection.pk, now=NOW).health


def steps(connection: BankConnection, state: str, *states: str, **fields) -> SyncRun:
    run = SyncRunFactory(connection=connection, state=state)
    for step_state in states:
        account = AccountFactory(connection=connection, name="Вклад")
        SyncRunAccountFactory(run=run, account=account, state=step_state, **fields)
    return run


def test_fresh_says_as_of_when(connection):
    ConsentFactory(connection=connection)

    found = health(connection)

    assert (found.cause, found.text, found.action) == (Cause.FRESH, "Данные на 14:32", Action.SYNC)
    assert not found.needs_attention


def test_syncing_says_which_account_is_read(connection):
    states = SyncRunAccount.State
    steps(connection, SyncRun.State.RUNNING, states.DONE, states.READING, states.WAITING)

    found = health(connection)

    assert (found.cause, found.text) == (Cause.SYNCING, "Обновляем: счёт 2 из 3")
    assert found.action == Action.CANCEL


def test_partial_names_the_account_and_the_reason(connection):
    states = SyncRunAccount.State
    steps(connection, SyncRun.State.PARTIAL, *[states.DONE] * 4)
    run = SyncRun.objects.get()
    SyncRunAccountFactory(
        run=run,
        account=AccountFactory(connection=connection, name="Вклад"),
        state=states.FAILED,
        error_code="bank_unavailable",
    )

    found = health(connection)

    assert found.cause == Cause.PARTIAL
    assert found.text == f"Обновлено: 4{NBSP}счёта из 5. «Вклад»: банк не ответил"


def test_delayed_says_when_the_next_try_is(connection):
    connection.failures = 1
    connection.last_error_code = "bank_unavailable"
    connection.next_run_at = NOW + timedelta(minutes=28)
    connection.save()

    found = health(connection)

    assert found.cause == Cause.DELAYED
    assert found.text == "Банк не отвечает, данные на 14:32. Повторим в 15:00"


def test_rate_limited_offers_nothing_but_waiting(connection):
    connection.retry_after = NOW + timedelta(minutes=18)
    connection.failures = 1
    connection.save()

    found = health(connection)

    assert (found.text, found.action) == ("Банк просит подождать до 14:50", Action.NONE)


def test_awaiting_sends_the_person_to_the_bank(connection):
    connection.status = BankConnection.Status.AWAITING
    connection.save()

    found = health(connection)

    assert (found.cause, found.action) == (Cause.AWAITING, Action.CHECK)
    assert found.text == "Подтвердите доступ в приложении VBank"


def test_expiring_within_a_week_offers_renewal(connection):
    ConsentFactory(connection=connection, expires_at=NOW + timedelta(days=7))

    found = health(connection)

    assert (found.cause, found.action) == (Cause.EXPIRING, Action.RENEW)
    assert found.text == f"Доступ закончится 16{NBSP}ноября"


def test_a_consent_past_its_date_is_over_whatever_the_status_says(connection):
    ConsentFactory(connection=connection, expires_at=NOW - timedelta(hours=1))

    found = health(connection)

    assert found.cause == Cause.EXPIRED
    assert found.text == f"Доступ закончился 9{NBSP}ноября. Данные до этой даты сохранены"


@pytest.mark.parametrize("status", ["revoked", "rejected", "expired"])
def test_ended_access_keeps_the_data_and_offers_to_connect_again(connection, status):
    connection.status = status
    connection.save()

    found = health(connection)

    assert found.cause == status
    assert found.action == Action.RECONNECT
    assert found.has_ended
    assert "сохранены" in found.text


def test_refused_first_request_says_that_nothing_was_read(connection):
    connection.status = BankConnection.Status.REJECTED
    connection.last_success_at = None
    connection.save()

    assert "Ничего не прочитано" in health(connection).text


def test_overviews_cost_the_same_for_one_connection_and_ten(anna, connection, django_assert_num_queries):
    for _ in range(9):
        other = ConnectionFactory(user=anna)
        ConsentFactory(connection=other)
        steps(other, SyncRun.State.DONE, SyncRunAccount.State.DONE)

    with django_assert_num_queries(4):
        assert len(queries.connection_overviews(user=anna, now=NOW)) == 10


def test_only_the_last_run_counts(connection):
    steps(connection, SyncRun.State.PARTIAL, SyncRunAccount.State.FAILED)
    steps(connection, SyncRun.State.DONE, SyncRunAccount.State.DONE)

    assert health(connection).cause == Cause.FRESH


def test_another_person_has_no_such_connection(boris, connection):
    with pytest.raises(BankConnection.DoesNotExist):
        queries.connection_overview(user=boris, pk=connection.pk, now=NOW)
