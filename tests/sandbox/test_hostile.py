"""Odd requests are refused, never crashed on, and many at once are served."""

import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bank_server import BankServer
from tests.sandbox.conftest import Caller

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
BODY = st.fixed_dictionaries(
    {}, optional={"client_id": JSON, "permissions": JSON, "reason": JSON, "requesting_bank": JSON}
)
OFTEN = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def crashes_show_as_500(banks_app):
    banks_app.testing = False


@pytest.fixture
def reader(team):
    return team.consent()


@OFTEN
@given(body=JSON | BODY)
def test_no_consent_body_crashes_the_bank(team, body):
    answer = team.post("/account-consents/request", data=json.dumps(body), content_type="application/json")

    assert answer.status_code in {200, 404, 422}


@OFTEN
@given(page=st.text(max_size=30) | st.integers(), limit=st.text(max_size=30) | st.integers())
def test_no_page_or_limit_crashes_the_bank(reader, page, limit):
    query = {"page": page, "limit": limit}
    answer = reader.get("/accounts/acc-11/transactions", query_string=query)

    assert answer.status_code in {200, 422}


@OFTEN
@given(account_id=st.text(min_size=1, max_size=30))
def test_no_account_id_crashes_the_bank(reader, account_id):
    answer = reader.get(f"/accounts/{quote(account_id, safe='')}/balances")

    assert answer.status_code in {200, 307, 308, 403, 404}  # 308: two slashes become one


@pytest.mark.parametrize("body", ["", "[" * 5000, '{"client_id": "\\ud800", "permissions": []}', "null"])
def test_broken_bodies_are_422(team, body):
    answer = team.post("/account-consents/request", data=body, content_type="application/json")

    assert answer.status_code == 422


def test_huge_body_is_refused(team):
    assert team.post("/account-consents/request", data=b" " * (2 << 20)).status_code == 413


def test_stored_words_of_an_application_are_shown_as_text(banks):
    team = Caller(banks, "sbank")
    hostile = {"client_id": "team075-6", "permissions": ["<b>x"], "reason": "<script>alert(1)</script>"}
    request_id = team.post("/account-consents/request", json=hostile).json["request_id"]
    form = {"client_id": "team075-6", "password": "password", "request_id": request_id}
    page = banks.post("/sbank/client/login", data=form, follow_redirects=True).text
    banks.delete_cookie("client_session", path="/sbank/client")

    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "<b>x" not in page


def test_clients_met_for_the_first_time_all_at_once(bank_server: BankServer):
    clients = ["team075-21", "team075-22"] * 4

    def first_page(client_id: str) -> tuple[str, int]:
        headers = bank_server.granted("vbank", client_id)
        accounts = bank_server.call("GET", f"/vbank/accounts?client_id={client_id}", headers=headers).json()
        account_id = accounts["data"]["account"][0]["accountId"]
        page = bank_server.call("GET", f"/vbank/accounts/{account_id}/transactions", headers=headers)
        return account_id, page.json()["meta"]["totalRecords"]

    with ThreadPoolExecutor(8) as pool:
        pages = set(pool.map(first_page, clients))

    assert len(pages) == 2
    assert all(total > 0 for _, total in pages)
