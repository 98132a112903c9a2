"""The recorded cases of api.bankingapi.ru and of the standard's envelope, through the client."""

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
import responses

from banking.clients.bankingapi import CLIENT_INFO, BankingApiClient, BankingApiConfig
from banking.clients.errors import CredentialsRefused, RateLimited, Refused
from banking.clients.schemas import BankSession, BankToken
from banking.clients.transport import Limits
from tests.contract.replay import case

API = "https://api.example"
TOKEN_URL = "https://auth.example/auth/realms/kubernetes/protocol/openid-connect/token"
NOW = datetime(2025, 11, 10, 9, 0, tzinfo=UTC)
TOKEN = BankToken("access-token", NOW)
SESSION = BankSession(token=TOKEN, client_id="client-7", consent_id="urn-bank-intent-88379")
USUAL = {
    "code": "bankingapi",
    "base_url": API,
    "token_url": TOKEN_URL,
    "client_id": "team042@app.example",
    "client_secret": "s&cret",
    "limits": Limits(retries=0),
}


@pytest.fixture
def server():
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def client():
    with BankingApiClient(BankingApiConfig(**USUAL), now=lambda: NOW) as made:
        yield made


def answers(server, key, **changes):
    """The server answers every call with the recorded answer."""
    sent = case(key).response
    body = changes.get("body", sent["body"])
    text = "" if body is None else json.dumps(body).replace("<JWT, header", "eyJhbGciOiJFUzI1NiJ9.e30.c2ln")
    if isinstance(body, dict) and "access_token" in body:
        text = json.dumps(body | {"access_token": "header.claims.signature"})
    for method in ("GET", "POST", "DELETE"):
        server.add(
            method,
            re.compile(".*"),
            body=text,
            status=changes.get("status", sent["status"]),
            content_type="application/json",
            headers=changes.get("headers"),
        )
    server.assert_all_requests_are_fired = False


def test_a_token_is_asked_for_by_form_at_the_whole_address(server, client):
    answers(server, "bankingapi:keycloak.token.ok")
    token = client.fetch_token()
    assert (token.access_token, token.expires_at) == ("header.claims.signature", NOW + timedelta(seconds=300))
    sent = server.calls[0].request
    assert sent.url == TOKEN_URL
    assert sent.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "team042%40app.example" in sent.body
    assert parse_qs(sent.body) == {
        "grant_type": ["client_credentials"],
        "client_id": ["team042@app.example"],
        "client_secret": ["s&cret"],
    }


def test_a_token_of_unstated_life_lives_a_minute(server, client):
    body = {"access_token": "x.y.z", "token_type": "Bearer"}
    answers(server, "bankingapi:keycloak.token.ok", body=body)
    assert client.fetch_token().expires_at == NOW + timedelta(seconds=60)


@pytest.mark.parametrize("name", ["keycloak.invalid_client", "keycloak.missing_grant"])
def test_a_refused_application_is_not_tried_again(server, name):
    answers(server, f"bankingapi:{name}")
    patient = USUAL | {"limits": Limits(retries=3, first_pause=0)}
    with BankingApiClient(BankingApiConfig(**patient)) as client, pytest.raises(CredentialsRefused):
        client.fetch_token()
    assert len(server.calls) == 1


def test_an_unknown_realm_is_named(server, client):
    answers(server, "bankingapi:keycloak.unknown_realm")
    with pytest.raises(Refused) as failure:
        client.fetch_token()
    assert (failure.value.code, failure.value.status) == ("not_found", 404)


def test_a_consent_is_asked_for_in_the_standard_s_words(server, client):
    answers(server, "standard_envelope:consent.create")
    asked = client.request_account_consent(
        TOKEN,
        client_id="client-7",
        permissions=["ReadAccountsDetail", "ReadBalances", "ReadTransactionsDetail", "ReadCards"],
        reason="",
    )
    assert (asked.status, asked.consent_id) == ("waiting", "urn-bank-intent-88379")
    recorded = case("standard_envelope:consent.create").request
    sent = server.calls[0].request
    body = json.loads(sent.body)
    assert urlsplit(sent.url).path == recorded["path"]
    assert sorted(body["Data"]["permissions"]) == sorted(recorded["body"]["Data"]["permissions"])
    assert body["Data"].keys() == recorded["body"]["Data"].keys()
    assert body["Data"]["expirationDateTime"] == "2026-02-08T12:00:00+03:00"
    assert body["Risk"] == {}
    assert 0 < len(sent.headers["x-idempotency-key"]) <= 40


def test_an_authorised_consent_is_granted(server, client):
    answers(server, "standard_envelope:consent.get.authorised")
    told = client.get_account_consent(TOKEN, consent_or_request_id="urn-bank-intent-88379")
    assert (told.status, told.consent_id) == ("granted", "urn-bank-intent-88379")
    assert told.expires_at == datetime(2026, 2, 7, 21, tzinfo=UTC)


def test_each_call_bears_the_headers_of_the_interface(server, client):
    answers(server, "standard_envelope:accounts.list")
    client.list_accounts(SESSION)
    headers = server.calls[0].request.headers
    assert headers["Authorization"] == "Bearer access-token"
    assert headers["x-fapi-auth-date"] == "Mon, 10 Nov 2025 09:00:00 GMT"
    assert headers["x-customer-user-agent"] == "FinanceHub/1.0"
    assert UUID(headers["x-fapi-interaction-id"])
    assert "client-7" not in headers.values()


def test_client_and_consent_are_named_where_the_server_wants_it(server):
    answers(server, "standard_envelope:accounts.list")
    naming = USUAL | {"client_header": "X-Mdm-Id", "consent_header": "X-Consent-Id"}
    with BankingApiClient(BankingApiConfig(**naming)) as client:
        client.list_accounts(SESSION)
    headers = server.calls[0].request.headers
    assert (headers["X-Mdm-Id"], headers["X-Consent-Id"]) == ("client-7", "urn-bank-intent-88379")


def test_accounts_are_those_of_every_page(server, client):
    first = case("standard_envelope:accounts.list").response["body"]
    second = json.loads(json.dumps(first).replace("22289", "22290"))
    for body in (first, second):
        server.add("GET", f"{API}{CLIENT_INFO}/accounts", json=body | {"Meta": {"totalPages": 2}})
    accounts = client.list_accounts(SESSION)
    assert [account.external_id for account in accounts] == ["22289", "22290"]
    assert (accounts[0].number, accounts[0].kind) == ("40817810600000123456", "current")
    assert [urlsplit(call.request.url).query for call in server.calls] == ["", "page=1"]


def test_one_bare_balance_is_read(server, client):
    answers(server, "standard_envelope:balances")
    balances = client.get_balances(SESSION, account_id="22289")
    assert balances.available.amount == Decimal("1230.00")
    assert balances.booked is None
    assert balances.as_of == datetime(2025, 11, 10, 9, 5, tzinfo=UTC)
    assert urlsplit(server.calls[0].request.url).path == f"{CLIENT_INFO}/accounts/22289/balance"


def test_pages_begin_with_zero_on_the_wire(server, client):
    body = case("standard_envelope:transactions").response["body"]
    path = f"{API}{CLIENT_INFO}/accounts/22289/transactions"
    for number in range(3):
        rows = json.loads(json.dumps(body).replace('"123"', f'"{number}"'))
        links = {"next": f"{path}?page={number + 1}&cursor=c{number}"} if number < 2 else {}
        server.add("GET", path, json=rows | {"Meta": {"totalPages": 3}, "Links": links})
    pages = list(client.iter_transaction_pages(SESSION, account_id="22289"))
    assert [(page.page, page.is_last) for page in pages] == [(1, False), (2, False), (3, True)]
    asked = [urlsplit(call.request.url).query for call in server.calls]
    assert asked == ["page=0", "page=1&cursor=c0", "page=2&cursor=c1"]
    assert [row.external_id for page in pages for row in page.rows] == ["0", "1", "2"]
    row = pages[0].rows[0]
    assert (row.amount, row.status) == (Decimal("10.00"), "booked")
    assert row.booked_at == datetime(2025, 11, 5, 7, 43, 7, tzinfo=UTC)


def test_reading_goes_on_from_a_later_page(server, client):
    answers(server, "standard_envelope:transactions")
    (page,) = client.iter_transaction_pages(SESSION, account_id="22289", start_page=4)
    assert (page.page, page.is_last) == (4, True)
    assert urlsplit(server.calls[0].request.url).query == "page=3"


def test_a_refusal_of_the_standard_is_told(server, client):
    answers(server, "standard_envelope:error.400")
    with pytest.raises(Refused) as failure:
        client.list_accounts(SESSION)
    assert (failure.value.code, failure.value.told) == ("bad_request", "Ошибка в запросе")


def test_what_has_no_interface_is_not_found(server, client):
    answers(server, "bankingapi:api.rb_accounts.404")
    with pytest.raises(Refused) as failure:
        client.list_accounts(SESSION)
    assert failure.value.status == 404


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7", "X-RateLimit-Reset": "90"}, 7),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "90"}, 90),
        ({"X-RateLimit-Reset": str(int(NOW.timestamp()) + 40)}, 40),
        ({"X-RateLimit-Reset": str(int(NOW.timestamp()) - 40)}, 0),
        ({"X-RateLimit-Reset": "soon"}, None),
    ],
)
def test_a_gateway_that_counts_says_how_long_to_wait(server, client, headers, seconds):
    answers(server, "bankingapi:rewards.error.429", headers=headers)
    with pytest.raises(RateLimited) as failure:
        client.list_accounts(SESSION)
    assert failure.value.retry_after == seconds


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"base_url": "api.example"}, "base_url must be"),
        ({"token_url": "https://auth.example/token?x=1"}, "token_url must be"),
        ({"ca_file": "none.pem"}, "no CA file"),
        ({"client_header": "X Mdm"}, "letters, digits and dashes"),
    ],
)
def test_a_configuration_is_checked_when_it_is_made(change, complaint):
    with pytest.raises(ValueError, match=complaint):
        BankingApiConfig(**(USUAL | change))


def test_secrets_stay_out_of_sight():
    assert "s&cret" not in repr(BankingApiConfig(**USUAL))
