"""Our answers beside the recorded ones: same status, same fields in the same order, same types."""

import json
from pathlib import Path

import pytest

from sandbox.app import create_app
from tests.bank_server import TEAM_SECRET, settings_for_tests
from tests.sandbox.conftest import Caller

SAMPLES = Path(__file__).parent.parent / "contract" / "samples"
CONSENT_BODY = {
    "client_id": "team075-1",
    "permissions": ["ReadAccountsDetail", "ReadBalances", "ReadTransactionsDetail", "ReadCards"],
    "requesting_bank_name": "FinanceHub",
}


def recorded(name: str) -> dict:
    file_name, _, case_name = name.partition(":")
    cases = json.loads((SAMPLES / f"{file_name}.json").read_text())["cases"]
    return next(case["response"] for case in cases if case["case"] == case_name)


def shape(value):
    """Reduce a document to its fields and types; lists to the shapes of their items."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value).__name__


def agree(ours, theirs) -> bool:
    """Compare two shapes: null may stand for anything, each of our items must be like a recorded one."""
    if "NoneType" in {str(ours), str(theirs)}:
        return True
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return list(ours) == list(theirs) and all(agree(ours[name], theirs[name]) for name in ours)
    if isinstance(ours, list) and isinstance(theirs, list):
        return not theirs or all(any(agree(item, other) for other in theirs) for item in ours)
    return ours == theirs


@pytest.fixture(scope="module", params=["hosted", "published"])
def bank(request, tmp_path_factory):
    database = tmp_path_factory.mktemp(request.param) / "sandbox.sqlite3"
    banks = create_app(settings_for_tests(database, dialect=request.param)).test_client()
    return Caller(banks, "vbank").consent()


def manual(bank):
    return Caller(bank.banks, "sbank")


def without(bank, *names):
    other = Caller(bank.banks, bank.bank)
    other.headers = {name: value for name, value in bank.headers.items() if name not in names}
    return other


def named(bank, **headers):
    other = without(bank)
    other.headers |= {name.replace("_", "-"): value for name, value in headers.items()}
    return other


def login(bank):
    body = {"username": "team075-1", "password": TEAM_SECRET}
    return bank.banks.post("/sbank/auth/login", json=body)


def as_client(bank, method, path, **more):
    headers = {"Authorization": f"Bearer {login(bank).json['access_token']}"}
    return bank.banks.open(f"/sbank{path}", method=method, headers=headers, **more)


def sign(bank):
    body = {"request_id": manual(bank).ask().json["request_id"], "action": "approve", "signature": "password"}
    return as_client(bank, "POST", "/account-consents/sign", json=body)


def token_with(bank, secret=TEAM_SECRET, team="team075"):
    return bank.banks.post(f"/vbank/auth/bank-token?client_id={team}&client_secret={secret}")


TX = "/accounts/acc-11/transactions"
FIRST = "/accounts?client_id=team075-1"
CASES = {
    "auth:token.vbank.ok": token_with,
    "auth:token.wrong_secret": lambda b: token_with(b, "nope"),
    "auth:token.unknown_client": lambda b: token_with(b, "nope", "team999"),
    "auth:token.client_with_suffix": lambda b: token_with(b, team="team075-1"),
    "auth:token.missing_params": lambda b: b.post("/auth/bank-token"),
    "auth:token.json_body": lambda b: b.post("/auth/bank-token", json={"client_id": "team075"}),
    "auth:token.form_body": lambda b: b.post("/auth/bank-token", data={"client_id": "team075"}),
    "auth:token.get": lambda b: b.get("/auth/bank-token"),
    "auth:login.client.ok": login,
    "auth:login.client.wrong": lambda b: b.post(
        "/auth/login", json={"username": "team075-1", "password": "no"}
    ),
    "auth:login.me": lambda b: as_client(b, "GET", "/auth/me"),
    "account_consents:consent.request.auto": lambda b: b.ask(),
    "account_consents:consent.request.no_requesting_bank": lambda b: without(b, "X-Requesting-Bank").ask(),
    "account_consents:consent.request.unknown_client": lambda b: b.ask("team075-777"),
    "account_consents:consent.request.empty_permissions": lambda b: b.ask(permissions=[]),
    "account_consents:consent.request.unknown_permission": lambda b: b.ask(permissions=["ReadEverything"]),
    "account_consents:consent.request.missing_permissions": lambda b: b.post(
        "/account-consents/request", json={"client_id": "team075-1"}
    ),
    "account_consents:consent.request.bad_json": lambda b: b.post(
        "/account-consents/request", data="{bad", content_type="application/json"
    ),
    "account_consents:consent.get.authorized": lambda b: b.get(
        f"/account-consents/{b.headers['X-Consent-Id']}"
    ),
    "account_consents:consent.get.unknown": lambda b: b.get("/account-consents/consent-000000000000"),
    "account_consents:consent.get.no_auth": lambda b: without(b, "Authorization").get("/account-consents/x"),
    "account_consents:consent.get.bad_token": lambda b: named(b, Authorization="Bearer abc").get(
        "/account-consents/x"
    ),
    "account_consents:pending.request": lambda b: manual(b).ask(),
    "account_consents:pending.get.by_request_id": lambda b: manual(b).get(
        f"/account-consents/{manual(b).ask().json['request_id']}"
    ),
    "account_consents:client.consent_requests": lambda b: as_client(b, "GET", "/account-consents/requests"),
    "account_consents:client.sign.approve": sign,
    "account_consents:client.sign.again": lambda b: as_client(
        b, "POST", "/account-consents/sign", json={"request_id": "req-1", "action": "approve"}
    ),
    "account_consents:client.my_consents": lambda b: as_client(b, "GET", "/account-consents/my-consents"),
    "account_consents:client.my_consents.delete": lambda b: as_client(
        b, "DELETE", f"/account-consents/my-consents/{sign(b).json['consent_id']}"
    ),
    "account_consents:consent.delete": lambda b: b.delete(f"/account-consents/{b.ask().json['consent_id']}"),
    "account_consents:consent.delete.unknown": lambda b: b.delete("/account-consents/consent-000000000000"),
    "accounts:accounts.list": lambda b: b.get(FIRST),
    "accounts:accounts.list.no_client_id": lambda b: b.get("/accounts"),
    "accounts:accounts.list.no_consent": lambda b: without(b, "X-Consent-Id").get(
        "/accounts?client_id=team075-9"
    ),
    "accounts:accounts.list.wrong_consent_id": lambda b: named(b, X_Consent_Id="consent-ffffffffffff").get(
        FIRST
    ),
    "accounts:accounts.list.requesting_bank_with_suffix": lambda b: named(
        b, X_Requesting_Bank="team075-1"
    ).get(FIRST),
    "accounts:accounts.list.no_requesting_bank": lambda b: without(b, "X-Requesting-Bank").get(FIRST),
    "accounts:accounts.list.no_auth": lambda b: without(b, "Authorization").get(FIRST),
    "accounts:accounts.list.bad_token": lambda b: named(b, Authorization="Bearer x.y.z").get(FIRST),
    "accounts:accounts.detail": lambda b: b.get("/accounts/acc-11"),
    "accounts:accounts.detail.unknown": lambda b: b.get("/accounts/acc-99999"),
    "accounts:accounts.detail.other_client": lambda b: b.get("/accounts/acc-41"),
    "accounts:balances.ok": lambda b: b.get("/accounts/acc-11/balances"),
    "accounts:balances.no_consent": lambda b: b.get("/accounts/acc-41/balances"),
    "accounts:balances.unknown": lambda b: b.get("/accounts/acc-99999/balances"),
    "transactions:tx.page1_limit5": lambda b: b.get(f"{TX}?page=1&limit=5"),
    "transactions:tx.page1_default": lambda b: b.get(TX),
    "transactions:tx.beyond_end": lambda b: b.get(f"{TX}?page=99&limit=100"),
    "transactions:tx.page0": lambda b: b.get(f"{TX}?page=0&limit=3"),
    "transactions:tx.limit_0": lambda b: b.get(f"{TX}?limit=0"),
    "transactions:tx.limit_101": lambda b: b.get(f"{TX}?limit=101"),
    "transactions:tx.limit_500": lambda b: b.get(f"{TX}?limit=500"),
    "transactions:tx.limit_abc": lambda b: b.get(f"{TX}?limit=abc"),
    "transactions:tx.page_abc": lambda b: b.get(f"{TX}?page=abc"),
    "transactions:tx.dates": lambda b: b.get(f"{TX}?limit=3&from_booking_date_time=2025-10-01T00:00:00Z"),
    "transactions:tx.unknown_account": lambda b: b.get("/accounts/acc-99999/transactions"),
    "transactions:tx.other_client": lambda b: b.get("/accounts/acc-41/transactions"),
    "transactions:tx.no_auth": lambda b: without(b, "Authorization").get(TX),
    "transactions:tx.global_list": lambda b: b.get("/transactions?client_id=team075-1"),
    "cards:cards.list": lambda b: b.get("/cards?client_id=team075-1"),
    "cards:cards.list.no_client_id": lambda b: b.get("/cards"),
    "cards:cards.list.no_consent": lambda b: without(b, "X-Consent-Id").get("/cards?client_id=team075-9"),
    "cards:cards.detail": lambda b: b.get(
        f"/cards/{b.get('/cards?client_id=team075-1').json['data']['cards'][0]['cardId']}?client_id=team075-1"
    ),
    "cards:cards.detail.unknown": lambda b: b.get("/cards/card-000000000000?client_id=team075-1"),
    "products:products.list": lambda b: b.get("/products"),
    "products:products.list.no_auth": lambda b: without(b, "Authorization").get("/products"),
    "products:products.filter": lambda b: b.get("/products?product_type=deposit"),
    "products:products.filter.unknown": lambda b: b.get("/products?product_type=mortgage"),
    "products:products.detail": lambda b: b.get("/products/prod-vbank-deposit-001"),
    "products:products.detail.null_limits": lambda b: b.get("/products/prod-vbank-card-001"),
    "products:products.detail.unknown": lambda b: b.get("/products/prod-none"),
    "service:root": lambda b: b.get("/"),
    "service:health": lambda b: b.get("/health"),
    "service:jwks": lambda b: b.get("/.well-known/jwks.json"),
    "service:not_found": lambda b: b.get("/no/such/path"),
    "service:method_not_allowed": lambda b: b.post("/products"),
    "service:openid_config": lambda b: b.get("/.well-known/openid-configuration"),
    "service:trailing_slash": lambda b: b.get("/accounts/?client_id=team075-1"),
    "service:head": lambda b: b.banks.head("/vbank/health"),
}


@pytest.mark.parametrize("name", CASES)
def test_answer_has_the_recorded_shape(bank, name):
    theirs = recorded(name)
    ours = CASES[name](bank)

    assert ours.status_code == theirs["status"]
    assert ours.headers.get("Allow") == theirs["headers"].get("allow")
    if theirs["body"] is None:
        assert ours.data == b""
        return
    assert agree(shape(ours.json), shape(theirs["body"])), ours.text[:2000]
    if theirs["status"] >= 400 and "Client team" not in ours.text and "req-" not in ours.text:
        assert [detail(ours.json)] == [detail(theirs["body"])]


def detail(body):
    """Return the refusal without what only repeats the request."""
    found = body["detail"]
    return [{**fault, "input": None} for fault in found] if isinstance(found, list) else found


def test_only_the_published_dialect_crashes_on_malformed_ids(bank):
    theirs = recorded("accounts:accounts.detail.letters")
    published = bank.banks.get("/vbank/_control/switches").json["dialect"] == "published"

    assert bank.get("/accounts/acc-abc").status_code == (theirs["status"] if published else 404)


def test_only_the_published_dialect_guesses_the_consent(bank):
    published = bank.banks.get("/vbank/_control/switches").json["dialect"] == "published"

    assert without(bank, "X-Consent-Id").get(FIRST).status_code == (200 if published else 403)


def test_inactive_products_have_a_page_but_are_not_listed(bank):
    listed = {item["productId"] for item in bank.get("/products").json["data"]["product"]}

    assert len(listed) == 6
    assert "prod-vbank-deposit-099" not in listed
    assert bank.get("/products/prod-vbank-deposit-099").status_code == 200


def test_missing_numbers_of_a_product_page_are_the_word_none(bank):
    assert bank.get("/products/prod-vbank-account-001").json["data"]["minAmount"] == "None"


def test_one_card_is_blocked_and_one_has_no_limits(bank):
    cards = []
    for code in ("abank", "sbank"):
        caller = Caller(bank.banks, code)
        bank.banks.post(f"/{code}/_control/switches", json={"auto_approve": True})
        cards += caller.consent().get("/cards?client_id=team075-1").json["data"]["cards"]

    assert "blocked" in {card["status"] for card in cards}
    assert None in {card["dailyLimit"] for card in cards}
    assert {card["cardType"] for card in cards} == {"debit", "credit"}
