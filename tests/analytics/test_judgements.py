"""The score and the sentences: by hand, and whatever a person has."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from rest_framework.test import APIClient

from analytics.recurring import keeping
from banking.models import Account
from financehub.users.models import User
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


def said(anna_api: APIClient) -> dict[str, Any]:
    """What is said, by its title."""
    found = read(anna_api.get(INSIGHTS))
    assert found["count"] == len(found["insights"]) <= 5
    assert all(one["message"] and one["icon"] and one["formula"] for one in found["insights"])
    return {one["title"]: one for one in found["insights"]}


def test_what_stays_and_what_took_most_is_said(anna_api: APIClient, rubles: Account) -> None:
    row(rubles, 40, 100_000, "income-salary")
    row(rubles, 10, -9000)
    found = said(anna_api)
    assert [(title, one["type"], one["value"]) for title, one in found.items()] == [
        ("Сбережения", "success", 91_000),
        ("Больше всего: Кафе и рестораны", "warning", 9000),
    ]


def test_unusual_spending_is_told_by_the_persons_own_months(
    anna_api: APIClient, anna_client: Client, rubles: Account
) -> None:
    for month, amount in enumerate((3000, 3500, 2800, 3200, 3100), 6):
        TransactionFactory(
            account=rubles, booked_at=NOW.replace(month=month, day=1), amount=Decimal(-amount), slug="cafe"
        )
        TransactionFactory(
            account=rubles, booked_at=NOW.replace(month=month, day=28), amount=Decimal(-20_000)
        )
    row(rubles, 3, -4000)
    one = said(anna_api)["Больше обычного: Кафе и рестораны"]
    assert (one["type"], one["value"]) == ("warning", 4000)
    assert "3\u00a0100,00" in one["formula"]
    assert "3\u00a0544,78" in one["formula"]
    totals = anna_client.get(f"{one['rows_url']}&totals=show").context["totals"]
    assert totals.flows[0].spending == one["value"]


def test_usual_spending_is_not_worth_a_word(anna_api: APIClient, rubles: Account) -> None:
    for month in range(6, 12):
        TransactionFactory(
            account=rubles, booked_at=NOW.replace(month=month, day=2), amount=Decimal(-3000), slug="cafe"
        )
    assert not any("обычн" in title for title in said(anna_api))


def test_what_recurs_is_watched(anna: User, anna_api: APIClient, rubles: Account) -> None:
    """Pay that did not come, a price that rose, and the money that will not last because of them."""
    for month in range(4, 12):
        if month < 11:
            TransactionFactory(
                account=rubles, booked_at=NOW.replace(month=month, day=1), amount=Decimal(50_000),
                slug="income-salary", description="Зарплата", merchant_name="",
            )  # fmt: skip
        for day, name, amount in ((3, "Кинопоиск", -299 if month < 10 else -399), (12, "Аренда", -30_000)):
            if NOW.replace(month=month, day=day) <= NOW:
                TransactionFactory(
                    account=rubles, booked_at=NOW.replace(month=month, day=day), amount=Decimal(amount),
                    slug="housing", description=name, merchant_name=name,
                )  # fmt: skip
    keeping.refresh(user_id=anna.pk, today=NOW.date())
    found = said(anna_api)
    assert found["Не пришло: Зарплата"]["value"] == 50_000
    assert (found["Подорожало: Кинопоиск"]["value"], found["Подорожало: Кинопоиск"]["message"]) == (
        100,
        "Было 299,00\u00a0₽, стало 399,00\u00a0₽.",
    )
    assert found["Денег не хватит до поступления"]["type"] == "alert"
    assert found["Денег не хватит до поступления"]["rows_url"] == "/analytics/forecast/"


def test_the_page_says_the_same_and_shows_the_parts(
    anna_api: APIClient, anna_client: Client, rubles: Account
) -> None:
    for ago in (5, 35, 65):
        row(rubles, ago, 1000, "income-salary")
        row(rubles, ago, -750)
    page = anna_client.get("/analytics/")
    titles = [one.insight.title for one in page.context["insights"]]
    assert titles == list(said(anna_api))
    health = read(anna_api.get(HEALTH))["health"]
    assert [(line.points, line.most) for line in page.context["health_lines"]] == [
        (part["points"], part["most"]) for part in health["parts"].values()
    ]
    assert sum(line.points for line in page.context["health_lines"]) == health["score"] == 70
    assert "Что заметили" in page.content.decode()
    assert "70 из 100" in page.content.decode()
