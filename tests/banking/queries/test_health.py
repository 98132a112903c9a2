"""Each cause of a connection's state has its own words and one thing to do."""

from datetime import UTC, datetime, timedelta

import pytest

from banking.models import BankCircuit, BankConnection, SyncRun, SyncRunAccount
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
TEN_PAST_TWELVE = datetime(2025, 11, 9, 9, 10, tzinfo=UTC)


@pytest.fixture
def connection(anna) -> BankConnection:
    return ConnectionFactory(user=anna)


def health(connection: BankConnection):
    return queries.connection_overview(user=connection.user, pk=connection.pk, now=NOW).health


def change(connection: BankConnection, **fields) -> None:
    BankConnection.objects.filter(pk=connection.pk).update(**fields)


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
    assert (found.action, found.action_text) == (Action.SYNC, "Повторить этот счёт")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("bank_unavailable", "Банк не отвечает с 12:10. Повторим в 15:00"),
        ("bank_maintenance", "В банке технические работы с 12:10. Повторим в 15:00"),
        ("rate_limited", "Банк просил подождать, скоро обновим. Данные на 14:32. Повторим в 15:00"),
        ("nothing_listed", "Банк прислал пустой список счетов. Данные на 14:32. Повторим в 15:00"),
        ("internal_error", "Ошибка на нашей стороне. Данные на 14:32. Повторим в 15:00"),
        ("broken_document", "Ответ банка пришёл не целиком. Данные на 14:32. Повторим в 15:00"),
        ("credentials_refused", "Банк не принял нашу подпись. Данные на 14:32. Повторим в 15:00"),
    ],
)
def test_delayed_says_why_and_when_the_next_try_is(connection, code, words):
    again_at = NOW + timedelta(minutes=28)
    change(connection, failures=1, last_error_code=code, failing_since=TEN_PAST_TWELVE, next_run_at=again_at)

    found = health(connection)

    assert (found.cause, found.text, found.until) == (Cause.DELAYED, words, again_at)
    assert (found.action, found.action_text) == (Action.SYNC, "Повторить сейчас")


def test_a_connection_that_is_due_shares_what_others_found_out_about_the_bank(connection):
    again_at = NOW + timedelta(minutes=28)
    BankCircuit.objects.create(
        bank=connection.bank, failures=3, failing_since=TEN_PAST_TWELVE, open_until=again_at
    )

    assert health(connection).cause == Cause.FRESH

    change(connection, next_run_at=NOW - timedelta(minutes=1))
    found = health(connection)
    assert (found.cause, found.until) == (Cause.DELAYED, again_at)
    assert found.text == "Банк не отвечает с 12:10. Повторим в 15:00"

    change(connection, channel=BankConnection.Channel.GOST)
    assert health(connection).cause == Cause.FRESH


def test_rate_limited_offers_nothing_but_waiting(connection):
    until = NOW + timedelta(minutes=18)
    change(connection, retry_after=until, failures=1)

    found = health(connection)

    assert (found.text, found.action) == ("Банк просит подождать до 14:50", Action.NONE)
    assert (found.until, found.must_wait) == (until, True)


@pytest.mark.parametrize(
    ("made", "cause", "action"),
    [
        (7, Cause.FRESH, Action.SYNC),
        (8, Cause.BUDGET, Action.SYNC),
        (10, Cause.BUDGET, Action.NONE),
    ],
)
def test_a_spent_budget_says_when_it_opens_again(connection, settings, made, cause, action):
    settings.BANK_CALLS_PER_DAY, settings.BANK_CALLS_RESERVE = 10, 2
    change(connection, calls_on=NOW.date(), calls_made=made)

    found = health(connection)

    assert (found.cause, found.action) == (cause, action)
    assert found.must_wait is (action == Action.NONE)
    if cause == Cause.BUDGET:
        spent = f"Запросы к банку на сегодня закончились, продолжим 10{NBSP}ноября, 00:00"
        assert found.text == f"Данные на 14:32. {spent}"
        assert found.until == datetime(2025, 11, 9, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("accounts_rejected", "описание части счетов банк прислал в виде, который не читается"),
        ("rows_rejected", f"не прочитано: 3{NBSP}операции. Банк прислал их в виде, который не читается"),
        ("rows_missing", "операций у банка больше, чем он прислал. Следующий раз прочитаем всё"),
    ],
)
def test_partial_without_a_failed_account_says_what_is_not_there(connection, code, words):
    run = steps(connection, SyncRun.State.PARTIAL, SyncRunAccount.State.DONE)
    SyncRun.objects.filter(pk=run.pk).update(error_code=code, rows_rejected=3)

    found = health(connection)

    assert (found.cause, found.action, found.action_text) == (Cause.PARTIAL, Action.SYNC, "Повторить")
    assert found.text.startswith("Обновлено не всё")
    assert found.text.endswith(words)


def test_partial_puts_accounts_with_the_same_reason_together(connection):
    run = steps(connection, SyncRun.State.PARTIAL, SyncRunAccount.State.DONE)
    for name, code in (("А", "bank_unavailable"), ("Б", "refused"), ("В", "bank_unavailable")):
        account = AccountFactory(connection=connection, name=name)
        SyncRunAccountFactory(run=run, account=account, state=SyncRunAccount.State.FAILED, error_code=code)

    found = health(connection)

    assert found.text == f"Обновлено: 1{NBSP}счёт из 4. «А», «В»: банк не ответил; «Б»: банк отказал"
    assert found.action_text == "Повторить эти счета"


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
