"""The Banking API client and the bundled Banking API: the same accounts as at the banks' own door."""

import time
from collections import Counter
from decimal import Decimal
from uuid import uuid4

import pytest

from banking.clients.errors import (
    AuthenticationFailed,
    BankUnavailable,
    ConsentRequired,
    CredentialsRefused,
    MaintenancePage,
    RateLimited,
    Refused,
)
from banking.clients.schemas import BankSession
from banking.clients.tokens import TokenCache
from tests.bank_server import ALL_PERMISSIONS, TODAY, running_banks
from tests.contract.bankingapi import REALM_PATH, api_client
from tests.contract.conftest import IMPATIENT, open_session


@pytest.fixture
def api(banks):
    with api_client(banks) as client:
        yield client
    banks.control("vbank", "faults", method="DELETE")


@pytest.fixture
def strike(banks):
    def plan(what, where="info_transactions", **params):
        banks.control("vbank", "faults", {"what": what, "where": where, **params})

    return plan


def opened(api, client_id="team075-1"):
    token = api.fetch_token()
    asked = api.request_account_consent(
        token, client_id=client_id, permissions=ALL_PERMISSIONS, reason="Агрегация счетов"
    )
    return BankSession(token=token, client_id=client_id, consent_id=asked.consent_id)


def rows_of(client, session, account_id):
    return [
        row for page in client.iter_transaction_pages(session, account_id=account_id) for row in page.rows
    ]


@pytest.mark.parametrize("bank", ["vbank", "abank"])
def test_both_doors_show_the_same_money(banks, client_of, bank):
    own = client_of(bank)
    own_session = open_session(own)
    with api_client(banks, base_url=banks.url(bank)) as api:
        session = opened(api)
        accounts = api.list_accounts(session)
        assert accounts.rejected == ()
        theirs = {account.external_id: account for account in own.list_accounts(own_session)}
        assert {account.external_id: account.number for account in accounts} == {
            key: account.number for key, account in theirs.items()
        }
        for account in accounts:
            assert account.is_debt == theirs[account.external_id].is_debt
            same = own.get_balances(own_session, account_id=account.external_id)
            balances = api.get_balances(session, account_id=account.external_id)
            assert abs(balances.booked.amount) == abs(same.booked.amount)
            assert abs(balances.available.amount) == abs(same.available.amount)
            assert told(api, session, account) == told(own, own_session, account)


def told(client, session, account):
    return Counter(
        (row.external_id, row.amount, row.booked_at, row.booking_date, row.status, row.description)
        for row in rows_of(client, session, account.external_id)
    )


def test_a_history_adds_up_to_its_balance(banks, api):
    session = opened(api)
    listed = banks.call("GET", "/vbank/_control/accounts", params={"client_id": "team075-1"}).json()
    for known in listed:
        rows = rows_of(api, session, known["account_id"])
        assert len(rows) == known["rows"]
        booked = sum(row.amount for row in rows if row.status == "booked")
        assert booked + Decimal(known["opening"]) == Decimal(known["booked"])


def test_without_a_consent_the_demo_client_is_shown(api):
    session = BankSession(token=api.fetch_token(), client_id="", consent_id=None)
    assert api.opens_without_consent_id(session.token, client_id="")
    assert api.list_accounts(session)
    assert api.list_cards(session) == ()
    assert api.list_products(session.token) == ()


def test_a_manual_bank_s_client_signs_at_the_bank(banks):
    with api_client(banks, base_url=banks.url("sbank")) as api:
        token = api.fetch_token()
        asked = api.request_account_consent(
            token, client_id="team075-1", permissions=ALL_PERMISSIONS, reason=""
        )
        assert (asked.status, asked.consent_id) == ("waiting", None)
        signed = banks.control("sbank", f"requests/{asked.request_id}/approve")["consent_id"]
        consent = api.get_account_consent(token, consent_or_request_id=asked.request_id)
        assert (consent.status, consent.consent_id) == ("granted", signed)
        assert api.list_accounts(BankSession(token=token, client_id="team075-1", consent_id=signed))


def test_a_revoked_consent_opens_nothing(api):
    session = opened(api)
    for _ in range(2):
        api.revoke_account_consent(session.token, consent_id=session.consent_id)
    consent = api.get_account_consent(session.token, consent_or_request_id=session.consent_id)
    assert consent.status == "revoked"
    with pytest.raises(ConsentRequired):
        api.list_accounts(session)


def test_another_client_s_account_looks_like_none(api):
    foreign = api.list_accounts(opened(api, "team075-2"))[0].external_id
    with pytest.raises(Refused) as failure:
        api.get_balances(opened(api), account_id=foreign)
    assert failure.value.status == 404


def test_an_unknown_client_gets_no_consent(api):
    with pytest.raises(Refused) as failure:
        opened(api, "team099-1")
    assert failure.value.status == 404


def test_a_wrong_secret_is_named(banks):
    with api_client(banks, client_secret="wrong") as api, pytest.raises(CredentialsRefused):
        api.fetch_token()


def test_tokens_of_the_two_systems_are_of_no_use_to_each_other(banks, api, client_of):
    own = client_of()
    with pytest.raises(AuthenticationFailed):
        api.list_accounts(BankSession(token=own.fetch_token(), client_id="", consent_id=None))
    with pytest.raises(AuthenticationFailed):
        own.list_accounts(BankSession(token=api.fetch_token(), client_id="team075-1", consent_id=None))


def test_an_expired_token_is_dropped_and_the_call_repeated_once(api, strike):
    fetched = []

    def fetch():
        fetched.append(api.fetch_token())
        return fetched[-1]

    tokens = TokenCache(fetch, early=api.renew_early, now=lambda: TODAY)
    read = lambda token: api.list_accounts(BankSession(token=token, client_id="", consent_id=None))  # noqa: E731
    assert tokens.call(read)
    strike("expire_token", where="info_accounts", calls=0, times=1)
    assert tokens.call(read)
    assert len(fetched) == 2
    strike("expire_token", where="info_accounts", calls=0)
    with pytest.raises(AuthenticationFailed):
        tokens.call(read)
    assert len(fetched) == 3


def test_a_token_really_ends(tmp_path):
    with running_banks(tmp_path / "short.sqlite3", oauth_token_life=1) as banks, api_client(banks) as api:
        session = BankSession(token=api.fetch_token(), client_id="", consent_id=None)
        assert api.list_accounts(session)
        time.sleep(1.1)
        with pytest.raises(AuthenticationFailed):
            api.list_accounts(session)


@pytest.mark.parametrize(
    "fault",
    [
        {"what": "error", "status": 502},
        {"what": "reset"},
        {"what": "half_body"},
        {"what": "maintenance"},
        {"what": "rate_limit", "retry_after": 0},
        {"what": "rate_limit", "reset_in": 0},
        {"what": "latency", "seconds": 0.2},
    ],
    ids=lambda fault: "-".join(map(str, fault.values())),
)
@pytest.mark.parametrize("page", [0, 1])
def test_a_passing_fault_leaves_no_trace(banks, api, strike, fault, page):
    session = opened(api)
    known = banks.call("GET", "/vbank/_control/accounts", params={"client_id": "team075-1"}).json()
    busiest = max(known, key=lambda account: account["rows"])
    strike(**fault, times=1, page=page)
    assert len(rows_of(api, session, busiest["account_id"])) == busiest["rows"]
    assert banks.control("vbank", "faults", method="GET") == []


@pytest.mark.parametrize("where", ["oauth_token", "info_accounts"])
@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        ({"what": "error", "status": 502}, BankUnavailable),
        ({"what": "maintenance"}, MaintenancePage),
        ({"what": "reset"}, BankUnavailable),
        ({"what": "half_body"}, BankUnavailable),
        ({"what": "hang", "seconds": 30}, BankUnavailable),
        ({"what": "rate_limit"}, RateLimited),
        ({"what": "rate_limit", "reset_in": 3600}, RateLimited),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else "",
)
def test_a_lasting_fault_is_named(banks, strike, where, fault, failure):
    with api_client(banks, limits=IMPATIENT) as api:
        session = BankSession(token=api.fetch_token(), client_id="", consent_id=None)
        strike(**fault, where=where)
        with pytest.raises(failure) as named:
            api.fetch_token() if where == "oauth_token" else api.list_accounts(session)
        banks.control("vbank", "faults", method="DELETE")
    if "reset_in" in fault:
        assert 3500 < named.value.retry_after <= 3600


@pytest.mark.parametrize(
    ("request_", "status", "error"),
    [
        ({"json": {"grant_type": "client_credentials"}}, 415, "HTTP 415 Unsupported Media Type"),
        ({"data": {"client_id": "team075"}}, 400, "invalid_request"),
        ({"data": {"grant_type": "password"}}, 400, "unsupported_grant_type"),
        ({"data": {"grant_type": "client_credentials", "client_id": "x"}}, 401, "unauthorized_client"),
    ],
)
def test_the_token_endpoint_takes_a_right_form_only(banks, request_, status, error):
    answer = banks.call("POST", REALM_PATH, **request_)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_another_realm_does_not_exist(banks):
    answer = banks.call("POST", REALM_PATH.replace("kubernetes", "nosuch"), data={"grant_type": "x"})
    assert (answer.status_code, answer.json()) == (404, {"error": "Realm does not exist"})


@pytest.mark.parametrize("interface", ["accounts", "cards", "transactions", "payments"])
def test_retired_interfaces_say_404_to_a_good_token_only(banks, api, interface):
    path = f"/api/rb/{interface}/v1/{interface}"
    bearer = {"Authorization": f"Bearer {api.fetch_token().access_token}"}
    assert banks.call("GET", path, headers=bearer).status_code == 404
    assert banks.call("GET", path).status_code == 401


def test_a_call_must_name_its_interaction(banks, api):
    bearer = {"Authorization": f"Bearer {api.fetch_token().access_token}"}
    answer = banks.call("GET", "/extapi/aft/clientInfo/hackathon/v1/accounts", headers=bearer)
    assert (answer.status_code, answer.json()["Errors"][0]["path"]) == (400, "x-fapi-interaction-id")


def test_balances_of_all_accounts_come_in_pages_from_zero(banks, api):
    headers = {
        "Authorization": f"Bearer {api.fetch_token().access_token}",
        "x-fapi-interaction-id": str(uuid4()),
    }
    answer = banks.call("GET", "/extapi/aft/clientInfo/hackathon/v1/balances?page=0", headers=headers).json()
    assert answer["Meta"] == {"totalPages": 1}
    assert all(line["dateTime"].endswith("+03:00") for line in answer["Data"]["Balance"])


def test_rewards_are_spent_once_and_refused_with_500(banks, api):
    bearer = {"Authorization": f"Bearer {api.fetch_token().access_token}", "Correlation-ID": str(uuid4())}
    path = "/api/rb/rewardsPay/hackathon/v1/cards/accounts/external/{}/rewards"
    account = path.format("0dbcb7ee-6c59-483b-966a-44d11557665b")
    had = points(banks.call("GET", f"{account}/balance", headers=bearer))
    spend = lambda amount: banks.call(  # noqa: E731
        "POST",
        f"{account}/redemption",
        headers=bearer,
        json={"data": {"redemptionReferenceNumber": str(uuid4()), "redemptionAmount": amount}},
    )
    assert points(spend(50)) == had - 50
    refused = spend(100_000)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (500, "INSUFFICIENT_BALANCE")
    nobody = banks.call("GET", f"{path.format(str(uuid4()).replace('-', '')[:8])}/balance", headers=bearer)
    assert (nobody.status_code, nobody.json()["errors"][0]["code"]) == (404, "RESOURCE_NOT_FOUND")
    assert (
        banks.call("GET", f"{account}/balance", headers=bearer | {"Correlation-ID": "1"}).status_code == 400
    )


def points(answer):
    return answer.json()["data"]["rewardSummary"]["availableBalance"]
