"""The first screen."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from banking.models import BankConnection
from tests.factories import (
    NOW,
    AccountFactory,
    BankFactory,
    ConnectionFactory,
    TransactionFactory,
    many_transactions,
)

NBSP = "\u00a0"


@pytest.fixture
def account(anna):
    return AccountFactory(connection__user=anna, net_amount=Decimal("5000.25"))


def html(client) -> str:
    response = client.get("/overview/")
    assert response.status_code == 200
    return response.content.decode()


def test_without_a_bank_the_only_thing_is_to_connect_one(anna_client):
    page = html(anna_client)

    assert "Подключите первый банк" in page
    assert '<svg class="chart' not in page
    assert "Этот месяц" not in page


def test_total_names_other_currencies_and_the_stale_part(anna_client, account):
    AccountFactory(connection=account.connection, currency="USD", net_amount=Decimal(20))
    AccountFactory(
        connection=account.connection,
        net_amount=Decimal("48910.10"),
        balance_as_of=NOW - timedelta(days=2),
    )

    page = html(anna_client)

    assert f"53{NBSP}910,35" in page
    assert "20,00" in page
    assert f"в том числе 48{NBSP}910,10{NBSP}₽ по данным на 7{NBSP}ноября" in page


def test_months_are_drawn_once_two_whole_ones_are_known(anna_client, account):
    TransactionFactory(account=account, booked_at=NOW.replace(month=9))
    assert '<svg class="chart-plot"' not in html(anna_client)

    TransactionFactory(account=account, booked_at=NOW.replace(month=8), amount=Decimal(-700))
    page = html(anna_client)
    assert page.count('class="chart-slot') == 4
    assert "/transactions/?since=2025-11-01&amp;until=2025-11-09" in page
    assert "/analytics/categories/" in page


def test_month_compares_with_the_same_days_and_links_to_the_rows(anna_client, account):
    TransactionFactory(account=account, amount=Decimal(-300))
    TransactionFactory(account=account, amount=Decimal(-100), booked_at=NOW - timedelta(days=35))

    page = html(anna_client)

    assert f"было 100,00{NBSP}₽ за 1–9{NBSP}октября" in page
    assert "/transactions/?kind=expense&amp;since=2025-11-01&amp;until=2025-11-09" in page
    assert "/transactions/?kind=expense&amp;since=2025-10-01&amp;until=2025-10-09" in page
    assert "category=groceries" in page


def test_figures_equal_the_rows_they_link_to(anna_client, account):
    for amount, slug in ((-300, "groceries-bakery"), (50, "groceries-bakery"), (-999, "transfer-own")):
        TransactionFactory(account=account, amount=Decimal(amount), slug=slug)

    figure = anna_client.get("/overview/").context["figures"][1]
    totals = anna_client.get(f"{figure.url}&totals=show").context["totals"]

    assert figure.value == totals.flows[0].spending == Decimal(250)


def test_attention_is_shown_only_when_there_is_something(anna, anna_client, account):
    assert "Требует внимания" not in html(anna_client)

    TransactionFactory(account=account, slug="other", category_reason="default")
    ConnectionFactory(user=anna, bank=BankFactory(code="sbank"), status=BankConnection.Status.AWAITING)
    page = html(anna_client)

    assert "Подтвердите доступ в приложении SBank" in page
    assert f"1{NBSP}операция без категории за 30 дней" in page


def test_the_most_urgent_comes_first_and_waiting_banks_are_left_out(anna, anna_client):
    ConnectionFactory(user=anna, failures=1)
    ConnectionFactory(user=anna, retry_after=NOW + timedelta(minutes=5))
    ConnectionFactory(user=anna, bank=BankFactory(code="abank"), status=BankConnection.Status.REVOKED)

    response = anna_client.get("/overview/")

    texts = [line.text for line in response.context["attention"]]
    assert texts[0].startswith("ABank: доступ отозван")
    assert len(texts) == 2
    assert response.context["rail_health"].text == texts[0]


def test_attention_has_at_most_four_lines(anna, anna_client, account):
    for number in range(6):
        ConnectionFactory(user=anna, client_id=f"c{number}", status=BankConnection.Status.REVOKED)

    assert len(anna_client.get("/overview/").context["attention"]) == 4


def test_seven_newest_rows_are_shown(anna_client, account):
    many_transactions(account, 9)

    assert html(anna_client).count('class="row operation"') == 7


def test_overview_costs_the_same_queries_whatever_the_history(anna_client, account):
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            html(anna_client)
        return len(caught)

    many_transactions(account, 10)
    few = queries()
    many_transactions(account, 990)

    assert queries() == few <= 18


def test_another_persons_money_is_not_in_the_total(boris_client, account):
    assert "5000" not in html(boris_client).replace(NBSP, "")
