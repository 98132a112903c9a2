"""The pages of transfers: form, second look, honest result, history, receipt."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from banking import tasks
from banking.models import Account, Transfer
from tests.factories import (
    NOW,
    AccountFactory,
    BankFactory,
    ConnectionFactory,
    TransactionFactory,
    TransferFactory,
)

NEW, SEND = reverse("banking:transfer_new"), reverse("banking:transfer_send")
State = Transfer.State


@pytest.fixture(autouse=True)
def called(monkeypatch):
    """What the worker was called for."""
    asked = []
    monkeypatch.setattr(tasks, "send_transfer", asked.append)
    return asked


@pytest.fixture
def accounts(anna):
    vbank = ConnectionFactory(user=anna)
    abank = ConnectionFactory(user=anna, bank=BankFactory(code="abank", short_name="ABank"))
    return AccountFactory(connection=vbank), AccountFactory(connection=abank, name="Текущий")


def page(client: Client, url: str, **query) -> str:
    return client.get(url, query).content.decode()


def key_of(html: str) -> str:
    return re.search(r'name="key" value="([^"]+)"', html)[1]


def fields(source: Account, target: Account, amount="1 500,50", **more):
    return {
        "source": source.pk,
        "target": target.pk,
        "amount": amount,
        "comment": "Отпуск",
        "key": "k",
    } | more


def test_a_transfer_is_looked_at_twice_and_ordered_once(
    anna_client, accounts, called, django_capture_on_commit_callbacks
):
    source, target = accounts
    key = key_of(page(anna_client, NEW))
    sent = fields(source, target, "500,50", key=key)
    second_look = anna_client.post(NEW, sent).content.decode()
    assert Transfer.objects.count() == 0
    for fact in ("VBank", "ABank", "500,50", "Комиссия", "0,00", "несколько минут", "Отпуск"):
        assert fact in second_look
    assert key_of(second_look) == key
    assert source.number not in second_look

    with django_capture_on_commit_callbacks(execute=True):
        answers = [anna_client.post(SEND, sent) for _ in range(2)]
    (made,) = Transfer.objects.all()
    assert {answer["Location"] for answer in answers} == {reverse("banking:transfer", args=[made.pk])}
    assert (made.amount, made.purpose, made.key) == (Decimal("500.50"), "Отпуск", key)
    assert set(called) == {made.pk}


def test_the_person_may_go_back_and_change_it(anna_client, accounts):
    html = anna_client.post(NEW, fields(*accounts, "10", edit="1")).content.decode()
    assert 'value="10"' in html
    assert key_of(html) == "k"


def test_accounts_may_be_chosen_by_the_link(anna_client, accounts):
    source, target = accounts
    html = page(anna_client, NEW, **{"from": source.pk, "to": target.pk})
    assert f'<option value="{source.pk}" selected>' in html
    assert f'<option value="{target.pk}" selected>' in html


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"amount": ""}, "Напишите, сколько перевести"),
        ({"amount": "0"}, "Сумма должна быть больше нуля"),
        ({"amount": "-5"}, "Напишите сумму цифрами"),
        ({"amount": "1e5"}, "Напишите сумму цифрами"),
        ({"amount": "١٢"}, "Напишите сумму цифрами"),
        ({"amount": "0,001"}, "где копейки"),
        ({"amount": "1000,01"}, "не хватает денег: доступно"),
        ({"amount": "600000,01"}, "За один раз можно перевести не больше"),
        ({"target": "999999"}, "Выберите счёт из списка"),
        ({"source": "x"}, "Выберите счёт из списка"),
        ({"comment": "ы" * 141}, "не более 140"),
    ],
    ids=str,
)
@pytest.mark.parametrize("url", [NEW, SEND])
def test_a_message_says_what_to_do(anna_client, accounts, url, changes, words):
    html = anna_client.post(url, fields(*accounts, "10") | changes).content.decode()
    assert words.replace(" ", "").lower() in re.sub(r"\s", "", html).lower()
    assert Transfer.objects.count() == 0


def test_rules_between_accounts_are_told_at_the_field(anna_client, accounts):
    source, target = accounts
    assert "Выберите два разных" in anna_client.post(NEW, fields(source, source, "1")).content.decode()
    AccountFactory(connection=source.connection)
    Account.objects.filter(pk=target.pk).update(currency="USD")
    assert "Валюты счетов различаются" in anna_client.post(NEW, fields(source, target, "1")).content.decode()


def test_another_order_under_an_old_key_begins_anew(anna_client, accounts):
    anna_client.post(SEND, fields(*accounts, "10"))
    html = anna_client.post(SEND, fields(*accounts, "20")).content.decode()
    assert "уже создан другой перевод" in html
    assert key_of(html) != "k"
    assert Transfer.objects.count() == 1


def test_without_two_accounts_there_is_nothing_to_transfer(anna_client, anna):
    assert "Переводить пока некуда" in page(anna_client, NEW)
    AccountFactory(connection=ConnectionFactory(user=anna))
    assert "Переводить пока некуда" in page(anna_client, NEW)


@pytest.mark.parametrize(
    ("fields_", "words"),
    [
        ({}, "Перевод принят"),
        ({"consent_request_id": "pcr-1"}, "Подтвердите перевод в приложении VBank"),
        ({"state": State.SENT, "sent_at": NOW, "payment_id": "pay-1"}, "Перевод в пути"),
        ({"state": State.UNKNOWN, "sent_at": NOW}, "Деньги не уйдут дважды"),
        (
            {"state": State.UNKNOWN, "sent_at": NOW, "error_code": "consent_required"},
            "Подключить снова",
        ),
        ({"state": State.UNKNOWN, "sent_at": NOW, "error_code": "account_removed"}, "в приложении банка"),
        ({"state": State.CONFIRMED, "sent_at": NOW, "settled_at": NOW}, "Перевод выполнен"),
        (
            {
                "state": State.REJECTED,
                "settled_at": NOW,
                "error_code": "bad_request",
                "bank_words": "No money",
            },
            "No money",
        ),
        (
            {"state": State.REJECTED, "settled_at": NOW, "error_code": "rejected_by_bank"},
            "банк вернул на счёт",
        ),
        ({"state": State.REJECTED, "settled_at": NOW, "error_code": "new_word"}, "Деньги на месте"),
    ],
    ids=str,
)
def test_each_state_has_honest_words_that_survive_a_reload(anna_client, anna, accounts, fields_, words):
    made = TransferFactory(from_account=accounts[0], **fields_)
    url = reverse("banking:transfer", args=[made.pk])
    for _ in range(2):
        html = page(anna_client, url)
        assert words in html
        assert ("every 2s" in html) == made.is_open == ('http-equiv="refresh"' in html)
    fragment = anna_client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert words in fragment
    assert "<html" not in fragment


def test_a_waiting_transfer_leads_to_the_banks_own_page(anna_client, accounts):
    made = TransferFactory(from_account=accounts[0], consent_request_id="pcr-1")
    html = page(anna_client, reverse("banking:transfer", args=[made.pk]))
    assert "/client/consents.html?request_id=pcr-1" in html


def test_a_confirmed_transfer_leads_to_its_rows(anna_client, accounts):
    made = TransferFactory(
        from_account=accounts[0],
        to_account=accounts[1],
        state=State.CONFIRMED,
        sent_at=NOW,
        settled_at=NOW,
    )
    text = f"Отпуск ({made.reference})"
    debit = TransactionFactory(account=accounts[0], amount=Decimal("-1500"), description=text)
    credit = TransactionFactory(account=accounts[1], amount=Decimal("1500"), description=text)
    html = page(anna_client, reverse("banking:transfer", args=[made.pk]))
    for row in (debit, credit):
        assert reverse("banking:transaction", args=[row.pk]) in html


def test_the_person_may_ask_to_check_at_once(
    anna_client, accounts, called, django_capture_on_commit_callbacks
):
    made = TransferFactory(
        from_account=accounts[0],
        state=State.UNKNOWN,
        sent_at=NOW,
        checked_at=NOW - timedelta(minutes=1),
        next_check_at=NOW + timedelta(hours=1),
    )
    url = reverse("banking:transfer_check", args=[made.pk])
    with django_capture_on_commit_callbacks(execute=True):
        anna_client.post(url)
    made.refresh_from_db()
    assert (called, made.next_check_at) == ([made.pk], NOW)
    Transfer.objects.update(checked_at=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        anna_client.post(url)
    assert called == [made.pk]


def test_a_receipt_is_for_what_was_carried_out(anna_client, accounts):
    made = TransferFactory(from_account=accounts[0])
    url = reverse("banking:transfer_receipt", args=[made.pk])
    assert anna_client.get(url).status_code == 404
    Transfer.objects.update(state=State.CONFIRMED, sent_at=NOW, settled_at=NOW, payment_id="pay-77")
    html = page(anna_client, url)
    for fact in (made.reference, "pay-77", "Анна Смирнова", "1\u00a0500,00"):
        assert fact in html


def test_the_history_goes_on_behind_the_last_row(anna_client, accounts, django_assert_max_num_queries):
    assert "Переводов ещё не было" in page(anna_client, reverse("banking:transfers"))
    for number in range(25):
        TransferFactory(
            from_account=accounts[0],
            to_account=accounts[1],
            purpose=f"Перевод {number:02}",
            created_at=NOW - timedelta(minutes=number // 3),
        )
    with django_assert_max_num_queries(6):
        first = page(anna_client, reverse("banking:transfers"))
    link = re.search(r'href="(/transfers/\?after=[^"]+)"', first)[1]
    second = anna_client.get(link).content.decode()
    seen = [re.findall(r"Перевод \d\d", html) for html in (first, second)]
    assert [len(set(part)) for part in seen] == [20, 5]
    assert set(seen[0]).isdisjoint(seen[1])
    assert "Ссылка, по которой вы пришли" in page(anna_client, reverse("banking:transfers"), after="x")


def test_the_accounts_page_leads_to_a_transfer(anna_client, accounts):
    assert NEW in page(anna_client, reverse("banking:accounts"))


def test_the_history_shows_nobody_elses(boris_client, accounts):
    TransferFactory(from_account=accounts[0], purpose="Тайна")
    assert "Тайна" not in page(boris_client, reverse("banking:transfers"))
