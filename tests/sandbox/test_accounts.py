"""Accounts, balances and pages of transactions over the wire."""

import pytest


@pytest.fixture
def reader(team):
    return team.consent()


def main_account(reader):
    return reader.get("/accounts?client_id=team075-1").json["data"]["account"][0]["accountId"]


def test_accounts_are_listed_for_the_client_who_consented(reader):
    accounts = reader.get("/accounts?client_id=team075-1").json["data"]["account"]

    assert {account["accountSubType"] for account in accounts} == {"Checking", "Savings"}
    assert all(account["account"][0]["name"] == "Анна Орлова" for account in accounts)


def test_another_clients_accounts_stay_closed(reader):
    refused = reader.get("/accounts?client_id=team075-2")

    assert refused.status_code == 403
    assert refused.json["detail"]["error"] == "CONSENT_REQUIRED"


def test_first_page_has_next_and_no_prev(reader):
    page = reader.get("/accounts/acc-11/transactions?page=1&limit=5").json

    assert len(page["data"]["transaction"]) == 5
    assert page["links"] == {
        "self": "/accounts/acc-11/transactions?page=1&limit=5",
        "next": "/accounts/acc-11/transactions?page=2&limit=5",
    }
    assert page["meta"]["totalPages"] == -(-page["meta"]["totalRecords"] // 5)


def test_page_defaults_to_the_first_fifty(reader):
    meta = reader.get("/accounts/acc-11/transactions").json["meta"]

    assert (meta["currentPage"], meta["pageSize"]) == (1, 50)


def test_page_beyond_the_end_is_empty_and_points_back(reader):
    page = reader.get("/accounts/acc-11/transactions?page=99&limit=100").json

    assert page["data"]["transaction"] == []
    assert page["links"] == {
        "self": "/accounts/acc-11/transactions?page=99&limit=100",
        "prev": "/accounts/acc-11/transactions?page=98&limit=100",
    }
    assert page["meta"]["totalPages"] > 1


@pytest.mark.parametrize("page", ["0", "-3"])
def test_page_below_one_is_the_first(reader, page):
    answer = reader.get(f"/accounts/acc-11/transactions?page={page}&limit=3").json

    assert answer["meta"]["currentPage"] == 1
    assert answer["links"]["self"].endswith("page=1&limit=3")


@pytest.mark.parametrize("query", ["limit=0", "limit=-1", "limit=101", "limit=abc", "limit=", "page=abc"])
def test_limits_outside_one_to_a_hundred_are_refused(reader, query):
    refused = reader.get(f"/accounts/acc-11/transactions?{query}")

    assert refused.status_code == 422
    assert refused.json["detail"][0]["loc"][0] == "query"


def test_date_filters_are_accepted_and_ignored(reader):
    plain = reader.get("/accounts/acc-11/transactions?limit=3").json
    dated = reader.get("/accounts/acc-11/transactions?limit=3&from_booking_date_time=garbage").json

    assert dated["data"] == plain["data"]


def test_pages_together_hold_every_row_once_newest_first(reader):
    rows = reader.rows("acc-11")
    total = reader.get("/accounts/acc-11/transactions").json["meta"]["totalRecords"]
    times = [row["bookingDateTime"] for row in rows]

    assert len(rows) == total > 1500
    assert times == sorted(times, reverse=True)
    assert len({row["transactionId"] for row in rows}) == len(rows)


def test_amounts_are_positive_strings_with_the_sign_in_the_indicator(reader):
    rows = reader.rows("acc-11")

    assert all(row["amount"]["amount"][0].isdigit() for row in rows)
    assert {row["creditDebitIndicator"] for row in rows} == {"Credit", "Debit"}


def test_unknown_account_is_not_found(reader):
    missing = reader.get("/accounts/acc-99999/transactions")

    assert (missing.status_code, missing.json) == (404, {"detail": "Account not found"})


def test_prefix_of_the_account_id_may_be_left_out(reader):
    assert reader.get("/accounts/11").json == reader.get("/accounts/acc-11").json
