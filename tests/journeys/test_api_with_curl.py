"""The whole way once more with nothing but curl, as another front end would go it."""

import json
import shutil
import subprocess
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.journeys import bank
from tests.site_server import Site

pytestmark = pytest.mark.journey

CURL = shutil.which("curl") or "curl is not installed"
PASSWORD = "correct horse 7"
CLIENT = "7"


def curl(method: str, url: str, body: Any = None, *, token: str = "") -> tuple[int, Any]:
    """One call: the status and the JSON of the answer."""
    command = [
        CURL,
        "--silent",
        "--show-error",
        "--noproxy",
        "*",
        "--max-time",
        "60",
        "--request",
        method,
        url,
    ]
    command += ["--write-out", "\n%{http_code}"]
    if body is not None:
        command += ["--header", "Content-Type: application/json", "--data", json.dumps(body)]
    if token:
        command += ["--header", f"Authorization: Bearer {token}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=90)
    text, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(text, parse_float=Decimal) if text else None


@pytest.fixture
def call(site: Site, request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Call the API as somebody who registers, and then logs in."""
    api = f"{site.url}/api/v1"
    login = {"email": f"{request.node.name.replace('_', '-')}@example.com", "password": PASSWORD}
    assert curl("POST", f"{api}/auth/register", login | {"full_name": "Анна"})[0] == 201
    status, tokens = curl("POST", f"{api}/auth/login", login)
    assert status == 200

    def call(method: str, path: str, body: Any = None, *, expect: int = 200) -> Any:
        status, answer = curl(method, f"{api}/{path}", body, token=tokens["access_token"])
        assert status == expect, answer
        return answer

    return call


def test_vbank_is_connected_and_read_in_one_call(site: Site, call: Callable[..., Any]) -> None:
    assert call("GET", "auth/me")["full_name"] == "Анна"
    assert [row["code"] for row in call("GET", "banks/available-banks")["banks"]] == [
        "vbank",
        "abank",
        "sbank",
    ]

    connected = call(
        "POST", "banks/connect-demo", {"bank_code": "vbank", "client_number": CLIENT}, expect=201
    )
    assert connected["status"] == "ACTIVE"

    accounts = call("GET", "accounts")
    has = bank.available(site.banks, "vbank", f"team075-{CLIENT}")
    assert sorted(row["balance_available"] for row in accounts) == sorted(has)

    rows = call("GET", "transactions?limit=100")
    assert len(rows) == 100
    assert rows == sorted(rows, key=lambda row: row["transaction_date"], reverse=True)
    assert all(row["category"]["name"] and row["category_reason"] for row in rows)

    summary = call("GET", "analytics/summary?period_days=30")
    assert summary["total_income"] - summary["total_expenses"] == summary["net_balance"]
    parts = call("GET", "analytics/by-category?period_days=30")
    assert parts

    call("DELETE", f"banks/connections/{connected['id']}", expect=204)
    assert call("GET", "accounts") == []


def test_sbank_waits_until_its_client_signs(site: Site, call: Callable[..., Any]) -> None:
    waiting = call("POST", "banks/connect-demo", {"bank_code": "sbank", "client_number": CLIENT}, expect=201)
    assert waiting["status"] == "AWAITING"
    assert call("GET", "accounts") == []
    (request_id,) = parse_qs(urlsplit(waiting["approval_url"]).query)["request_id"]

    sbank = f"{site.banks.root}/sbank"
    client = {"username": f"team075-{CLIENT}", "password": "password"}
    token = curl("POST", f"{sbank}/auth/login", client)[1]["access_token"]
    asked = curl("GET", f"{sbank}/account-consents/requests", token=token)[1]["requests"]
    assert request_id in {row["request_id"] for row in asked}
    signature = {"request_id": request_id, "action": "approve"}
    assert curl("POST", f"{sbank}/account-consents/sign", signature, token=token)[0] == 200

    path = f"banks/connections/{waiting['id']}"
    latest = time.monotonic() + 60
    while not (call("POST", f"{path}/check", {})["last_synced_at"]):
        assert time.monotonic() < latest, call("GET", path)
        time.sleep(0.5)
    has = bank.available(site.banks, "sbank", f"team075-{CLIENT}")
    assert len(call("GET", "accounts")) == len(has)
    assert len(call("GET", "transactions")) > 0


def test_a_wrong_token_and_a_wrong_field_are_answered_as_documented(site: Site) -> None:
    api = f"{site.url}/api/v1"
    status, answer = curl("GET", f"{api}/accounts", token="no-token")
    assert (status, list(answer)) == (401, ["detail"])
    status, answer = curl("POST", f"{api}/auth/login", {"email": "demo"})
    assert status == 422
    assert answer["errors"][0].startswith("body -> password")
    assert answer["path"] == "/api/v1/auth/login"
