"""The forecast as a page, a file and an answer of the API: the same figures, refused alike."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.test import Client
from rest_framework.test import APIClient

from analytics.forecast.outlook import HORIZONS
from analytics.models import ForecastRecord
from analytics.recurring import keeping
from banking.models import Account
from financehub.csv_files import BYTE_ORDER_MARK
from financehub.users.models import User
from tests.analytics.test_forecasting import TODAY, days
from tests.api.conftest import read
from tests.factories import NOW, AccountFactory, DailyBalanceFactory, TransactionFactory

PAGE, API = "/analytics/forecast/", "/api/v1/analytics/forecast"
RECORD = "/api/v1/analytics/forecast/track-record"


@pytest.fixture(autouse=True)
def at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def lived(anna: User, rubles: Account) -> Account:
    """Half a year of dinners and groceries, rent and pay."""
    days(rubles, 181, -700)
    days(rubles, 181, -4000, "groceries", step=7)
    for month in range(5, 12):
        TransactionFactory(
            account=rubles, booked_at=NOW.replace(month=month, day=5), amount=Decimal(80_000),
            slug="income-salary", description="Зарплата", merchant_name="",
        )  # fmt: skip
        TransactionFactory(
            account=rubles, booked_at=NOW.replace(month=month, day=7), amount=Decimal(-30_000),
            slug="housing", description="Аренда", merchant_name="Хозяин",
        )  # fmt: skip
    keeping.refresh(user_id=anna.pk, today=TODAY)
    return rubles


def lines_of(client: Client, table: str, **params: Any) -> list[list[str]]:
    text = client.get(PAGE, params | {"csv": table}).content.decode()
    assert text.startswith(BYTE_ORDER_MARK)
    return list(csv.reader(StringIO(text.removeprefix(BYTE_ORDER_MARK))))[1:]


@pytest.mark.parametrize("length", HORIZONS)
def test_page_file_and_api_tell_the_same(
    anna_client: Client, anna_api: APIClient, lived: Account, length: int
) -> None:
    for off in ([], ["cafe", "unconfirmed-incomes"]):
        context = anna_client.get(PAGE, {"days": length, "off": off}).context
        found = read(anna_api.get(API, {"days": length, "off": ",".join(off)}))
        shown = [(f"{one.day}", one.amount, one.low, one.high) for one in context["outlook"].points]
        told = [(one["date"], one["amount"], one["low"], one["high"]) for one in found["points"]]
        filed = [
            (day, *map(Decimal, rest))
            for day, *rest in lines_of(anna_client, "forecast", days=length, off=",".join(off))
        ]
        assert len(shown) == length + 1
        assert shown == told == filed
        assert found["left_to_spend"]["left"] == context["left"].left
        assert [one["name"] for one in found["assumptions"] if not one["is_on"]] == [
            one.key for one in context["assumptions"] if not one.is_on
        ]
        assert found["lowest"]["amount"] == context["outlook"].lowest.amount


def test_the_page_says_how_it_was_computed(anna_client: Client, lived: Account) -> None:
    page = anna_client.get(PAGE).content.decode()
    for words in ("Как считаем", "До поступления", "не подтверждённые вами", "Можно потратить"):
        assert words in page
    assert 'name="off" value="cafe"' in page
    assert "category=cafe" in page


def test_too_little_data_draws_nothing(anna_client: Client, anna_api: APIClient, rubles: Account) -> None:
    days(rubles, 37)
    page = anna_client.get(PAGE).content.decode()
    assert "Мало данных: нужно ещё 23\u00a0дня" in page
    assert "chart-plot" not in page
    assert "Сколько можно тратить" not in page
    found = read(anna_api.get(API))
    assert (found["missing_days"], found["points"], found["lowest"]) == (23, [], None)
    assert found["left_to_spend"] is None


def test_without_accounts_or_rows_the_page_stands(anna_client: Client, anna_api: APIClient) -> None:
    assert "Подключите первый банк" in anna_client.get(PAGE).content.decode()
    assert read(anna_api.get(API))["points"] == []
    assert anna_client.get(PAGE, {"csv": "forecast"}).status_code == 404


@pytest.mark.parametrize("params", [{"days": "31"}, {"days": "many"}])
def test_other_lengths_are_refused(
    anna_client: Client, anna_api: APIClient, rubles: Account, params: dict[str, str]
) -> None:
    assert anna_client.get(PAGE, params).status_code == 422
    assert anna_api.get(API, params).status_code == 422
    assert anna_api.get(RECORD, params).status_code == 422


@pytest.mark.parametrize("off", ["", ",", "%", "<script>", "\x00", "ё" * 100, "a" * 5000, "no-such-part"])
def test_names_of_no_part_leave_out_nothing(
    anna_client: Client, anna_api: APIClient, rubles: Account, off: str
) -> None:
    days(rubles, 70)
    answer = anna_client.get(PAGE, {"off": off})
    assert answer.context["outlook"].parts == anna_client.get(PAGE).context["outlook"].parts
    assert b"<script>" not in answer.content
    assert anna_api.get(API, {"off": off}).status_code in {200, 422}


def test_earlier_forecasts_are_told_with_what_came(
    anna: User, anna_client: Client, anna_api: APIClient, lived: Account
) -> None:
    for ago, amount in ((31, 900), (32, 400)):
        day = TODAY - timedelta(days=ago)
        ForecastRecord.objects.create(
            user=anna, made_on=day, days=30, target_on=day + timedelta(days=30),
            amount=Decimal(amount), low=Decimal(amount - 300), high=Decimal(amount + 300),
            accounts=[lived.pk],
        )  # fmt: skip
    DailyBalanceFactory(account=lived, date=TODAY - timedelta(days=9), amount=Decimal(1000))
    found = read(anna_api.get(RECORD))
    assert (found["inside"], found["total"]) == (1, 2)
    assert [(one["actual"], one["error"], one["is_inside"]) for one in found["checks"]] == [
        (1000, 100, True),
        (1000, 600, False),
    ]
    page = anna_client.get(PAGE).content.decode()
    assert "стало 1\u00a0000,00" in page
    assert "на 30\u00a0дней: 2. Попали в полосу: 1 (50" in page
    assert len(lines_of(anna_client, "track-record")) == 2


def test_nobody_sees_anothers_forecast(anna_client: Client, boris: User) -> None:
    account = AccountFactory(connection__user=boris)
    days(account, 70)
    assert "chart-plot" not in anna_client.get(PAGE).content.decode()
