"""The back door: rows by hand, the journal of calls, and who may use it."""

from decimal import Decimal

import pytest

from sandbox.app import create_app
from sandbox.settings import SandboxSettings, parse_moment
from tests.bank_server import TODAY, settings_for_tests
from tests.sandbox.conftest import Caller

ACCOUNT = "acc-12"


@pytest.fixture
def banks(tmp_path):
    return create_app(settings_for_tests(tmp_path / "sandbox.sqlite3")).test_client()


@pytest.fixture
def reader(banks):
    return Caller(banks, "vbank").consent()


@pytest.fixture
def add(banks, reader):
    def row(**fields):
        body = {"account_id": ACCOUNT, "amount": "-150.00", "text": "Кафе"} | fields
        return banks.post("/vbank/_control/transactions", json=body).json["tx_id"]

    return row


def status_of(reader, tx_id):
    return {row["transactionId"]: row["status"] for row in reader.rows(ACCOUNT)}.get(tx_id)


def balance(reader, kind="InterimBooked"):
    lines = reader.get(f"/accounts/{ACCOUNT}/balances").json["data"]["balance"]
    return next(Decimal(line["amount"]["amount"]) for line in lines if line["type"] == kind)


def test_added_row_is_on_the_statement_and_in_the_balance(reader, add):
    before = balance(reader)
    tx_id = add(merchant="Кафе «Зерно»", mcc="5812", tx_id="tx-by-hand")
    row = reader.get(f"/accounts/{ACCOUNT}/transactions?limit=1").json["data"]["transaction"][0]

    assert tx_id == row["transactionId"] == "tx-by-hand"
    assert (row["creditDebitIndicator"], row["amount"]["amount"]) == ("Debit", "150.00")
    assert row["merchant"]["mccCode"] == "5812"
    assert balance(reader) == before - 150


def test_row_may_be_dated_earlier(reader, add):
    tx_id = add(at="2026-01-05T10:00:00Z")
    row = next(row for row in reader.rows(ACCOUNT) if row["transactionId"] == tx_id)

    assert row["bookingDateTime"] == "2026-01-05T10:00:00Z"


def test_pending_row_is_held_but_not_booked(reader, add):
    booked, available = balance(reader), balance(reader, "InterimAvailable")
    add(status="pending")

    assert balance(reader) == booked
    assert balance(reader, "InterimAvailable") == available - 150


@pytest.mark.parametrize("new_id", [False, True])
def test_settled_row_is_booked_under_the_wanted_id(banks, reader, add, new_id):
    tx_id = add(status="pending")
    body = {"account_id": ACCOUNT, "new_id": new_id, "amount": "-140.50"}
    before = balance(reader)
    booked_id = banks.post(f"/vbank/_control/transactions/{tx_id}/settle", json=body).json["tx_id"]

    assert (booked_id == tx_id) is not new_id
    assert status_of(reader, booked_id) == "completed"
    assert balance(reader) == before - Decimal("140.50")
    if new_id:
        assert status_of(reader, tx_id) is None


def test_cancelled_row_vanishes_and_cannot_be_settled(banks, reader, add):
    tx_id = add(status="pending")
    body = {"account_id": ACCOUNT}
    banks.post(f"/vbank/_control/transactions/{tx_id}/cancel", json=body)

    assert status_of(reader, tx_id) is None
    assert banks.post(f"/vbank/_control/transactions/{tx_id}/settle", json=body).status_code == 404


def test_invented_pending_row_can_be_cancelled_for_good(banks):
    reader = Caller(banks, "vbank").consent()
    pending = next(row for row in reader.rows("acc-11") if row["status"] == "pending")
    tx_id = pending["transactionId"]
    banks.post(f"/vbank/_control/transactions/{tx_id}/cancel", json={"account_id": "acc-11"})
    banks.post("/vbank/_control/clock", json={"now": "2026-10-20"})
    later = reader.rows("acc-11")

    assert tx_id not in {row["transactionId"] for row in later}
    amount_at = (pending["amount"]["amount"], pending["transactionInformation"])
    assert amount_at not in {(row["amount"]["amount"], row["transactionInformation"]) for row in later}


def test_removed_row_is_gone_from_the_balance(banks, reader, add):
    before = balance(reader)
    tx_id = add()
    banks.post(f"/vbank/_control/transactions/{tx_id}/remove", json={"account_id": ACCOUNT})

    assert status_of(reader, tx_id) is None
    assert balance(reader) == before


def test_journal_counts_the_calls_of_its_bank(banks, reader):
    banks.delete("/vbank/_control/calls")
    reader.get(f"/accounts/{ACCOUNT}/transactions?page=2")
    reader.get("/accounts/acc-99999/balances")
    Caller(banks, "abank")

    assert banks.get("/vbank/_control/calls").json == [
        {"kind": "transactions", "account": ACCOUNT, "page": 2, "status": 200},
        {"kind": "balances", "account": "acc-99999", "page": None, "status": 404},
    ]


def test_reset_forgets_consents_rows_and_faults(banks, reader, add):
    tx_id = add()
    banks.post("/vbank/_control/faults", json={"what": "error", "where": "token"})
    banks.post("/vbank/_control/reset")
    again = Caller(banks, "vbank")

    assert again.get("/accounts?client_id=team075-1").status_code == 403
    assert status_of(again.consent(), tx_id) is None


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("transactions", {"account_id": ACCOUNT, "amount": "much", "text": ""}),
        ("switches", {"token_life": "long"}),
        ("switches", {"colour": "blue"}),
        ("clock", {"now": "yesterday"}),
    ],
)
def test_nonsense_is_refused(banks, path, body):
    assert banks.post(f"/vbank/_control/{path}", json=body).status_code == 400


def test_control_is_closed_unless_switched_on(tmp_path):
    banks = create_app(settings_for_tests(tmp_path / "sandbox.sqlite3", control=False)).test_client()

    assert banks.get("/vbank/_control/faults").status_code == 404


def test_control_is_closed_to_other_machines(banks):
    far = banks.get("/vbank/_control/faults", environ_base={"REMOTE_ADDR": "192.0.2.7"})

    assert far.status_code == 404


def test_control_takes_json_only(banks):
    form = banks.post("/vbank/_control/faults", data={"what": "error"})

    assert form.status_code == 415


def test_settings_are_read_from_the_environment(tmp_path):
    settings = SandboxSettings.from_env(
        {
            "SANDBOX_DB": str(tmp_path / "banks.sqlite3"),
            "SANDBOX_TEAM_ID": "team001",
            "SANDBOX_DIALECT": "published",
            "SANDBOX_TODAY": "2026-10-15",
            "SANDBOX_CONTROL": "1",
            "SANDBOX_MANUAL_BANKS": "",
            "SANDBOX_FAULTS": '[{"what": "error", "bank": "vbank"}]',
        }
    )

    assert settings.fixed_now == TODAY
    assert settings.manual_banks == frozenset()
    assert (settings.team_id, settings.dialect, settings.control) == ("team001", "published", True)
    assert settings.faults == ({"what": "error", "bank": "vbank"},)
    assert SandboxSettings.from_env({}).fixed_now is None


def test_moment_without_a_zone_is_utc():
    assert parse_moment("2026-10-15T12:00:00") == TODAY
