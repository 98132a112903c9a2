"""Time at the banks: today's rows appear through the day, tomorrow brings new ones, pending rows settle."""

from decimal import Decimal

import pytest

from sandbox.app import create_app
from tests.bank_server import settings_for_tests
from tests.sandbox.conftest import Caller

CLIENTS = [f"team075-{number}" for number in range(1, 11)]
BANKS = ("vbank", "abank", "sbank")


@pytest.fixture
def banks(tmp_path):
    settings = settings_for_tests(tmp_path / "sandbox.sqlite3", manual_banks=frozenset())
    return create_app(settings).test_client()


def set_clock(banks, now):
    assert banks.post("/vbank/_control/clock", json={"now": now}).status_code == 200


def everything(banks, client_id="team075-1"):
    """Return all rows of all open accounts of a client, by bank and account."""
    found = {}
    for bank in BANKS:
        reader = Caller(banks, bank).consent(client_id)
        for account in reader.get(f"/accounts?client_id={client_id}").json["data"]["account"]:
            found[bank, account["accountId"]] = reader.rows(account["accountId"])
    return found


def flat(found):
    return [row for rows in found.values() for row in rows]


def test_no_row_lies_in_the_future(banks):
    set_clock(banks, "2026-10-15T09:00:00Z")

    assert max(row["bookingDateTime"] for row in flat(everything(banks))) <= "2026-10-15T09:00:00Z"


def test_rows_appear_through_the_day_and_with_the_next_days(banks):
    counts = []
    for now in ("2026-10-15T00:30:00Z", "2026-10-15T20:30:00Z", "2026-10-18T20:30:00Z"):
        set_clock(banks, now)
        counts.append(len(flat(everything(banks))))

    assert counts[0] < counts[1] < counts[2]


def test_day_by_day_is_the_same_as_all_at_once(banks, tmp_path):
    for day in range(12, 16):
        set_clock(banks, f"2026-10-{day}T15:00:00Z")
        banks_so_far = everything(banks)
    fresh = create_app(settings_for_tests(tmp_path / "fresh.sqlite3", manual_banks=frozenset())).test_client()
    set_clock(fresh, "2026-10-15T15:00:00Z")

    assert banks_so_far == everything(fresh)


def test_pending_rows_settle_in_time(banks):
    waiting = {row["transactionId"] for row in flat(everything(banks)) if row["status"] == "pending"}
    set_clock(banks, "2026-10-20T12:00:00Z")
    later = {row["transactionId"]: row["status"] for row in flat(everything(banks))}
    kept = [later[tx_id] for tx_id in waiting if tx_id in later]

    assert waiting
    assert set(kept) <= {"completed"}


def test_turning_the_clock_back_tells_the_earlier_history(banks):
    before = everything(banks)
    set_clock(banks, "2026-11-20")
    assert everything(banks) != before
    set_clock(banks, "2026-10-15T12:00:00Z")

    assert everything(banks) == before


@pytest.mark.parametrize("client_id", CLIENTS)
def test_balance_is_opening_plus_booked_rows(banks, client_id):
    for bank in BANKS:
        reader = Caller(banks, bank).consent(client_id)
        for truth in banks.get(f"/{bank}/_control/accounts?client_id={client_id}").json:
            rows = reader.rows(truth["account_id"])
            signs = {"Credit": 1, "Debit": -1}
            booked = sum(
                signs[row["creditDebitIndicator"]] * Decimal(row["amount"]["amount"])
                for row in rows
                if row["status"] == "completed"
            )
            lines = reader.get(f"/accounts/{truth['account_id']}/balances").json["data"]["balance"]
            shown = {line["type"]: Decimal(line["amount"]["amount"]) for line in lines}
            expected = Decimal(truth["opening"]) + booked

            assert Decimal(truth["booked"]) == expected
            assert shown["InterimBooked"] == (abs(expected) if truth["kind"] == "loan" else expected)
            assert truth["rows"] == len(rows)


def test_loan_shows_its_debt_as_a_positive_balance(banks):
    reader = Caller(banks, "sbank").consent()
    accounts = reader.get("/accounts?client_id=team075-1").json["data"]["account"]
    loan = next(account["accountId"] for account in accounts if account["accountSubType"] == "Loan")
    lines = reader.get(f"/accounts/{loan}/balances").json["data"]["balance"]

    assert all(Decimal(line["amount"]["amount"]) > 0 for line in lines)
    assert {line["creditDebitIndicator"] for line in lines} == {"Credit"}


def test_credit_card_owes_what_is_booked_and_offers_the_rest(banks):
    reader = Caller(banks, "abank").consent()
    accounts = reader.get("/accounts?client_id=team075-1").json["data"]["account"]
    card = next(account["accountId"] for account in accounts if account["accountSubType"] == "CreditCard")
    lines = reader.get(f"/accounts/{card}/balances").json["data"]["balance"]
    shown = {line["type"]: Decimal(line["amount"]["amount"]) for line in lines}

    assert shown["InterimBooked"] < 0
    assert shown["InterimAvailable"] > 100_000


def test_closed_account_is_not_listed_but_its_rows_remain(banks):
    reader = Caller(banks, "sbank").consent()
    accounts = reader.get("/accounts?client_id=team075-1").json["data"]["account"]

    assert "acc-19" not in {account["accountId"] for account in accounts}
    assert reader.get("/accounts/acc-19").json["data"]["account"][0]["status"] == "Enabled"
    assert reader.get("/accounts/acc-19/transactions").json["meta"]["totalRecords"] > 0


def test_demo_client_and_any_number_below_a_hundred_exist(banks):
    for client_id in ("team075-demo", "team075-0", "team075-99"):
        accounts = Caller(banks, "vbank").consent(client_id).get(f"/accounts?client_id={client_id}")
        assert accounts.json["data"]["account"]


def test_account_ids_of_different_banks_collide(banks):
    ids = [{account for bank, account in everything(banks, "team075-2") if bank == code} for code in BANKS]
    others = [{account for bank, account in everything(banks, "team075-5") if bank == code} for code in BANKS]

    assert all(ids)
    assert all(others)
