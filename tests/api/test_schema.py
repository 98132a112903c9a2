"""The OpenAPI document says what the calls do, and its page needs nothing but this site."""

import io
import re
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from tests.api.conftest import read
from tests.api.test_transport import ADDRESSES

TAGS = {
    *("auth", "banks", "consents", "accounts", "transactions", "payments"),
    *("gost", "multibank", "analytics", "rules"),
}
UNDESCRIBED = {"/api/v1/schema", "/api/v1/docs"}


@pytest.fixture
def document(api: APIClient) -> dict[str, Any]:
    found: dict[str, Any] = read(api.get("/api/v1/schema"))
    return found


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for calls in document["paths"].values() for operation in calls.values()]


def test_the_schema_is_valid_and_free_of_warnings() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=io.StringIO())


def test_every_call_is_described(document: dict[str, Any]) -> None:
    described = {re.sub(r"\{[^}]+\}", "7", address) for address in document["paths"]}
    assert described == set(ADDRESSES) - UNDESCRIBED


def test_every_call_says_what_it_is_for(document: dict[str, Any]) -> None:
    for operation in operations(document):
        assert operation["description"]
        assert operation["tags"][0] in TAGS


def test_every_refusal_has_the_common_shape(document: dict[str, Any]) -> None:
    for operation in operations(document):
        refusals = {status: body for status, body in operation["responses"].items() if int(status) >= 400}
        assert "500" in refusals
        refusals.pop("414", None)  # the web server's own, before the API
        for status, body in refusals.items():
            (name,) = re.findall(r"/(\w+)$", body["content"]["application/json"]["schema"]["$ref"])
            assert name == {"422": "InvalidInput", "500": "Unexpected"}.get(status, "Error")
            assert "detail" in document["components"]["schemas"][name]["required"]


def test_only_the_public_calls_need_no_token(document: dict[str, Any]) -> None:
    open_calls = {
        address
        for address, calls in document["paths"].items()
        for operation in calls.values()
        if not any(operation.get("security", ()))
    }
    assert open_calls == {
        "/api/v1/auth/login",
        "/api/v1/auth/register",
        "/api/v1/auth/refresh",
        "/api/v1/auth/logout",
        "/api/v1/banks/available-banks",
    }


def test_amounts_are_numbers(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["AccountOutput"]["properties"]["balance"]["type"] == "number"
    assert schemas["TransactionOutput"]["properties"]["amount"]["type"] == "number"
    assert schemas["SummaryOutput"]["properties"]["total_income"]["type"] == "number"


@pytest.mark.parametrize("address", ["/api/v1/docs", "/api/v1/docs/"])
def test_the_page_obeys_the_strict_policy(client: Client, address: str) -> None:
    answer = client.get(address)
    page = answer.content.decode()
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)
    assert all(link.startswith("/static/") for link in re.findall(r'(?:src|href)="([^"]+)"', page))
