"""Connecting a bank and giving the access up, with a worker that only takes notes."""

import re
from datetime import timedelta

import pytest

from banking import actions
from banking.clients import errors
from banking.models import BankConnection, SyncRun, SyncRunAccount
from tests.factories import (
    NOW,
    AccountFactory,
    BankFactory,
    ConnectionFactory,
    ConsentFactory,
    SyncRunAccountFactory,
    SyncRunFactory,
    TransactionFactory,
)

NBSP = "\u00a0"
Status = BankConnection.Status


@pytest.fixture
def connection(anna) -> BankConnection:
    return ConnectionFactory(user=anna)


@pytest.fixture
def waiting(anna) -> BankConnection:
    found = ConnectionFactory(user=anna, bank=BankFactory(code="sbank"), status=Status.AWAITING)
    ConsentFactory(
        connection=found, status="awaiting", consent_id="", request_id="req-1d16f2aee767", granted_at=None
    )
    return found


def html(client, url: str, **extra) -> str:
    response = client.get(url, **extra)
    assert response.status_code == 200
    return response.content.decode()


def test_banks_are_offered_and_a_connected_one_leads_to_its_connection(anna_client, connection):
    page = html(anna_client, "/connect/")

    assert f'href="/connections/{connection.pk}/"' in page
    assert 'href="/connect/abank/"' in page
    assert "Подключён" in page


def test_permissions_are_told_before_anything_is_asked(anna_client):
    page = html(anna_client, "/connect/vbank/")

    assert "Что мы будем читать" in page
    assert "переводить деньги" in page
    assert "Отозвать доступ можно" in page
    assert not BankConnection.objects.exists()


def test_agreeing_starts_the_connection_and_shows_its_progress(
    anna, anna_client, queued, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        response = anna_client.post("/connect/vbank/")

    started = BankConnection.objects.get(user=anna)
    assert response.headers["Location"] == f"/connections/{started.pk}/"
    assert queued == [("open_access", started.pk)]
    assert "Запрашиваем доступ у банка" in html(anna_client, f"/connections/{started.pk}/")


def test_an_unknown_bank_is_404(anna_client):
    assert anna_client.get("/connect/nobank/").status_code == 404


def test_gost_mode_is_told_the_truth_and_chooses_the_ordinary_channel(anna, anna_client, queued):
    anna.use_gost_mode = True
    anna.save()

    page = html(anna_client, "/connect/vbank/")
    refused = anna_client.post("/connect/vbank/")
    chosen = anna_client.post("/connect/vbank/", {"channel": "bank"})

    assert "ГОСТ-шлюз на этой установке не настроен" in page
    assert "Подключить по обычному каналу" in page
    assert refused.status_code == 200
    assert "Соединение не устанавливалось" in refused.content.decode()
    assert chosen.status_code == 302


def test_progress_is_the_share_of_pages_read(anna_client, connection):
    run = SyncRunFactory(connection=connection, state=SyncRun.State.RUNNING)
    states = SyncRunAccount.State
    for state, read, total in ((states.DONE, 4, 4), (states.READING, 1, 4), (states.WAITING, 0, None)):
        account = AccountFactory(connection=connection)
        SyncRunAccountFactory(run=run, account=account, state=state, pages_read=read, pages_total=total)

    page = html(anna_client, f"/connections/{connection.pk}/")

    assert 'value="41" max="100"' in page
    assert "счёт 2 из 3" in page
    assert "every 1s" in page
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page


def test_progress_comes_as_a_fragment_and_stops_asking_when_done(anna_client, connection):
    run = SyncRunFactory(connection=connection, state=SyncRun.State.RUNNING)
    TransactionFactory(account=AccountFactory(connection=connection))
    url = f"/connections/{connection.pk}/?stage=reading"

    fragment = html(anna_client, url, headers={"HX-Request": "true"})
    assert "<html" not in fragment
    assert "every 1s" in fragment

    SyncRun.objects.filter(pk=run.pk).update(state=SyncRun.State.DONE)
    assert anna_client.get(url, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    page = html(anna_client, url)
    assert "every" not in page
    assert f"1{NBSP}счёт, 1{NBSP}операция" in page


def test_waiting_tells_what_to_do_and_survives_reload(anna_client, waiting, settings):
    settings.BANK_BASE_URLS = {"sbank": "http://127.0.0.1:8001/sbank"}

    for _ in range(2):
        page = html(anna_client, f"/connections/{waiting.pk}/")
        assert "http://127.0.0.1:8001/sbank/client/consents.html?request_id=req-1d16f2aee767" in page
        assert "Проверить" in page
        assert "Отменить" in page
        assert "every 3s" in page


def test_looking_asks_nothing_and_changes_nothing(anna_client, waiting, monkeypatch):
    monkeypatch.setattr(actions, "check_consent", lambda **_: pytest.fail("a GET asked the bank"))

    html(anna_client, f"/connections/{waiting.pk}/")


@pytest.mark.parametrize(("data", "says_signed"), [({"poll": "1"}, False), ({}, True)])
def test_only_the_button_says_that_it_is_signed(anna_client, waiting, monkeypatch, data, says_signed):
    told = []
    monkeypatch.setattr(actions, "check_consent", lambda **said: told.append(said["says_signed"]))

    response = anna_client.post(f"/connections/{waiting.pk}/check/", data)

    assert response.headers["Location"] == f"/connections/{waiting.pk}/"
    assert told == [says_signed]


def test_a_bank_that_does_not_answer_is_told_in_words(anna_client, waiting, monkeypatch):
    def fail(**_):
        raise errors.BankUnavailable(bank="sbank", reason="timeout")

    monkeypatch.setattr(actions, "check_consent", fail)

    fragment = anna_client.post(
        f"/connections/{waiting.pk}/check/",
        {"poll": "1", "stage": "awaiting"},
        headers={"HX-Request": "true"},
    ).content.decode()

    assert "банк не ответил. Ваши данные не изменились" in fragment
    assert "every 3s" in fragment


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status.REJECTED, "Доступ не разрешён в банке"),
        (Status.FAILED, "Подключить не удалось: банк не принял нашу подпись"),
        (Status.REVOKED, "Доступ отозван"),
    ],
)
def test_failures_have_words_and_a_way_on(anna_client, connection, status, words):
    connection.status, connection.last_error_code = status, "credentials_refused"
    connection.save()

    page = html(anna_client, f"/connections/{connection.pk}/")

    assert words in page
    assert 'href="/connect/vbank/"' in page


def test_cancelling_forgets_a_connection_that_never_opened(anna_client, waiting):
    response = anna_client.post(f"/connections/{waiting.pk}/cancel/")

    assert response.headers["Location"] == "/accounts/"
    assert not BankConnection.objects.exists()


def test_cancelling_a_reading_keeps_the_connection(anna_client, connection):
    run = SyncRunFactory(connection=connection, state=SyncRun.State.RUNNING)

    anna_client.post(f"/connections/{connection.pk}/cancel/")

    run.refresh_from_db()
    assert run.cancel_requested
    assert BankConnection.objects.exists()


def test_sync_is_asked_of_the_worker_and_leads_back(
    anna_client, connection, queued, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        response = anna_client.post(
            f"/connections/{connection.pk}/sync/", headers={"Referer": "http://testserver/overview/"}
        )

    assert response.headers["Location"] == "/overview/"
    assert queued == [("run_sync", SyncRun.objects.get().pk)]


@pytest.mark.parametrize("referer", ["http://evil.example/overview/", "//evil.example", "x"])
def test_the_way_back_never_leaves_the_site(anna_client, connection, queued, referer):
    response = anna_client.post(f"/connections/{connection.pk}/sync/", headers={"Referer": referer})

    assert response.headers["Location"] == "/accounts/"


def test_sync_without_access_says_so(anna_client, waiting):
    response = anna_client.post(f"/connections/{waiting.pk}/sync/", follow=True)

    assert "Подключите банк снова" in response.content.decode()


def test_disconnecting_asks_first(anna, anna_client, connection, monkeypatch):
    TransactionFactory(account=AccountFactory(connection=connection))
    calls = []
    monkeypatch.setattr(actions, "disconnect", lambda **said: calls.append(said) or True)

    page = html(anna_client, f"/connections/{connection.pk}/disconnect/")
    assert "Отключить VBank?" in page
    assert f"1{NBSP}счёт, 1{NBSP}операция" in page
    assert calls == []

    done = anna_client.post(f"/connections/{connection.pk}/disconnect/", follow=True)
    assert [(said["actor"], said["keep_data"]) for said in calls] == [(anna, True)]
    assert "доступ отозван" in done.content.decode()


def test_disconnecting_says_when_the_bank_was_not_told(anna_client, connection, monkeypatch):
    monkeypatch.setattr(actions, "disconnect", lambda **_: False)

    done = anna_client.post(f"/connections/{connection.pk}/disconnect/", follow=True)

    assert "доступ закончится по сроку" in done.content.decode()


@pytest.mark.parametrize("path", ["", "sync/", "check/", "cancel/", "disconnect/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_another_person_gets_404(boris_client, connection, path, method):
    response = getattr(boris_client, method)(f"/connections/{connection.pk}/{path}")

    assert response.status_code in {404, 405}
    assert BankConnection.objects.filter(status=Status.ACTIVE).exists()


@pytest.mark.parametrize("path", ["sync/", "check/", "cancel/"])
def test_changes_need_a_post(anna_client, connection, path):
    assert anna_client.get(f"/connections/{connection.pk}/{path}").status_code == 405


# --- all banks at once ---


def test_all_banks_are_asked_for_at_once_and_the_connected_one_is_left(
    anna, anna_client, connection, queued, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        response = anna_client.post("/connect/all/")

    assert response.headers["Location"] == "/connect/all/"
    asked = BankConnection.objects.filter(user=anna).exclude(pk=connection.pk)
    assert sorted(asked.values_list("bank__code", "status")) == [
        ("abank", "requested"),
        ("sbank", "requested"),
    ]
    assert sorted(queued) == sorted(("open_access", found.pk) for found in asked)


def test_each_bank_shows_its_own_state_and_action(anna, anna_client, connection, waiting, settings):
    settings.BANK_BASE_URLS = {"sbank": "http://127.0.0.1:8001/sbank"}
    run = SyncRunFactory(connection=connection, state=SyncRun.State.RUNNING)
    for state in (SyncRunAccount.State.DONE, SyncRunAccount.State.READING):
        SyncRunAccountFactory(run=run, account=AccountFactory(connection=connection), state=state)
    failed = ConnectionFactory(
        user=anna,
        bank=BankFactory(code="abank"),
        status=Status.FAILED,
        last_error_code="credentials_refused",
    )

    page = html(anna_client, "/connect/all/")

    assert "Подключено 0 из 3" in page
    assert "Обновляем: счёт 2 из 2" in page
    assert "Подключить не удалось: банк не принял нашу подпись" in page
    assert f'href="/connect/{failed.bank.code}/"' in page
    assert "http://127.0.0.1:8001/sbank/client/consents.html" in page
    assert "every 1s" in page
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page


def test_progress_of_all_says_when_one_more_is_through_and_stops_asking(anna_client, connection):
    SyncRunFactory(connection=connection, state=SyncRun.State.DONE, rows_read=7)
    htmx = {"HX-Request": "true"}
    looks = [html(anna_client, f"/connect/all/?seen={seen}", headers=htmx) for seen in ("0-a", "1-a")]
    address = re.search(r'hx-get="([^"]*)"', looks[0])[1]

    assert anna_client.get(address, headers=htmx).status_code == 204

    assert "hx-swap-oob" in looks[0]
    assert "hx-swap-oob" not in looks[1]
    assert "Подключено 1 из 3" in looks[1]
    assert f"7{NBSP}операций" in looks[1]
    assert "every" not in looks[1]


# --- waiting ---


def test_a_bank_that_asks_to_wait_shows_until_when_and_its_button_is_off(anna_client, connection, queued):
    connection.retry_after = NOW + timedelta(minutes=18)
    connection.save()
    SyncRunFactory(connection=connection, state=SyncRun.State.FAILED)

    for url in ("/accounts/", f"/connections/{connection.pk}/"):
        page = html(anna_client, url)
        assert "Банк просит подождать до 14:50" in page
        assert re.search(r"<button[^>]* disabled>Обновить</button>", page)
        assert 'data-countdown="1080"' in page
        assert re.search(r'hx-trigger="(every \ds, )?over"', page)

    anna_client.post(f"/connections/{connection.pk}/sync/")
    assert queued == []


def test_a_partial_reading_is_repeated_for_what_failed(
    anna_client, connection, queued, django_capture_on_commit_callbacks
):
    run = SyncRunFactory(connection=connection, state=SyncRun.State.PARTIAL)
    SyncRunAccountFactory(
        run=run, account=AccountFactory(connection=connection), state=SyncRunAccount.State.FAILED
    )

    with django_capture_on_commit_callbacks(execute=True):
        anna_client.post(f"/connections/{connection.pk}/sync/")

    assert SyncRun.objects.order_by("-pk").first().trigger == SyncRun.Trigger.RETRY


def test_a_connection_tells_when_it_was_read_and_how_often_the_bank_was_called(anna_client, connection):
    connection.calls_on, connection.calls_made = NOW.date(), 12
    connection.save()
    SyncRunFactory(connection=connection, state=SyncRun.State.DONE)

    page = html(anna_client, f"/connections/{connection.pk}/")

    for label, value in (
        ("Данные на", "14:32"),
        ("Следующая попытка", "20:32"),
        ("сегодня", f"12 из 2{NBSP}000"),
    ):
        assert re.search(rf"{label}</dt><dd>{value}</dd>", page)
