"""One bank's trouble is its own; and what a trouble may cost in calls."""

from datetime import timedelta
from typing import Any

import pytest

from banking.models import SyncRun, SyncRunAccount, Transaction
from tests.bank_server import TODAY, BankServer
from tests.faults import story

pytestmark = pytest.mark.usefixtures("short_histories")

SICK: list[dict[str, Any]] = [
    {"what": "reset", "where": "*"},
    {"what": "error", "status": 503, "where": "*"},
    {"what": "maintenance", "where": "*"},
    {"what": "rate_limit", "retry_after": 600, "where": "*"},
    {"what": "shape", "as": "not_json", "where": "*"},
]


@pytest.mark.parametrize("sickness", SICK, ids=lambda fault: fault["what"])
def test_one_bank_is_sick_and_the_others_are_fresh(
    db: None, banks: BankServer, sickness: dict[str, Any]
) -> None:
    first = story.connected(banks, "vbank")
    others = [story.connected(banks, code, user=first.user) for code in ("abank", "sbank")]
    banks.control("vbank", "faults", [sickness])
    states = [story.read(connection).state for connection in (first, *others)]
    assert states == [SyncRun.State.FAILED, SyncRun.State.DONE, SyncRun.State.DONE]
    for connection in others:
        truth = banks.control(connection.bank.code, f"accounts?client_id={story.CLIENT}", method="GET")
        rows = Transaction.objects.filter(account__connection=connection)
        assert rows.count() == sum(account["rows"] for account in truth)
    assert not Transaction.objects.filter(account__connection=first).exists()
    banks.control("vbank", "faults", method="DELETE")


def test_one_account_is_sick_and_the_others_are_fresh(db: None, banks: BankServer) -> None:
    connection = story.connected(banks)
    banks.control("vbank", "faults", [{"what": "error", "where": "balances", "account": "acc-12"}])
    run = story.read(connection)
    states = dict(SyncRunAccount.objects.filter(run=run).values_list("account__external_id", "state"))
    assert run.state == SyncRun.State.PARTIAL
    assert states == {"acc-11": "done", "acc-12": "failed"}


@pytest.mark.parametrize(("fault", "status"), [("revoke_consent", "revoked"), ("expire_consent", "expired")])
def test_an_access_that_ends_while_it_is_used_costs_one_refusal(
    db: None, banks: BankServer, fault: str, status: str
) -> None:
    connection = story.connected(banks)
    struck = {"what": fault, "where": "transactions", "account": "acc-11", "page": 2, "times": 1}
    banks.control("vbank", "faults", [struck])
    banks.control("vbank", "calls", method="DELETE")
    run = story.read(connection)
    calls = banks.control("vbank", "calls", method="GET")
    connection.refresh_from_db()
    struck_at = next(n for n, call in enumerate(calls) if call["account"] == "acc-11" and call["page"] == 2)
    after = [(call["kind"], call["status"]) for call in calls[struck_at + 1 :]]
    assert after == [("transactions", 403), ("consent", 200)]  # the refusal, and the one question why
    assert run.state in {SyncRun.State.FAILED, SyncRun.State.PARTIAL}
    assert run.error_code == connection.last_error_code == "consent_required"
    assert (connection.status, connection.next_run_at) == (status, None)


def test_a_bank_that_asks_to_wait_is_left_alone(db: None, banks: BankServer) -> None:
    connection = story.connected(banks)
    banks.control("vbank", "faults", [{"what": "rate_limit", "retry_after": 600, "where": "transactions"}])
    story.read(connection)
    banks.control("vbank", "calls", method="DELETE")
    for minutes in range(1, 9):
        assert story.read(connection, now=TODAY + timedelta(minutes=minutes)).error_code == "rate_limited"
    assert banks.control("vbank", "calls", method="GET") == []
    connection.refresh_from_db()
    assert connection.retry_after is not None
    assert connection.retry_after >= TODAY + timedelta(minutes=10)


def test_tokens_that_die_are_renewed_as_often_as_they_die(db: None, banks: BankServer) -> None:
    connection = story.connected(banks)
    banks.control("vbank", "faults", [{"what": "expire_token", "calls": 2, "where": "transactions"}])
    banks.control("vbank", "calls", method="DELETE")
    run = story.read(connection)
    calls = banks.control("vbank", "calls", method="GET")
    refused = sum(call["status"] == 401 for call in calls)
    tokens = sum(call["kind"] == "token" for call in calls)
    assert run.state == SyncRun.State.DONE
    assert refused >= 2
    assert tokens == refused + 1


def test_rows_that_shift_while_they_are_read_are_all_there(db: None, banks: BankServer) -> None:
    connection = story.connected(banks)
    shift = {"what": "shift_page", "where": "transactions", "account": "acc-11", "page": 2, "times": 1}
    banks.control("vbank", "faults", [shift])
    run = story.read(connection)
    truth = banks.control("vbank", f"accounts?client_id={story.CLIENT}", method="GET")
    assert run.state == SyncRun.State.DONE
    assert Transaction.objects.filter(account__connection=connection).count() == sum(
        account["rows"] for account in truth
    )


@pytest.mark.parametrize(
    "what", ["short_page", "empty_page", "duplicate_rows", "reissue_ids", "no_ids", "mutate_text", "shape"]
)
def test_a_later_answer_that_was_spoilt_leaves_no_trace(db: None, banks: BankServer, what: str) -> None:
    connection = story.connected(banks)
    story.live(connection)
    before = story.fingerprint(connection)
    spoilt = {"what": what, "where": "transactions", "account": "acc-11", "page": 1, "times": 1}
    banks.control("vbank", "faults", [spoilt | ({"as": "missing_field"} if what == "shape" else {})])
    story.live(connection, now=TODAY + timedelta(hours=1))
    again = story.read(connection, now=TODAY + timedelta(hours=9))
    assert again.state == SyncRun.State.DONE
    assert story.fingerprint(connection) == before
