"""The consents page and the journal, with a bank that is never really asked."""

from datetime import timedelta

import pytest

from banking import actions
from banking.clients import errors
from banking.models import AuditEvent, BankConnection, Consent
from tests.factories import NOW, BankFactory, ConnectionFactory, ConsentFactory

NBSP = "\u00a0"
Status = Consent.Status


@pytest.fixture
def connection(anna) -> BankConnection:
    return ConnectionFactory(user=anna)


@pytest.fixture
def granted(connection) -> Consent:
    return ConsentFactory(connection=connection, expires_at=NOW + timedelta(days=5), last_used_at=NOW)


@pytest.fixture
def renewal(connection, granted) -> Consent:
    return ConsentFactory(
        connection=connection, status=Status.AWAITING, consent_id="", granted_at=None, expires_at=None
    )


def html(client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_a_consent_is_told_in_plain_words(anna_client, connection, granted):
    page = html(anna_client, "/consents/")

    assert "остатки на счетах" in page
    assert "ReadBalances" not in page
    assert f"до 14{NBSP}ноября, ещё 5{NBSP}дней" in page
    assert "14:32" in page
    assert f'action="/connections/{connection.pk}/renew/"' in page
    assert f'href="/connections/{connection.pk}/disconnect/?next=/consents/"' in page


def test_consents_are_sorted_by_their_last_day_and_ended_ones_come_below(anna, anna_client, granted):
    for code, days in (("sbank", 90), ("abank", 2)):
        bank = BankFactory(code=code)
        ConsentFactory(
            connection=ConnectionFactory(user=anna, bank=bank), expires_at=NOW + timedelta(days=days)
        )
    old = ConnectionFactory(user=anna, bank=BankFactory(code="obank", short_name="OBANK"))
    ConsentFactory(connection=old, status=Status.REJECTED, granted_at=None, ended_at=NOW)

    page = html(anna_client, "/consents/")

    places = [
        page.index(name) for name in ("ABank</h3>", "VBank</h3>", "SBank</h3>", "Завершённые", "OBANK</h3>")
    ]
    assert places == sorted(places)


def test_an_empty_page_leads_to_connecting(anna_client):
    assert 'href="/connect/"' in html(anna_client, "/consents/")


def test_a_waiting_renewal_is_shown_with_its_ways_and_not_offered_twice(anna_client, connection, renewal):
    page = html(anna_client, "/consents/")

    assert f"request_id={renewal.request_id}" in page
    assert f'action="/connections/{connection.pk}/renew/cancel/"' in page
    assert f'action="/connections/{connection.pk}/renew/"' not in page


def test_the_connection_stays_in_use_while_its_renewal_waits(anna_client, connection, renewal):
    page = html(anna_client, f"/connections/{connection.pk}/")

    assert "Подтвердите продление в приложении" in page
    assert "Прежнее согласие работает" in page
    assert "every 3s" in page


def test_renewing_at_once_says_until_when(anna_client, connection, granted, monkeypatch):
    renewed = ConsentFactory.build(connection=connection, expires_at=NOW + timedelta(days=365))
    monkeypatch.setattr(actions, "renew_consent", lambda **_: renewed)

    done = anna_client.post(f"/connections/{connection.pk}/renew/", follow=True)

    assert f"продлён до 9{NBSP}ноября 2026" in done.content.decode()


def test_renewing_at_a_silent_bank_says_that_nothing_changed(anna_client, connection, granted, monkeypatch):
    def fail(**_):
        raise errors.BankUnavailable(bank="vbank", reason="timeout")

    monkeypatch.setattr(actions, "renew_consent", fail)

    done = anna_client.post(f"/connections/{connection.pk}/renew/", follow=True)

    assert "банк не ответил. Прежний доступ не изменился" in done.content.decode()


def test_a_renewal_is_cancelled_with_one_click(anna_client, connection, granted, renewal):
    done = anna_client.post(f"/connections/{connection.pk}/renew/cancel/", follow=True)

    assert "Прежний доступ не изменился" in done.content.decode()
    granted.refresh_from_db()
    renewal.refresh_from_db()
    connection.refresh_from_db()
    assert (granted.status, renewal.status) == (Status.GRANTED, Status.REVOKED)
    assert connection.status == BankConnection.Status.ACTIVE


@pytest.mark.parametrize(
    ("choice", "kept"), [({}, True), ({"stored": "keep"}, True), ({"stored": "delete"}, False)]
)
def test_revoking_keeps_the_data_unless_told_otherwise(anna_client, connection, monkeypatch, choice, kept):
    told = []
    monkeypatch.setattr(actions, "disconnect", lambda **said: told.append(said["keep_data"]) or True)

    response = anna_client.post(f"/connections/{connection.pk}/disconnect/", choice | {"next": "/consents/"})

    assert told == [kept]
    assert response.headers["Location"] == "/consents/"


def test_a_disconnected_bank_offers_to_come_back_or_to_forget(anna_client, connection):
    BankConnection.objects.update(status=BankConnection.Status.DISCONNECTED)

    accounts = html(anna_client, "/accounts/")
    forget = html(anna_client, f"/connections/{connection.pk}/disconnect/")

    assert f"Вы отключили банк. Данные на 9{NBSP}ноября сохранены" in accounts
    assert "Подключить снова" in accounts
    assert 'name="stored" value="delete"' in forget


def test_another_persons_consents_and_journal_are_not_shown(boris_client, anna, granted):
    AuditEvent.objects.create(person=anna, kind=AuditEvent.Kind.CONNECTED, bank_code="vbank", at=NOW)

    assert "остатки" not in html(boris_client, "/consents/")
    assert "Записей ещё нет" in html(boris_client, "/consents/journal/")


def test_the_journal_says_who_read_what(anna, anna_client, connection, banker):
    detail = {"state": "done", "accounts": 4, "rows_read": 120, "rows_new": 3}
    for actor, kind, told in (
        (None, AuditEvent.Kind.SYNCED, detail),
        (None, AuditEvent.Kind.SYNCED, {"state": "failed"}),
        (anna, AuditEvent.Kind.DISCONNECTED, {"data_kept": True}),
        (banker, AuditEvent.Kind.CONNECTED, {}),
    ):
        AuditEvent.objects.create(person=anna, actor=actor, kind=kind, bank_code="vbank", detail=told, at=NOW)

    page = html(anna_client, "/consents/journal/")

    assert f"VBank: прочитано 4{NBSP}счёта, 120{NBSP}операций, из них новых 3" in page
    assert "VBank: прочитать данные не получилось" in page
    assert "прочитанное оставлено" in page
    assert "Вера Банкова" in page
    assert "Сегодня" in page


def test_the_journal_goes_on_by_a_fragment(anna, anna_client):
    for number in range(60):
        AuditEvent.objects.create(
            person=anna, kind=AuditEvent.Kind.CONNECTED, bank_code="vbank", at=NOW - timedelta(hours=number)
        )
    page = html(anna_client, "/consents/journal/")
    next_url = page.split('class="button" href="')[-1].split('"')[0]

    rest = anna_client.get(next_url, headers={"HX-Request": "true"}).content.decode()

    assert (page.count('class="row"'), rest.count('class="row"')) == (50, 10)
    assert "<html" not in rest
    assert anna_client.get("/consents/journal/?after=nonsense").status_code == 404


def test_pages_cost_the_same_for_many(anna, anna_client, django_assert_max_num_queries):
    for number in range(12):
        bank = BankFactory(code=f"bank{number}")
        ConsentFactory(connection=ConnectionFactory(user=anna, bank=bank))
        AuditEvent.objects.create(person=anna, kind=AuditEvent.Kind.SYNCED, bank_code=bank.code, at=NOW)
    with django_assert_max_num_queries(10):
        html(anna_client, "/consents/")
    with django_assert_max_num_queries(6):
        html(anna_client, "/consents/journal/")


@pytest.mark.parametrize("path", ["renew/", "renew/cancel/"])
def test_another_person_gets_404_and_changes_need_a_post(anna_client, boris_client, connection, path):
    url = f"/connections/{connection.pk}/{path}"
    assert boris_client.post(url).status_code == 404
    assert anna_client.get(url).status_code == 405
