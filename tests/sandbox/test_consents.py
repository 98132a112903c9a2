"""The life of a consent, in both dialects, and who may do what to it."""

import pytest

from sandbox.app import create_app
from tests.bank_server import ALL_PERMISSIONS, settings_for_tests
from tests.sandbox.conftest import Caller


@pytest.fixture
def manual(banks):
    return Caller(banks, "sbank")


@pytest.fixture
def person(banks):
    """The client `team075-1` with a token of the bank's own login."""

    def token(client_id="team075-1", bank="sbank"):
        body = {"username": client_id, "password": "password"}
        answer = banks.post(f"/{bank}/auth/login", json=body).json
        return {"Authorization": f"Bearer {answer['access_token']}"}

    return token


def sign(banks, headers, request_id, action="approve"):
    body = {"request_id": request_id, "action": action, "signature": "password"}
    return banks.post("/sbank/account-consents/sign", json=body, headers=headers)


def test_automatic_bank_grants_at_once(team):
    asked = team.ask().json
    shown = team.get(f"/account-consents/{asked['consent_id']}").json["data"]

    assert (asked["status"], asked["auto_approved"]) == ("approved", True)
    assert shown["status"] == "Authorized"
    assert shown["permissions"] == list(ALL_PERMISSIONS)


def test_manual_bank_waits_without_a_consent_id(manual):
    asked = manual.ask().json
    shown = manual.get(f"/account-consents/{asked['request_id']}").json["data"]

    assert "consent_id" not in asked
    assert (asked["status"], shown["status"]) == ("pending", "AwaitingAuthorization")
    assert shown["consentId"] == asked["request_id"]


def test_waiting_request_opens_nothing(manual):
    manual.headers["X-Consent-Id"] = manual.ask().json["request_id"]

    assert manual.get("/accounts?client_id=team075-1").status_code == 403


def test_signed_request_shows_the_new_consent_id(banks, manual, person):
    request_id = manual.ask().json["request_id"]
    signed = sign(banks, person(), request_id).json
    shown = manual.get(f"/account-consents/{request_id}").json["data"]
    manual.headers["X-Consent-Id"] = signed["consent_id"]

    assert (shown["status"], shown["consentId"]) == ("Authorized", signed["consent_id"])
    assert manual.get("/accounts?client_id=team075-1").status_code == 200


def test_refused_request_stays_refused(banks, manual, person):
    request_id = manual.ask().json["request_id"]
    refused = sign(banks, person(), request_id, "reject")

    assert refused.json == {"request_id": request_id, "status": "rejected"}
    assert manual.get(f"/account-consents/{request_id}").json["data"]["status"] == "Rejected"
    assert sign(banks, person(), request_id).status_code == 404


def test_another_client_cannot_sign(banks, manual, person):
    request_id = manual.ask().json["request_id"]

    assert sign(banks, person("team075-2"), request_id).status_code == 404
    assert manual.get(f"/account-consents/{request_id}").json["data"]["status"] == "AwaitingAuthorization"


def test_client_lists_and_withdraws_own_consents(banks, manual, person):
    request_id = manual.ask("team075-3").json["request_id"]
    headers = person("team075-3")
    waiting = banks.get("/sbank/account-consents/requests", headers=headers).json["requests"]
    consent_id = sign(banks, headers, request_id).json["consent_id"]
    listed = banks.get("/sbank/account-consents/my-consents", headers=headers).json["consents"]
    gone = banks.delete(f"/sbank/account-consents/my-consents/{consent_id}", headers=headers)

    assert request_id in {line["request_id"] for line in waiting}
    assert consent_id in {line["consent_id"] for line in listed}
    assert gone.json["status"] == "Revoked"
    assert manual.get(f"/account-consents/{consent_id}").json["data"]["status"] == "Revoked"


def test_revoking_is_repeatable_and_closes_the_data(team):
    reader = team.consent()
    path = f"/account-consents/{reader.headers['X-Consent-Id']}"

    assert [reader.delete(path).status_code for _ in range(2)] == [204, 204]
    assert reader.delete(path).data == b""
    assert reader.get(path).json["data"]["status"] == "Revoked"
    assert reader.get("/accounts?client_id=team075-1").status_code == 403


def test_request_ids_cannot_be_revoked(manual):
    request_id = manual.ask().json["request_id"]

    assert manual.delete(f"/account-consents/{request_id}").status_code == 404


def test_expired_consent_says_so_and_opens_nothing(banks, team):
    reader = team.consent()
    consent_id = reader.headers["X-Consent-Id"]
    banks.post(f"/vbank/_control/consents/{consent_id}/expire")

    assert reader.get(f"/account-consents/{consent_id}").json["data"]["status"] == "Expired"
    assert reader.get("/accounts?client_id=team075-1").status_code == 403


@pytest.mark.parametrize(
    ("permission", "opened"),
    [
        ("ReadAccountsDetail", ["/accounts?client_id=team075-1", "/accounts/acc-11"]),
        ("ReadBalances", ["/accounts/acc-11/balances"]),
        ("ReadTransactionsDetail", ["/accounts/acc-11/transactions"]),
        ("ReadCards", ["/cards?client_id=team075-1"]),
        ("ReadAccountsBasic", []),
        ("readbalances", []),
    ],
)
def test_each_permission_opens_its_own_calls_only(team, permission, opened):
    reader = team.consent(permissions=[permission])
    paths = [
        "/accounts?client_id=team075-1",
        "/accounts/acc-11",
        "/accounts/acc-11/balances",
        "/accounts/acc-11/transactions",
        "/cards?client_id=team075-1",
    ]

    assert [path for path in paths if reader.get(path).status_code == 200] == opened


def test_consent_opens_its_own_client_only(team):
    team.consent("team075-2")
    team.headers["X-Consent-Id"] = team.ask("team075-3").json["consent_id"]

    assert team.get("/accounts?client_id=team075-2").status_code == 403


def test_requesting_bank_with_a_suffix_is_refused(team):
    reader = team.consent()
    reader.headers["X-Requesting-Bank"] = "team075-1"

    assert reader.get("/accounts?client_id=team075-1").json["detail"]["error"] == "CONSENT_REQUIRED"


@pytest.mark.parametrize(
    "path", ["/accounts/acc-11", "/accounts/acc-11/balances", "/accounts/acc-11/transactions"]
)
def test_no_account_opens_without_naming_the_requesting_bank(team, path):
    reader = team.consent()
    del reader.headers["X-Requesting-Bank"]

    assert reader.get(path).status_code == 401


def test_unknown_client_is_not_found(team):
    assert team.ask("team075-100").json == {"detail": "Client team075-100 not found"}
    assert team.ask("team042-1").status_code == 404


def test_asking_needs_a_token(banks):
    body = {"client_id": "team075-1", "permissions": []}
    refused = banks.post("/vbank/account-consents/request", json=body)

    assert (refused.status_code, refused.json) == (403, {"detail": "Not authenticated"})


class TestPublishedDialect:
    """What the published server does otherwise."""

    @pytest.fixture
    def published(self, tmp_path):
        settings = settings_for_tests(tmp_path / "sandbox.sqlite3", dialect="published")
        return create_app(settings).test_client()

    def test_signing_is_never_reported_by_request_id(self, published):
        bank = Caller(published, "sbank")
        request_id = bank.ask().json["request_id"]
        published.post(f"/sbank/_control/requests/{request_id}/approve")

        assert bank.get(f"/account-consents/{request_id}").json["data"]["status"] == "AwaitingAuthorization"
        assert bank.get("/accounts?client_id=team075-1").status_code == 200

    def test_expiry_is_never_reported(self, published):
        bank = Caller(published, "vbank").consent()
        consent_id = bank.headers["X-Consent-Id"]
        published.post(f"/vbank/_control/consents/{consent_id}/expire")

        assert bank.get(f"/account-consents/{consent_id}").json["data"]["status"] == "Authorized"
        assert bank.get("/accounts?client_id=team075-1").status_code == 403

    def test_malformed_ids_and_absurd_pages_crash(self, published):
        bank = Caller(published, "vbank").consent()
        broken = bank.get("/accounts/acc-abc")

        assert (broken.status_code, broken.text) == (500, "Internal Server Error")
        assert bank.get(f"/accounts/acc-11/transactions?page={10**20}").status_code == 500

    def test_data_still_needs_a_token_and_a_consent(self, published):
        bank = Caller(published, "vbank")

        assert bank.get("/accounts?client_id=team075-2").status_code == 403
        assert published.get("/vbank/accounts?client_id=team075-2").status_code == 403


def test_dialect_and_approval_are_switched_per_bank(tmp_path):
    banks = create_app(settings_for_tests(tmp_path / "sandbox.sqlite3")).test_client()
    banks.post("/sbank/_control/switches", json={"auto_approve": True, "dialect": "published"})

    assert Caller(banks, "sbank").ask().json["status"] == "approved"
    assert banks.get("/vbank/_control/switches").json["dialect"] == "hosted"
    assert banks.post("/sbank/_control/switches", json={"dialect": "odd"}).status_code == 400


def test_old_row_style_says_booked_and_tells_no_merchant(tmp_path):
    banks = create_app(settings_for_tests(tmp_path / "sandbox.sqlite3", row_style="plain")).test_client()
    rows = Caller(banks, "vbank").consent().get("/accounts/acc-11/transactions").json["data"]["transaction"]

    assert {"Booked"} <= {row["status"] for row in rows} <= {"Booked", "Pending", "Declined"}
    assert all("merchant" not in row and "card" not in row for row in rows)
