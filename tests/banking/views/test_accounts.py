"""Accounts by bank, and the page of one account."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from banking.models import SyncRun
from tests.factories import (
    NOW,
    AccountFactory,
    BankFactory,
    ConnectionFactory,
    ConsentFactory,
    DailyBalanceFactory,
    SyncRunFactory,
    many_transactions,
)

NBSP = "\u00a0"


def html(client, url="/accounts/", **extra) -> str:
    response = client.get(url, **extra)
    assert response.status_code == 200
    return response.content.decode()


def test_accounts_without_a_bank_offer_to_connect_one(anna_client):
    assert "Подключите первый банк" in html(anna_client)


def test_accounts_stand_under_their_bank_with_sum_state_and_term(anna, anna_client):
    vbank = ConnectionFactory(user=anna)
    abank = ConnectionFactory(user=anna, bank=BankFactory(code="abank"))
    ConsentFactory(connection=vbank)
    AccountFactory(connection=vbank, net_amount=Decimal("1500.50"), number="40817810000000001002")
    AccountFactory(connection=vbank, net_amount=Decimal(20), currency="USD")
    AccountFactory(connection=abank, name="Накопительный", net_amount=Decimal(7))

    page = html(anna_client)

    assert f"<b>1{NBSP}500,50{NBSP}₽ · 20,00{NBSP}$</b>" in page
    assert f"••{NBSP}1002" in page
    assert "40817810000000001002" not in page
    assert "Данные на 14:32" in page
    assert f"Доступ до 7{NBSP}февраля 2026{NBSP}г., ещё 90{NBSP}дней" in page
    assert page.index("VBank") < page.index("ABank") < page.index("Накопительный")


def test_the_total_says_which_part_of_it_is_old(anna, anna_client):
    connection = ConnectionFactory(user=anna)
    AccountFactory(connection=connection, net_amount=Decimal(1000))
    AccountFactory(
        connection=connection, net_amount=Decimal("48910.10"), balance_as_of=NOW - timedelta(days=2)
    )

    page = html(anna_client)

    assert "Всего сейчас" in page
    assert f"в том числе 48{NBSP}910,10{NBSP}₽ по данным на 7{NBSP}ноября" in page


def test_credit_card_shows_debt_limit_and_what_is_left(anna, anna_client):
    AccountFactory(
        connection__user=anna,
        kind="card",
        name="Всё сразу",
        balance_booked=Decimal("98412.35"),
        balance_available=Decimal("201587.65"),
        credit_limit=Decimal(300000),
        net_amount=Decimal("-98412.35"),
    )

    page = html(anna_client)

    assert f"−98{NBSP}412,35" in page
    assert f"лимит 300{NBSP}000,00{NBSP}₽" in page
    assert f"доступно 201{NBSP}587,65{NBSP}₽" in page


def test_an_old_balance_says_its_day(anna, anna_client):
    AccountFactory(connection__user=anna, balance_as_of=NOW - timedelta(days=2))

    assert f"на 7{NBSP}ноября" in html(anna_client)


def test_the_list_asks_again_while_a_bank_is_read(anna, anna_client):
    bank = ConnectionFactory(user=anna)
    assert "every 2s" not in html(anna_client)

    SyncRunFactory(connection=bank, state=SyncRun.State.RUNNING)

    assert "every 2s" in html(anna_client)
    fragment = html(anna_client, headers={"HX-Request": "true"})
    assert "<html" not in fragment
    assert "Обновляем" in fragment


def test_accounts_cost_the_same_queries_whatever_their_number(anna, anna_client):
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            html(anna_client)
        return len(caught)

    def connect(count: int) -> None:
        for _ in range(count):
            bank = ConnectionFactory(user=anna)
            ConsentFactory(connection=bank)
            SyncRunFactory(connection=bank)
            AccountFactory.create_batch(3, connection=bank)

    connect(1)
    few = queries()
    connect(9)

    assert queries() == few <= 10


@pytest.fixture
def account(anna):
    return AccountFactory(connection__user=anna, number="40817810000000001002")


def test_account_page_draws_the_balance_and_lists_the_newest_rows(anna_client, account):
    ConsentFactory(connection=account.connection)
    DailyBalanceFactory(account=account, date=date(2025, 10, 1), amount=Decimal(500))
    DailyBalanceFactory(account=account, date=date(2025, 11, 9), amount=Decimal(1000))
    many_transactions(account, 12)

    page = html(anna_client, f"/accounts/{account.pk}/")

    assert "<path" in page
    assert page.count('class="row operation"') == 10
    assert f'href="/transactions/?account={account.pk}"' in page
    assert "Согласие в Virtual Bank" in page
    assert 'data-copy="40817810000000001002"' in page


@pytest.mark.parametrize("history", ["30", "90", "365", "all", "x", "9" * 40])
def test_account_page_takes_any_period(anna_client, account, history):
    DailyBalanceFactory(account=account, date=date(2023, 1, 1))

    assert "Остаток" in html(anna_client, f"/accounts/{account.pk}/?history={history}")


def test_account_without_balances_says_so(anna_client, account):
    assert "Мало данных" in html(anna_client, f"/accounts/{account.pk}/")


def test_another_person_gets_404(boris_client, account):
    assert boris_client.get(f"/accounts/{account.pk}/").status_code == 404
    assert "40817810000000001002" not in html(boris_client)
