"""Files of exactly the rows that a filter lets through, from the page and from the API."""

import csv
import io
import zipfile
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from rest_framework.test import APIClient

from banking.models import Account
from banking.presenters import printing
from financehub import paper
from tests.factories import NOW, AccountFactory, TransactionFactory, many_transactions

PAGE = "/transactions/export"
API = "/api/v1/export/transactions"


@pytest.fixture
def account(anna) -> Account:
    return AccountFactory(connection__user=anna)


def lines(response) -> list[dict[str, str]]:
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_page_exports_what_it_shows_in_its_order(anna_client, account):
    TransactionFactory(account=account, amount=Decimal(-5), note="=1+1", slug="cafe-coffee")
    TransactionFactory(account=account, amount=Decimal(-70), excluded=True, slug="cafe-coffee")
    TransactionFactory(account=account, amount=Decimal(-9999))
    query = "?category=cafe&sort=-amount"

    response = anna_client.get(f"{PAGE}/csv/{query}")
    rows = lines(response)
    totals = anna_client.get(f"/transactions/{query}&totals=show").context["totals"]

    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in response.headers["Content-Disposition"]
    assert [row["Сумма"] for row in rows] == ["-70.00", "-5.00"]
    assert [row["Заметка"] for row in rows] == ["", "'=1+1"]
    assert list(rows[0])[:8] == [
        "Дата",
        "Описание",
        "Категория",
        "Тип",
        "Сумма",
        "Валюта",
        "Счет",
        "Банк",
    ]
    counted = -sum(Decimal(row["Сумма"]) for row in rows if row["Участвует в суммах"] == "да")
    assert counted == totals.flows[0].spending == Decimal(5)


def test_the_page_links_to_the_files_of_its_filter(anna_client, account):
    TransactionFactory(account=account)

    html = anna_client.get("/transactions/", {"kind": "expense", "totals": "show"}).content.decode()

    assert 'href="/transactions/export/excel/?kind=expense"' in html


@pytest.mark.parametrize("kind", ["excel", "ods"])
def test_other_files_are_whole_archives(anna_client, account, kind):
    TransactionFactory(account=account)

    response = anna_client.get(f"{PAGE}/{kind}/")

    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as book:
        assert book.testzip() is None
    response.close()


def test_an_export_costs_few_queries_whatever_its_length(anna_client, account, django_assert_max_num_queries):
    many_transactions(account, 300)

    with django_assert_max_num_queries(6):
        assert len(lines(anna_client.get(f"{PAGE}/csv/"))) == 300


def test_what_is_no_format_or_no_filter_exports_nothing(anna_client, account):
    assert anna_client.get(f"{PAGE}/exe/").status_code == 404
    assert anna_client.get(f"{PAGE}/csv/?kind=loss").headers["Location"] == "/transactions/?kind=loss"


@time_machine.travel(NOW, tick=False)
def test_the_api_exports_thirty_days_where_no_date_is_given(anna, account):
    anna_api = APIClient()
    anna_api.force_authenticate(anna)
    for days in (0, 30, 31):
        TransactionFactory(account=account, booked_at=NOW - timedelta(days=days), note=f"{days}")

    usual = anna_api.get(f"{API}/csv", {"from_date": "", "to_date": ""}, headers={"Accept": "text/csv"})
    since = anna_api.get(f"{API}/csv", {"from_date": "2025-01-01"})

    assert [row["Заметка"] for row in lines(usual)] == ["0", "30"]
    assert "transactions_20251010_20251109.csv" in usual.headers["Content-Disposition"]
    assert len(lines(since)) == 3
    assert anna_api.get(f"{API}/exe").status_code == 404
    assert anna_api.get(f"{API}/csv", {"kind": "loss"}).status_code == 422


def test_another_person_gets_an_empty_file(boris_api, account):
    TransactionFactory(account=account)

    assert lines(boris_api.get(f"{API}/csv", {"from_date": "2025-01-01"})) == []


def test_a_pdf_holds_the_filtered_rows_and_not_more_than_it_says(
    anna_client, anna_api, account, monkeypatch: pytest.MonkeyPatch
):
    many_transactions(account, 70)
    TransactionFactory(account=account, amount=Decimal("-77.70"), note="☕ кофе", slug="cafe-coffee")
    TransactionFactory(account=account, amount=Decimal(-5), slug="cafe-coffee")
    printed: list[list[str]] = []

    def pdf_file(*, lines, **rest):
        printed[:] = map(list, lines)
        return paper.pdf_file(lines=printed, **rest)

    monkeypatch.setattr(printing, "pdf_file", pdf_file)
    everything = {"from_date": "2020-01-01"}
    for client, address, query, number in (
        (anna_client, PAGE, {"sort": "-amount"}, 72),
        (anna_api, API, everything, 72),
        (anna_client, PAGE, {"category": "cafe", "sort": "-amount"}, 2),
    ):
        response = client.get(f"{address}/pdf/", query)
        assert response.headers["Content-Type"] == "application/pdf"
        assert b"".join(response.streaming_content).startswith(b"%PDF-")
        assert len(printed) == number
    assert [(line[4], line[6]) for line in printed] == [("−77,70\u00a0₽", "☕ кофе"), ("−5,00\u00a0₽", "")]

    monkeypatch.setattr(printing, "MOST_LINES", 71)
    refused = anna_client.get(f"{PAGE}/pdf/", follow=True)
    assert "не больше 5 000 операций" in refused.content.decode().replace("\u00a0", " ")
    assert anna_api.get(f"{API}/pdf", everything).status_code == 400
