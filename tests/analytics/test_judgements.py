"""The score and the sentences: by hand, and whatever a person has."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from rest_framework.test import APIClient

from banking.models import Account
from tests.api.conftest import read
from tests.factories import NOW, TransactionFactory

HEALTH, INSIGHTS = "/api/v1/analytics/financial-health", "/api/v1/analytics/ai-insights"


@pytest.fixture(autouse=True)
def at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def row(account: Account, ago: int, amount: int, slug: str = "cafe") -> None:
    TransactionFactory(
        account=account, booked_at=NOW - timedelta(days=ago), amount=Decimal(amount), slug=slug
    )


def test_without_rows_nothing_is_judged(anna_api: APIClient, rubles: Account) -> None:
    found = read(anna_api.get(HEALTH))["health"]
    assert (found["score"], found["grade"]) == (0, "N/A")
    assert found["details"] == {"savings_rate": 0, "expense_stability": 0, "months_of_runway": 0}
    assert read(anna_api.get(INSIGHTS))["insights"] == []


def test_the_score_is_the_sum_of_its_parts(anna_api: APIClient, rubles: Account) -> None:
    for ago in (5, 35, 65):
        row(rubles, ago, 1000, "income-salary")
        row(rubles, ago, -750)
    found = read(anna_api.get(HEALTH))["health"]  # a quarter saved: 30, even months: 30, 1000 / 750: 10
    assert (found["score"], found["grade"]) == (70, "B")
    assert found["details"] == {
        "savings_rate": 25,
        "expense_stability": 100,
        "months_of_runway": Decimal("1.33"),
    }


def test_spending_without_income_is_a_low_score(anna_api: APIClient, rubles: Account) -> None:
    row(rubles, 5, -90_000)
    found = read(anna_api.get(HEALTH))["health"]
    assert (found["score"], found["grade"], found["details"]["savings_rate"]) == (0, "D", -100)


def test_what_stands_out_is_said(anna_api: APIClient, rubles: Account) -> None:
    row(rubles, 40, 100_000, "income-salary")
    for ago in range(10, 90, 4):
        row(rubles, ago, -100, "groceries-bakery")
    row(rubles, 2, -9000)
    found = read(anna_api.get(INSIGHTS))
    assert [(one["type"], one["value"]) for one in found["insights"]] == [
        ("warning", 9000),  # the largest category
        ("alert", 9000),  # the week
        ("success", 89_000),  # saved
        ("alert", 9000),  # the purchase
    ]
    assert found["count"] == 4
    assert all(one["title"] and one["message"] and one["icon"] for one in found["insights"])
