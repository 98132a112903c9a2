"""The reports: page, file, API and the rows behind a link come to the same, whatever is asked."""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from banking import categorising, edits
from banking.models import Account, Category, Transaction
from banking.queries.transaction_filter import TransactionFilter, matching
from financehub.csv_files import BYTE_ORDER_MARK
from financehub.periods import Period
from financehub.users.models import User
from tests.api.conftest import read
from tests.factories import (
    NOW,
    AccountFactory,
    DailyBalanceFactory,
    TransactionFactory,
    category,
    many_transactions,
    store_transactions,
)

TODAY = date(2025, 11, 9)
TABS = ("", "categories/", "trends/", "capital/")
SLUGS = ("groceries", "groceries-bakery", "cafe", "income-salary", "transfer-own")


@pytest.fixture(autouse=True)
def at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def context(client: Client, tab: str, **params: str) -> Any:
    answer = client.get(f"/analytics/{tab}", params)
    assert answer.status_code == 200, params
    return answer.context


def lines_of(client: Client, tab: str, table: str, **params: str) -> list[list[str]]:
    """The file of a table, without its heading."""
    answer = client.get(f"/analytics/{tab}", params | {"csv": table})
    text = answer.content.decode()
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert text.startswith(BYTE_ORDER_MARK)
    return list(csv.reader(StringIO(text.removeprefix(BYTE_ORDER_MARK))))[1:]


# --- the same figures everywhere ---

rows = st.lists(
    st.tuples(
        st.integers(0, 120),
        st.integers(-(10**8), 10**8),
        st.sampled_from(SLUGS),
        st.booleans(),
        st.sampled_from(Transaction.Status.values),
        st.sampled_from(["", "Магнит", "=Лента"]),
    ),
    min_size=1,
    max_size=15,
)
days = st.integers(0, 100).map(lambda ago: TODAY - timedelta(days=ago))


def spent(found: list[Transaction], kind: str = "expense", sign: int = -1) -> Decimal:
    return sum((sign * row.amount for row in found if row.kind == kind), Decimal(0))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    stored=rows,
    chosen=st.tuples(days, days),
    slug=st.sampled_from(["", "groceries", "cafe"]),
    in_dollars=st.booleans(),
    one_account=st.booleans(),
)
def test_page_file_api_and_rows_agree(
    *,
    anna: User,
    anna_client: Client,
    anna_api: APIClient,
    rubles: Account,
    dollars: Account,
    stored: list[tuple],
    chosen: tuple[date, date],
    slug: str,
    in_dollars: bool,
    one_account: bool,
) -> None:
    Transaction.objects.all().delete()
    store_transactions(
        anna,
        [
            TransactionFactory.build(
                account=dollars if foreign else rubles,
                booked_at=NOW - timedelta(days=ago),
                amount=Decimal(kopecks) / 100,
                category=category(row_slug),
                status=status,
                merchant_name=merchant,
            )
            for ago, kopecks, row_slug, foreign, status, merchant in stored
        ],
    )
    account, currency = (dollars, "USD") if in_dollars else (rubles, "RUB")
    first, last = min(chosen), max(chosen)
    branch = {category(one).pk for one in SLUGS if slug and one.startswith(slug)}
    wanted = TransactionFilter(
        period=Period(first, last + timedelta(days=1)),
        accounts=frozenset({account.pk} if one_account else ()),
        categories=frozenset(branch),
    )
    plain = [row for row in matching(user=anna, wanted=wanted).counted() if row.currency == currency]
    page = {"since": f"{first}", "until": f"{last}", "category": slug, "currency": currency}
    api = {"from_date": f"{first}", "to_date": f"{last}", "currency": currency}
    if one_account:
        page["account"] = api["account_id"] = str(account.pk)
    if slug:
        api["category_id"] = str(category(slug).pk)

    shown = context(anna_client, "categories/", **page)
    assert shown["total"] == spent(plain)
    assert sum(bar.value for bar in [*shown["bars"], *shown["rest"]]) == spent(plain)
    for bar in shown["bars"]:
        for one in (bar, *bar.parts):
            assert _behind(anna_client, one.url, currency) == one.value, one.url
    for line in context(anna_client, "", **page)["merchants_table"].lines:
        assert _behind(anna_client, line.url, currency) == line.values[1], line.url
    in_file = lines_of(anna_client, "categories/", "categories", **page)
    assert sum(Decimal(line[2]) for line in in_file) == spent(plain)

    figures = context(anna_client, "", **page)["figures_table"].lines[0]
    assert figures.values[1:3] == (spent(plain, "income", 1), spent(plain))
    months = read(anna_api.get("/api/v1/analytics/months", api))
    assert sum(month["expenses"] for month in months) == spent(plain)
    assert sum(month["income"] for month in months) == spent(plain, "income", 1)
    for report in ("merchants", "weekdays"):
        found = read(anna_api.get(f"/api/v1/analytics/{report}", api))
        assert sum(one["total"] for one in found) == spent(plain), report


def _behind(client: Client, url: str, currency: str) -> Decimal:
    """What the rows come to that a bar leads to."""
    totals = client.get(f"{url}&totals=show").context.get("totals")
    flows = {flow.currency: flow.spending for flow in totals.flows} if totals else {}
    return flows.get(currency, Decimal(0))


def test_own_hidden_and_merged_categories_lead_to_their_rows(
    anna: User, anna_client: Client, rubles: Account
) -> None:
    def bars() -> dict[str, Decimal]:
        shown = context(anna_client, "categories/")["bars"]
        for bar in (part for top in shown for part in (top, *top.parts)):
            assert _behind(anna_client, bar.url, "RUB") == bar.value, bar.url
        return {bar.name: bar.value for bar in shown}

    kind = Category.Kind.EXPENSE
    bread = categorising.create_category(
        user=anna, name="Хлеб", kind=kind, parent=category("groceries"), icon=""
    )
    boat = categorising.create_category(user=anna, name="Лодка", kind=kind, parent=None, icon="")
    for chosen, amount in ((bread, -10), (category("groceries"), -5), (boat, -300), (boat, -7)):
        TransactionFactory(account=rubles, category=chosen, amount=Decimal(amount))
    categorising.set_hidden(user=anna, category=bread, hidden=True)
    assert bars() == {"Лодка": 307, "Продукты": 15}
    filter_panel = anna_client.get("/transactions/", {"category": bread.slug, "filters": "open"})
    assert f'value="{bread.slug}" checked' in filter_panel.content.decode()

    edits.set_excluded(user=anna, rows=Transaction.objects.filter(amount=-300), excluded=True, now=NOW)
    assert bars() == {"Лодка": 7, "Продукты": 15}
    categorising.merge_categories(user=anna, source=boat, target=bread, now=NOW)
    assert bars() == {"Продукты": 22}


def test_months_of_the_page_are_those_of_the_rows(anna_client: Client, rubles: Account) -> None:
    for month, amount in ((8, -80), (9, -40), (11, -2)):
        TransactionFactory(account=rubles, booked_at=NOW.replace(month=month), amount=Decimal(amount))
    shown = context(anna_client, "trends/")["flows_table"].lines
    assert [(line.values[0].month, line.values[2]) for line in shown] == [(11, 2), (10, 0), (9, 40), (8, 80)]


def test_a_file_holds_no_formula(anna_client: Client, rubles: Account) -> None:
    TransactionFactory(account=rubles, merchant_name="=HYPERLINK(1)", amount=Decimal("-1234.50"))
    assert lines_of(anna_client, "", "merchants") == [["'=HYPERLINK(1)", "1234.50", "1"]]
    assert anna_client.get("/analytics/", {"csv": "nothing"}).status_code == 404


def test_a_mean_counts_known_days_only_on_the_page_and_in_the_api(
    anna_client: Client, anna_api: APIClient, rubles: Account
) -> None:
    for days in (0, 7, 14):  # three Sundays; the month goes on after the last one
        TransactionFactory(account=rubles, booked_at=NOW - timedelta(days=days), amount=Decimal(-60))
    days = {"from_date": "2025-10-01", "to_date": "2025-11-30"}
    (sunday,) = (one for one in read(anna_api.get("/api/v1/analytics/weekdays", days)) if one["weekday"] == 7)
    line = context(anna_client, "", since="2025-10-01", until="2025-11-30")["weekdays_table"].lines[6]
    assert (sunday["average"], sunday["total"], sunday["days"]) == line.values[1:] == (60, 180, 3)
    elsewhere = {"account_id": str(rubles.pk + 1)} | days
    assert {one["average"] for one in read(anna_api.get("/api/v1/analytics/weekdays", elsewhere))} == {0}


# --- comparison ---


def test_what_changed_adds_up_to_the_difference(anna_client: Client, rubles: Account) -> None:
    def row(month: int, amount: int, slug: str) -> None:
        TransactionFactory(
            account=rubles, booked_at=NOW.replace(month=month, day=3), amount=Decimal(amount), slug=slug
        )

    row(8, -1, "cafe")
    for month, groceries, cafe in ((10, -300, -900), (11, -1000, -100)):
        row(month, groceries, "groceries-bakery")
        row(month, cafe, "cafe")
    shown = context(anna_client, "")
    assert [line.values for line in shown["changes_table"].lines] == [
        ("Кафе и рестораны", 100, 900, -800),
        ("Продукты", 1000, 300, 700),
    ]
    assert "снизились на 100,00" in shown["changes_note"]
    assert [one.label for one in shown["figures"][0].compared] == ["до этого"]


def test_what_is_not_known_is_not_compared(anna_client: Client, rubles: Account) -> None:
    TransactionFactory(account=rubles)
    shown = context(anna_client, "")
    assert shown["changes"] == []
    assert "операции известны с 9" in shown["changes_note"]
    assert [figure.compared for figure in shown["figures"]] == [()] * 5


# --- little data, none, and too much ---


def test_little_data_draws_nothing_and_says_what_is_missing(anna_client: Client, rubles: Account) -> None:
    TransactionFactory(account=rubles, booked_at=NOW - timedelta(days=20))
    shown = context(anna_client, "trends/")
    assert shown["flows_chart"] is None
    assert "ещё 53\u00a0дня" in shown["flows_note"]  # November and December are the first whole months
    assert context(anna_client, "")["weekdays"] is None
    assert "нужно ещё 5\u00a0дней" in context(anna_client, "")["weekdays_note"]


@pytest.mark.parametrize("tab", TABS)
def test_a_report_before_anything_is_known(
    anna_client: Client, rubles: Account, boris_client: Client, tab: str
) -> None:
    assert '<svg class="chart-plot"' not in anna_client.get(f"/analytics/{tab}").content.decode()
    assert "Подключите первый банк" in boris_client.get(f"/analytics/{tab}").content.decode()


@pytest.mark.parametrize(
    "params",
    [
        {"period": "yesterday"},
        {"month": "2025-13"},
        {"month": "0001-01"},
        {"since": "2025-11-09", "until": "2025-11-01"},
        {"until": "2025-11-01"},
        {"account": "9" * 30},
        {"category": "no-such"},
        {"currency": "EUR"},
    ],
    ids=str,
)
def test_a_filter_that_cannot_be_meant_is_refused(
    anna_client: Client, rubles: Account, params: dict[str, str]
) -> None:
    answer = anna_client.get("/analytics/", params)
    assert answer.status_code == 422
    assert "Фильтр не применён" in answer.content.decode()


@pytest.mark.parametrize(
    "params",
    [
        {"since": "1990-01-01", "until": "2100-12-31"},
        {"since": "2100-12-30"},
        {"month": "2100-12"},
        {"month": "1990-01"},
        {"period": "last-year"},
    ],
    ids=str,
)
@pytest.mark.parametrize("tab", TABS)
def test_any_days_are_answered(
    anna_client: Client, rubles: Account, tab: str, params: dict[str, str]
) -> None:
    TransactionFactory(account=rubles, booked_at=NOW - timedelta(days=100))
    DailyBalanceFactory(account=rubles, date=TODAY - timedelta(days=100))
    context(anna_client, tab, **params)


@pytest.mark.parametrize(("tab", "most"), list(zip(TABS, (38, 16, 16, 14), strict=True)))
def test_a_report_costs_the_same_for_many(
    anna_client: Client,
    rubles: Account,
    tab: str,
    most: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    many_transactions(rubles, 400)
    for ago in (1, 50, 100):
        DailyBalanceFactory(account=rubles, date=TODAY - timedelta(days=ago))
    with django_assert_max_num_queries(most):
        anna_client.get(f"/analytics/{tab}", {"period": "12-months"})


# --- balances ---


def worth(client: Client) -> dict[date, tuple]:
    return {line.values[0]: line.values[1:] for line in context(client, "capital/")["capital_table"].lines}


def test_debts_are_subtracted_and_the_latest_balance_holds(anna_client: Client, rubles: Account) -> None:
    TransactionFactory(account=rubles, booked_at=NOW.replace(month=8))
    loan = AccountFactory(
        connection=rubles.connection, kind=Account.Kind.LOAN, net_amount=Decimal(-400), name="Кредит"
    )
    DailyBalanceFactory(account=rubles, date=date(2025, 8, 20), amount=Decimal(700))
    DailyBalanceFactory(account=loan, date=date(2025, 9, 5), amount=Decimal(-900))
    DailyBalanceFactory(account=loan, date=date(2025, 10, 31), amount=Decimal(-500))
    assert worth(anna_client) == {
        TODAY: (1000, -400, 600),
        date(2025, 10, 31): (700, -500, 200),
        date(2025, 9, 30): (700, -900, -200),
        date(2025, 8, 31): (None, None, None),
    }
    shown = context(anna_client, "capital/")
    assert "31 августа".replace(" ", "\u00a0") in shown["capital_note"]
    assert shown["now"].net == 600


def test_an_account_that_was_not_open_yet_is_no_gap(anna_client: Client, rubles: Account) -> None:
    TransactionFactory(account=rubles, booked_at=NOW - timedelta(days=100))
    DailyBalanceFactory(account=rubles, date=date(2025, 7, 1), amount=Decimal(700))
    AccountFactory(connection=rubles.connection, opened_on=date(2025, 11, 1), net_amount=Decimal(5))
    AccountFactory(connection=rubles.connection, closed_at=NOW - timedelta(days=90), net_amount=Decimal(9))
    found = worth(anna_client)
    assert found[date(2025, 10, 31)] == (700, 0, 700)
    assert found[TODAY] == (1005, 0, 1005)


def test_net_worth_over_the_api_is_the_pages(
    anna_client: Client, anna_api: APIClient, rubles: Account, dollars: Account
) -> None:
    TransactionFactory(account=rubles, booked_at=NOW.replace(month=8))
    DailyBalanceFactory(account=rubles, date=date(2025, 9, 5), amount=Decimal(700))
    query = {"from_date": "2025-08-01", "to_date": "2025-11-09"}
    told = read(anna_api.get("/api/v1/analytics/net-worth", query))
    assert {row["date"]: row["net"] for row in told} == {
        str(day): values[2] for day, values in worth(anna_client).items()
    }


def test_a_window_is_a_year_at_least_and_five_at_most(anna_client: Client, rubles: Account) -> None:
    TransactionFactory(account=rubles, booked_at=NOW - timedelta(days=3000))
    for params, months in (({}, 12), ({"since": "2023-01-15"}, 35), ({"since": "2015-01-01"}, 60)):
        assert len(context(anna_client, "trends/", **params)["flows_table"].lines) == months
