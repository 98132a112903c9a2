"""What holds for every call: spellings, CORS, the error shape, who is asked for a token."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from banking.queries import accounts
from financehub.users.models import User

ORIGIN = "http://localhost:3000"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def api_addresses(patterns: list[Any] | None = None, prefix: str = "") -> Iterator[str]:
    """Every address of the API, numbers for its parameters."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from api_addresses(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern) and route.startswith("api/v1/"):
            yield "/" + re.sub(r"<[^>]+>", "7", route)


ADDRESSES = tuple(api_addresses())


def test_the_addresses_are_found() -> None:
    assert {"/api/v1/accounts", "/api/v1/auth/login", "/api/v1/banks/connections/7/sync"} <= set(ADDRESSES)


@pytest.mark.parametrize("address", ADDRESSES)
def test_both_spellings_answer_alike_and_without_redirect(anna_api: APIClient, address: str) -> None:
    for method in METHODS:
        bare = anna_api.generic(method, address, content_type="application/json")
        slashed = anna_api.generic(method, f"{address}/", content_type="application/json")
        assert bare.status_code == slashed.status_code
        assert not 300 <= bare.status_code < 400
        assert bare.status_code < 500


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("address", [*ADDRESSES, "/api/v1/nowhere"])
def test_a_preflight_is_answered_for_every_method(client: Client, address: str, slash: str) -> None:
    for method in METHODS:
        answer = client.options(
            address + slash,
            headers={
                "Origin": ORIGIN,
                "Access-Control-Request-Method": method,
                "Access-Control-Request-Headers": "authorization, content-type",
            },
        )
        assert answer.status_code in {200, 204}
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert method in answer.headers["Access-Control-Allow-Methods"]
        allowed = answer.headers["Access-Control-Allow-Headers"].lower()
        assert "authorization" in allowed
        assert "content-type" in allowed


def test_an_unlisted_origin_is_not_allowed(client: Client) -> None:
    answer = client.get("/api/v1/accounts", headers={"Origin": "https://elsewhere.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    ("method", "address", "body", "status"),
    [
        ("GET", "/api/v1/accounts/999999", "", 404),
        ("GET", "/api/v1/nowhere", "", 404),
        ("GET", "/api/v1/transactions?limit=0", "", 422),
        ("DELETE", "/api/v1/accounts", "", 405),
        ("POST", "/api/v1/banks/connect-demo", "{", 400),
        ("POST", "/api/v1/banks/connect-demo", "{}", 422),
    ],
)
def test_refusals_have_one_shape_and_cors_headers(
    anna_api: APIClient, method: str, address: str, body: str, status: int
) -> None:
    answer = anna_api.generic(
        method, address, body, content_type="application/json", headers={"Origin": ORIGIN}
    )
    assert answer.status_code == status
    assert isinstance(answer.json()["detail"], str)
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Content-Type"] == "application/json"


def test_a_call_without_a_token_asks_for_one(client: Client) -> None:
    answer = client.get("/api/v1/accounts", headers={"Origin": ORIGIN})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.json() == {"detail": "Not authenticated"}


def test_a_session_cookie_opens_no_call(anna_client: Client) -> None:
    for address in ADDRESSES:
        if anna_client.get(address).status_code == 200:
            assert address in {
                "/api/v1/banks/available-banks",
                "/api/v1/schema",
                "/api/v1/docs",
            }


def test_a_token_beside_a_cookie_needs_no_form_token(anna: User, anna_api: APIClient) -> None:
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(anna)
    browser.credentials(**anna_api._credentials)
    answer = browser.post("/api/v1/banks/connect-demo", {"bank_code": "nobank"}, format="json")
    assert answer.status_code == 400


def test_a_stale_token_does_not_close_the_public_call(db: None) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION="Bearer stale")
    assert client.get("/api/v1/banks/available-banks").status_code == 200
    assert client.get("/api/v1/schema").status_code == 200


@pytest.mark.parametrize("method", [*METHODS, "OPTIONS"])
@pytest.mark.parametrize("address", ["/api", "/api/", "/api/v1", "/api/v1/nowhere/", "/api/v2/accounts"])
def test_an_unknown_address_is_not_found_in_json(client: Client, method: str, address: str) -> None:
    answer = client.generic(method, address)
    assert answer.status_code == 404
    assert answer.json() == {"detail": "Not Found"}


def test_wrong_input_says_where(anna_api: APIClient) -> None:
    answer = anna_api.get("/api/v1/transactions/", {"limit": "0", "transaction_type": "gift"})
    assert answer.status_code == 422
    body = answer.json()
    assert body["path"] == "/api/v1/transactions/"
    assert sorted(line.partition(":")[0] for line in body["errors"]) == [
        "query -> limit",
        "query -> transaction_type",
    ]
    in_body = anna_api.post("/api/v1/banks/connect-demo", {}, format="json")
    assert in_body.json()["errors"][0].startswith("body -> bank_code: ")
    in_path = anna_api.get("/api/v1/accounts/seven")
    assert in_path.status_code == 422
    assert in_path.json()["errors"][0].startswith("path -> account_id: ")


@pytest.mark.parametrize("document", ["[]", '"text"', "7", "null", "true"])
def test_a_body_that_is_no_object_is_wrong_input(anna_api: APIClient, document: str) -> None:
    answer = anna_api.generic("POST", "/api/v1/banks/connect-demo", document, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json()["errors"]


def test_what_the_client_accepts_is_not_asked(anna_api: APIClient) -> None:
    for accept in ("text/html", "application/xml", "nonsense", "*/*;q=0"):
        answer = anna_api.get("/api/v1/accounts?format=xml", headers={"Accept": accept})
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/json"


def test_other_bodies_than_json_are_refused(anna_api: APIClient) -> None:
    answer = anna_api.post("/api/v1/banks/connect-demo", {"bank_code": "vbank"}, format=None)
    assert answer.status_code == 415
    assert isinstance(answer.json()["detail"], str)


def _fails(error: Exception) -> Any:
    def fail(**_question: Any) -> None:
        raise error

    return fail


def test_an_unexpected_failure_tells_nothing(anna_api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "accounts_of", _fails(RuntimeError("secret particulars")))
    anna_api.raise_request_exception = False
    answer = anna_api.get("/api/v1/accounts", headers={"Origin": ORIGIN})
    assert answer.status_code == 500
    assert set(answer.json()) == {"detail", "message", "path"}
    assert "secret" not in answer.content.decode()
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_an_unexpected_failure_is_not_swallowed(anna_api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "accounts_of", _fails(RuntimeError("boom")))
    with pytest.raises(RuntimeError, match="boom"):
        anna_api.get("/api/v1/accounts")


def test_a_broken_constraint_is_a_conflict(anna_api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "accounts_of", _fails(IntegrityError("UNIQUE constraint failed: x")))
    answer = anna_api.get("/api/v1/accounts")
    assert answer.status_code == 409
    assert "UNIQUE" not in answer.json()["detail"]


def test_a_foreign_host_name_is_refused_in_json(client: Client) -> None:
    answer = client.get("/api/v1/accounts", headers={"Host": "elsewhere.example"})
    assert answer.status_code == 400
    assert answer.json() == {"detail": "Bad Request"}


def test_answers_are_not_stored(anna_api: APIClient) -> None:
    assert anna_api.get("/api/v1/accounts").headers["Cache-Control"] == "no-store, private"
