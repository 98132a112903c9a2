"""`/analytics`: shapes, bounds, and the words of the wire."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from rest_framework.test import APIClient

from banking.models import Account
from financehub.users.models import User
from tests.api import shapes
from tests.api.conftest import read
from tests.factories import NOW, AccountFactory, TransactionFactory, category

CALLS = ("summary", "by-category", "trends")


@pytest.fixture(autouse=True)
def _now() -> None:
    with time_machine.travel(NOW, tick=False):
        yield


def test_the_summary_has_numbers_and_moments(anna_api: APIClient, rubles: Account, dollars: Account) -> None:
    TransactionFactory(account=rubles, amount=Decimal("-0.10"))
    TransactionFactory(account=rubles, amount=Decimal("-0.20"))
    TransactionFactory(account=rubles, amount=Decimal("1000.00"), slug="income-salary")
    TransactionFactory(account=dollars, amount=Decimal("-5.00"))
    for address in ("/api/v1/analytics/summary", "/api/v1/analytics/summary/"):
        answer = anna_api.get(address)
        found = read(answer)
        assert shapes.misfits(found, shapes.SUMMARY) == []
        assert (found["total_income"], found["total_expenses"]) == (Decimal(1000), Decimal("0.30"))
        assert found["net_balance"] == Decimal("999.70")
        assert b'"total_expenses":0.30' in answer.content
        assert (found["period_days"], found["transaction_count"]) == (30, 4)
        assert [flow["currency"] for flow in found["by_currency"]] == ["RUB", "USD"]


def test_the_summary_says_how_much_of_what_there_is_rests_on_old_data(
    anna_api: APIClient, rubles: Account, dollars: Account
) -> None:
    old = {"net_amount": Decimal("48910.10"), "balance_as_of": NOW - timedelta(days=2)}
    AccountFactory(connection=rubles.connection, **old)
    found = read(anna_api.get("/api/v1/analytics/summary"))["balance"]
    assert found["amount"] == rubles.net_amount + old["net_amount"]
    assert (found["stale_amount"], found["stale_since"]) == (old["net_amount"], "2025-11-07")
    in_dollars = read(anna_api.get("/api/v1/analytics/summary?currency=USD"))["balance"]
    assert (in_dollars["amount"], in_dollars["stale_since"]) == (dollars.net_amount, None)


def test_a_person_without_accounts_has_zeros(anna_api: APIClient) -> None:
    found = read(anna_api.get("/api/v1/analytics/summary"))
    assert shapes.misfits(found, shapes.SUMMARY) == []
    assert found["total_income"] == found["total_expenses"] == found["net_balance"] == 0
    assert read(anna_api.get("/api/v1/analytics/by-category")) == []
    assert read(anna_api.get("/api/v1/analytics/trends")) == []


def test_categories_come_largest_first(anna_api: APIClient, rubles: Account) -> None:
    TransactionFactory(account=rubles, amount=Decimal("-100.00"))
    TransactionFactory(account=rubles, amount=Decimal("-900.00"), slug="cafe")
    found = read(anna_api.get("/api/v1/analytics/by-category"))
    assert [shapes.misfits(row, shapes.CATEGORY_SUM) for row in found] == [[], []]
    assert [row["category_id"] for row in found] == [
        category("cafe").pk,
        category("groceries-supermarket").pk,
    ]
    assert [row["total"] for row in found] == [row["amount"] for row in found] == [900, 100]


def test_categories_are_named_in_the_persons_language(
    anna: User, anna_api: APIClient, rubles: Account
) -> None:
    TransactionFactory(account=rubles)
    assert read(anna_api.get("/api/v1/analytics/by-category"))[0]["category"] == "Супермаркеты"
    User.objects.filter(pk=anna.pk).update(language=User.Language.ENGLISH)
    assert read(anna_api.get("/api/v1/analytics/by-category"))[0]["category"] == "Supermarkets"


def test_days_ascend(anna_api: APIClient, rubles: Account) -> None:
    for day in (5, 7, 6):
        TransactionFactory(account=rubles, booked_at=NOW.replace(day=day))
    found = read(anna_api.get("/api/v1/analytics/trends", {"period_days": 7}))
    assert [shapes.misfits(row, shapes.DAY_SUM) for row in found] == [[], [], []]
    assert [row["date"] for row in found] == ["2025-11-05", "2025-11-06", "2025-11-07"]
    assert [row["net"] for row in found] == [-250, -250, -250]


@pytest.mark.parametrize("period_days", [7, 30, 90, 365])
def test_the_usual_periods_are_answered(anna_api: APIClient, period_days: int) -> None:
    for call in CALLS:
        read(anna_api.get(f"/api/v1/analytics/{call}", {"period_days": period_days}))


@pytest.mark.parametrize(
    ("call", "period_days"),
    [
        ("summary", 0),
        ("summary", 366),
        ("by-category", 0),
        ("by-category", 366),
        ("trends", 6),
        ("trends", 366),
        ("summary", "many"),
    ],
)
def test_periods_out_of_bounds_are_refused(anna_api: APIClient, call: str, period_days: int | str) -> None:
    answer = anna_api.get(f"/api/v1/analytics/{call}", {"period_days": period_days})
    assert read(answer, 422)["errors"][0].startswith("query -> period_days: ")


@pytest.mark.parametrize("currency", ["usd", "USD"])
def test_another_currency_may_be_asked_for(anna_api: APIClient, dollars: Account, currency: str) -> None:
    TransactionFactory(account=dollars, amount=Decimal("-5.00"))
    assert read(anna_api.get("/api/v1/analytics/summary", {"currency": currency}))["total_expenses"] == 5
    assert read(anna_api.get("/api/v1/analytics/by-category", {"currency": currency}))[0]["total"] == 5
    assert read(anna_api.get("/api/v1/analytics/trends", {"currency": currency}))[0]["expenses"] == 5


@pytest.mark.parametrize("currency", ["rubles", "R", "₽₽₽", "R B"])
def test_what_is_no_currency_is_refused(anna_api: APIClient, currency: str) -> None:
    assert anna_api.get("/api/v1/analytics/summary", {"currency": currency}).status_code == 422
