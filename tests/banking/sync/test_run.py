"""One run from the queue to the state that the page shows."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from banking import actions, removal
from banking.clients import errors
from banking.clients.schemas import AccountBalances
from banking.models import Account, AuditEvent, BankConnection, Consent, SyncRun, SyncRunAccount, Transaction
from banking.services import access
from banking.sync import run as sync_run
from banking.sync import store
from financehub.money import Money
from tests.banking.sync.bank import NOON, Bank, HeldAccount, sent, unavailable
from tests.banking.sync.reading import only_account, read

LATER = NOON + timedelta(hours=7)
NEXT_DAY = NOON + timedelta(days=1)


def listed(connection: BankConnection) -> list[str]:
    rows = Transaction.objects.filter(user=connection.user, missing_since=None)
    return sorted(rows.values_list("external_id", flat=True))


def failing(call_begins: str, error: errors.BankError) -> object:
    def fail(call: str) -> None:
        if call.startswith(call_begins):
            raise error

    return fail


def test_first_reading_takes_everything_in(bank: Bank, connection: BankConnection) -> None:
    bank.rows = [sent(f"tx-{number}", "-10.00") for number in range(7)]
    run = read(connection)
    connection.refresh_from_db()
    assert run.state == SyncRun.State.DONE
    assert (run.rows_read, run.rows_new, run.rows_changed, run.rows_removed) == (7, 7, 0, 0)
    assert len(listed(connection)) == 7
    assert only_account(connection).balance_booked == bank.account().balance
    assert (connection.last_success_at, connection.failures) == (NOON, 0)
    assert connection.next_run_at > NOON
    assert AuditEvent.objects.get(person=connection.user).detail == {
        "run": run.pk,
        "state": "done",
        "trigger": run.trigger,
        "accounts": 1,
        "rows_read": 7,
        "rows_new": 7,
    }


def test_later_readings_count_what_changed(bank: Bank, connection: BankConnection) -> None:
    bank.rows = [
        sent("a", "-1"),
        sent("b", "-2", status="pending", text="B"),
        sent("c", "-3", status="pending"),
    ]
    read(connection)
    bank.rows = [sent("a", "-1"), sent("b2", "-2", text="B"), sent("d", "-4", text="D")]
    run = read(connection, now=LATER)
    assert (run.rows_new, run.rows_changed, run.rows_removed) == (1, 1, 1)
    assert listed(connection) == ["a", "b2", "d"]


def test_an_account_without_rows_is_read(bank: Bank, connection: BankConnection) -> None:
    run = read(connection)
    assert (run.state, run.rows_read) == (SyncRun.State.DONE, 0)
    assert only_account(connection).balance_booked == Decimal("10000.00")


def test_an_answer_without_rows_leaves_booked_history(bank: Bank, connection: BankConnection) -> None:
    bank.rows = [sent("a", "-1"), sent("p", "-2", status="pending")]
    read(connection)
    bank.rows = []
    assert read(connection, now=LATER).state == SyncRun.State.DONE
    assert listed(connection) == ["a"]


def test_an_empty_list_of_accounts_closes_none(bank: Bank, connection: BankConnection) -> None:
    read(connection)
    accounts, bank.accounts = bank.accounts, []
    run = read(connection, now=LATER)
    assert (run.state, run.error_code) == (SyncRun.State.FAILED, "nothing_listed")
    assert only_account(connection).closed_at is None
    bank.accounts = accounts
    assert read(connection, now=NEXT_DAY).state == SyncRun.State.DONE


def test_an_account_that_is_no_longer_listed_is_closed_and_kept(
    bank: Bank, connection: BankConnection
) -> None:
    bank.accounts.append(HeldAccount("acc-2", rows=[sent("x", "-1")]))
    read(connection)
    gone = bank.accounts.pop()
    read(connection, now=LATER)
    assert Account.objects.get(external_id="acc-2").closed_at == LATER
    assert listed(connection) == ["x"]
    bank.accounts.append(gone)
    read(connection, now=NEXT_DAY)
    assert Account.objects.get(external_id="acc-2").closed_at is None


def test_one_failing_account_leaves_the_others_fresh(bank: Bank, connection: BankConnection) -> None:
    bank.accounts.append(HeldAccount("acc-2", rows=[sent("x", "-1")]))
    bank.before = failing("balances acc-1", unavailable())
    run = read(connection)
    connection.refresh_from_db()
    assert (run.state, run.error_code) == (SyncRun.State.PARTIAL, "bank_unavailable")
    assert listed(connection) == ["x"]
    assert (connection.failures, connection.last_error_code) == (1, "bank_unavailable")
    assert connection.next_run_at <= NOON + timedelta(seconds=72)


@pytest.mark.parametrize("page", [1, 2, 3])
def test_a_failing_page_leaves_the_mark_where_it_was(
    bank: Bank, connection: BankConnection, page: int
) -> None:
    bank.rows = [sent(f"tx-{number}", "-10.00", at=NOON - timedelta(hours=number)) for number in range(8)]
    bank.before = failing(f"page acc-1 {page}", unavailable())
    assert read(connection).state == SyncRun.State.FAILED
    assert only_account(connection).last_synced_at is None
    bank.before = lambda _call: None
    assert read(connection, now=LATER).state == SyncRun.State.DONE
    assert len(listed(connection)) == 8


def test_a_limit_stops_the_run_and_later_ones_until_it_ends(bank: Bank, connection: BankConnection) -> None:
    bank.accounts.append(HeldAccount("acc-2"))
    bank.before = failing("balances acc-1", errors.RateLimited(bank="vbank", retry_after=600))
    run = read(connection)
    assert bank.calls["balances acc-2"] == 0
    steps = SyncRunAccount.objects.filter(run=run).values_list("state", "error_code")
    assert set(steps) == {("failed", "rate_limited")}
    connection.refresh_from_db()
    assert connection.retry_after == connection.next_run_at == NOON + timedelta(minutes=10)
    before = bank.calls.total()
    assert read(connection, now=NOON + timedelta(minutes=9)).error_code == "rate_limited"
    assert bank.calls.total() == before
    bank.before = lambda _call: None
    assert read(connection, now=NOON + timedelta(minutes=11)).state == SyncRun.State.DONE
    connection.refresh_from_db()
    assert connection.retry_after is None


def test_refused_credentials_are_tried_once(bank: Bank, connection: BankConnection) -> None:
    bank.before = failing("token", errors.CredentialsRefused(bank="vbank"))
    run = read(connection)
    assert (run.state, run.error_code) == (SyncRun.State.FAILED, "credentials_refused")
    assert bank.calls == {"token": 1}


def test_an_unreadable_token_is_replaced(bank: Bank, connection: BankConnection) -> None:
    read(connection)
    BankConnection.objects.filter(pk=connection.pk).update(token_sealed="garbage")
    assert read(connection, now=LATER).state == SyncRun.State.DONE
    assert bank.calls["token"] == 2


def test_a_consent_past_its_date_is_not_tried(bank: Bank, connection: BankConnection) -> None:
    Consent.objects.filter(connection=connection).update(expires_at=NOON)
    run = read(connection)
    connection.refresh_from_db()
    assert (run.state, run.error_code) == (SyncRun.State.FAILED, "consent_required")
    assert (connection.status, connection.next_run_at) == (BankConnection.Status.EXPIRED, None)
    assert bank.calls == {}


def test_a_revoked_consent_is_asked_about_once(bank: Bank, connection: BankConnection) -> None:
    bank.accounts.append(HeldAccount("acc-2"))
    bank.consent = "revoked"
    bank.before = failing("balances", errors.ConsentRequired(bank="vbank"))
    read(connection)
    connection.refresh_from_db()
    assert connection.status == BankConnection.Status.REVOKED
    assert bank.calls["consent"] == 1
    assert sum(count for call, count in bank.calls.items() if call.startswith("balances")) == 1


@pytest.mark.parametrize("where", ["rows", "accounts"])
def test_what_cannot_be_read_is_named_until_it_can(
    bank: Bank, connection: BankConnection, where: str
) -> None:
    bank.rows = [sent(f"tx-{number}", "-10.00") for number in range(4)]
    setattr(
        bank.account() if where == "rows" else bank, "rejected" if where == "rows" else "unread_accounts", 1
    )
    for now in (NOON, LATER):
        run = read(connection, now=now)
        assert (run.state, run.error_code) == (SyncRun.State.PARTIAL, f"{where}_rejected")
    connection.refresh_from_db()
    assert (connection.last_success_at, connection.failures) == (LATER, 0)
    bank.account().rejected = bank.unread_accounts = 0
    assert read(connection, now=NEXT_DAY).state == SyncRun.State.DONE


def test_an_amount_that_cannot_be_is_set_aside(bank: Bank, connection: BankConnection) -> None:
    bank.rows = [sent("a", "-1"), sent("huge", "999999999999999")]
    bank.account().told = AccountBalances(booked=Money(Decimal(5), "RUB"), available=None, as_of=None)
    run = read(connection)
    assert (run.state, run.rows_rejected) == (SyncRun.State.PARTIAL, 1)
    assert listed(connection) == ["a"]


def test_rows_that_could_not_be_read_are_not_taken_for_gone(bank: Bank, connection: BankConnection) -> None:
    bank.rows = [sent("a", "-1"), sent("p", "-2", status="pending", text="P")]
    read(connection)
    bank.rows = [sent("p2", "-2", text="P")]
    bank.account().rejected = 1
    read(connection, now=LATER)
    assert listed(connection) == ["a", "p2"]


def test_rows_that_the_bank_counts_and_does_not_show_are_named(
    bank: Bank, connection: BankConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Bank._page
    monkeypatch.setattr(Bank, "_page", lambda *args: replace(whole(*args), total_records=len(bank.rows) + 2))
    bank.rows = [sent("a", "-1")]
    run = read(connection)
    assert (run.state, run.error_code) == (SyncRun.State.PARTIAL, "rows_missing")
    monkeypatch.undo()


def test_rows_left_out_of_a_page_are_not_taken_for_gone(
    bank: Bank, connection: BankConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank.rows = [sent(f"tx-{hours}", "-10.00", at=NOON - timedelta(hours=hours)) for hours in range(8)]
    read(connection)
    whole = Bank._page
    monkeypatch.setattr(Bank, "_page", lambda *args: replace(whole(*args), rows=whole(*args).rows[:1]))
    run = read(connection, now=LATER)
    assert (run.state, run.error_code) == (SyncRun.State.PARTIAL, "rows_missing")
    assert len(listed(connection)) == 8
    monkeypatch.undo()
    monkeypatch.setattr(access, "client_for", lambda _config: bank)
    assert read(connection, now=LATER + timedelta(hours=1)).state == SyncRun.State.DONE


def test_a_row_in_another_currency_stays_out_of_the_balance(bank: Bank, connection: BankConnection) -> None:
    bank.rows = [
        sent("rub", "-100", at=NOON - timedelta(days=1)),
        sent("usd", "-7", at=NOON - timedelta(days=1), currency="USD"),
    ]
    read(connection)
    assert Transaction.objects.get(external_id="usd").currency == "USD"
    days = only_account(connection).daily_balances.values_list("amount", flat=True)
    assert set(days) == {Decimal("9900.00")}


def test_a_cancelled_run_stops_and_comes_again_at_its_time(bank: Bank, connection: BankConnection) -> None:
    bank.rows = [sent(f"tx-{number}", "-10.00") for number in range(4)]
    bank.before = lambda call: actions.cancel_sync(connection=connection) if call.startswith("page") else None
    run = read(connection)
    connection.refresh_from_db()
    assert run.state == SyncRun.State.CANCELLED
    assert connection.next_run_at > NOON + timedelta(hours=5)
    assert connection.failures == 0


def test_something_unexpected_is_raised_and_tried_again_later(
    bank: Bank, connection: BankConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise ZeroDivisionError

    bank.rows = [sent("a", "-1")]
    monkeypatch.setattr(store, "upsert", broken)
    run = sync_run.open_run(connection, SyncRun.Trigger.SCHEDULE)
    with pytest.raises(ZeroDivisionError):
        sync_run.execute(run.pk, worker="worker", now=NOON)
    run.refresh_from_db()
    connection.refresh_from_db()
    assert (run.state, run.error_code) == (SyncRun.State.FAILED, "internal_error")
    assert (connection.failures, connection.last_error_code) == (1, "internal_error")
    assert connection.next_run_at > NOON


@pytest.mark.parametrize("call", ["token", "accounts", "balances acc-1", "page acc-1 1", "page acc-1 2"])
def test_a_connection_removed_while_it_is_read_ends_the_run_quietly(
    bank: Bank, connection: BankConnection, call: str
) -> None:
    bank.rows = [sent(f"tx-{number}", "-10.00") for number in range(7)]
    calls: list[str] = []

    def remove(made: str) -> None:
        calls.append(made)
        if made == call and calls.count(call) == 1:
            actions.disconnect(connection=connection, actor=connection.user, now=NOON)

    bank.before = remove
    person = connection.user
    run = sync_run.open_run(connection, SyncRun.Trigger.SCHEDULE)
    assert sync_run.execute(run.pk, worker="worker", now=NOON) is None
    assert not Transaction.objects.filter(user=person).exists()
    assert not Account.objects.filter(user=person).exists()


def test_an_account_removed_while_it_is_read_is_skipped(bank: Bank, connection: BankConnection) -> None:
    bank.accounts.append(HeldAccount("acc-2", rows=[sent("x", "-1")]))
    bank.rows = [sent(f"tx-{number}", "-10.00") for number in range(7)]

    def remove(made: str) -> None:
        if made == "page acc-1 2":
            removal.remove_account(account=Account.objects.get(external_id="acc-1"), now=NOON)

    bank.before = remove
    assert read(connection).state == SyncRun.State.DONE
    assert listed(connection) == ["x"]


def test_a_transfer_between_two_accounts_is_paired_at_the_end(bank: Bank, connection: BankConnection) -> None:
    bank.accounts.append(HeldAccount("acc-2", number="40817810000000000002"))
    bank.rows = [sent("out", "-500", text="Перевод на счет 40817810000000000002: запас")]
    bank.account("acc-2").rows = [sent("in", "500", text="Перевод от счета 40817810000000000001: запас")]
    read(connection)
    kinds = Transaction.objects.filter(user=connection.user).values_list("category__slug", flat=True)
    assert set(kinds) == {"transfer-own"}


def test_a_retry_reads_only_what_failed_and_dates_the_data_by_the_oldest(
    bank: Bank, connection: BankConnection
) -> None:
    bank.accounts = [HeldAccount("acc-1"), HeldAccount("acc-2")]
    bank.before = lambda call: (_ for _ in ()).throw(unavailable()) if call == "balances acc-2" else None
    assert read(connection).state == SyncRun.State.PARTIAL
    bank.calls.clear()
    again = sync_run.open_run(connection, SyncRun.Trigger.RETRY)
    assert sync_run.execute(again.pk, worker="worker", now=LATER).state == SyncRun.State.PARTIAL
    bank.before = lambda _call: None
    again = sync_run.open_run(connection, SyncRun.Trigger.RETRY)
    assert sync_run.execute(again.pk, worker="worker", now=LATER).state == SyncRun.State.DONE
    assert (bank.calls["balances acc-1"], bank.calls["balances acc-2"]) == (0, 2)
    connection.refresh_from_db()
    assert connection.last_success_at == NOON
    assert connection.failures == 0
