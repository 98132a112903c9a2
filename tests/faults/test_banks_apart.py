"""One bank's trouble is its own; and what a trouble may cost in calls."""

from datetime import timedelta
from typing import Any

import pytest

from banking.models import BankCircuit, BankConnection, SyncRun, SyncRunAccount, Transaction
from banking.services import circuit
from financehub.periods import local_date, start_of_day
from sandbox.faults.distortions import SHAPES
from tests.bank_server import TODAY, BankServer
from tests.faults import story
from tests.faults.conftest import HASTY

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


def test_four_people_spare_a_sick_bank_and_read_the_others(db: None, banks: BankServer) -> None:
    people = [f"team075-{number}" for number in (2, 4, 5, 6)]
    sick = [story.connected(banks, "vbank", client_id=client) for client in people]
    well = [story.connected(banks, code, client_id=people[0]) for code in ("abank", "sbank")]
    banks.control("vbank", "faults", [{"what": "error", "status": 503, "where": "*"}])
    banks.control("vbank", "calls", method="DELETE")
    codes = [story.read(connection).error_code for connection in sick]
    assert codes == ["bank_unavailable"] * 3 + ["bank_silent"]
    for minutes in range(4):
        now = TODAY + timedelta(seconds=30 + minutes)
        assert list(circuit.readable(BankConnection.objects.due(now), now=now)) == well
    calls = banks.control("vbank", "calls", method="GET")
    assert len(calls) == 3 * (1 + HASTY.retries), (
        "three connections found out, each by one call and its repeats"
    )
    assert [story.read(connection).state for connection in well] == [SyncRun.State.DONE] * 2
    banks.control("vbank", "faults", method="DELETE")
    later = BankCircuit.objects.get().open_until
    assert [story.read(connection, now=later).state for connection in sick] == [SyncRun.State.DONE] * 4


def test_a_quota_of_four_calls_a_day_is_kept(db: None, banks: BankServer, settings: object) -> None:
    settings.BANK_CALLS_PER_DAY, settings.BANK_CALLS_RESERVE = 4, 0
    connection = story.connected(banks)
    banks.control("vbank", "calls", method="DELETE")
    codes = [story.read(connection, now=TODAY + timedelta(hours=hours)).error_code for hours in range(3)]
    assert codes == ["budget_spent"] * 3
    assert len(banks.control("vbank", "calls", method="GET")) == 4
    connection.refresh_from_db()
    tomorrow = start_of_day(local_date(TODAY) + timedelta(days=1))
    assert connection.next_run_at is not None
    assert connection.next_run_at >= tomorrow


@pytest.mark.parametrize("as_date", [False, True], ids=["seconds", "date"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_wish_outlives_the_process(db: None, banks: BankServer, status: int, as_date: bool) -> None:
    connection = story.connected(banks)
    wish = {"what": "rate_limit", "status": status, "retry_after": 600, "as_date": as_date, "where": "*"}
    banks.control("vbank", "faults", [wish])
    assert story.read(connection).state == SyncRun.State.FAILED
    stored = BankConnection.objects.get(pk=connection.pk)
    assert stored.retry_after == stored.next_run_at
    assert timedelta(minutes=9, seconds=58) <= stored.retry_after - TODAY <= timedelta(minutes=10)
    banks.control("vbank", "calls", method="DELETE")
    assert story.read(connection, now=TODAY + timedelta(minutes=9)).error_code == "rate_limited"
    assert banks.control("vbank", "calls", method="GET") == []


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
    "what",
    [
        "short_page",
        "empty_page",
        "duplicate_rows",
        "reissue_ids",
        "no_ids",
        "mutate_text",
        "mixed_currency",
        "missing_field",
        "nul",
        "surrogate",
    ],
)
def test_a_later_answer_that_was_spoilt_leaves_no_trace(db: None, banks: BankServer, what: str) -> None:
    connection = story.connected(banks)
    story.live(connection)
    before = story.fingerprint(connection)
    spoilt = {"where": "transactions", "account": "acc-11", "page": 1, "times": 1}
    banks.control("vbank", "faults", [spoilt | _named(what)])
    story.live(connection, now=TODAY + timedelta(hours=1))
    again = story.read(connection, now=TODAY + timedelta(hours=9))
    assert again.state == SyncRun.State.DONE
    assert story.fingerprint(connection) == before


def test_a_pending_row_that_vanishes_leaves_every_figure(db: None, banks: BankServer) -> None:
    connection = story.connected(banks)
    story.live(connection)
    before = story.fingerprint(connection)
    held = {"account_id": "acc-12", "amount": "-10.00", "text": "Кафе", "status": "pending"}
    banks.control("vbank", "transactions", held)
    story.read(connection, now=TODAY + timedelta(hours=1))
    row = Transaction.objects.get(description="Кафе")
    assert (row.status, row.missing_since) == ("pending", None)
    vanish = {"what": "vanish_pending", "where": "transactions", "account": "acc-12", "times": 1}
    banks.control("vbank", "faults", [vanish])
    for hours in (2, 3):
        story.read(connection, now=TODAY + timedelta(hours=hours))
    row.refresh_from_db()
    assert row.missing_since is not None
    assert story.fingerprint(connection) == before


def _named(what: str) -> dict[str, str]:
    """A fault by its kind, or by the shape that an answer takes."""
    return {"what": "shape", "as": what} if what in SHAPES else {"what": what}
