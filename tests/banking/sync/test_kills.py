"""A worker that dies anywhere: another one takes over and ends where nobody would have died."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection as database
from django.db import connections

from banking.models import Account, BankConnection, DailyBalance, SyncRun, Transaction
from banking.services import access
from banking.sync import run as sync_run
from tests.banking.sync.bank import NOON, Bank, HeldAccount, sent
from tests.banking.sync.reading import connected, read

LATER = NOON + timedelta(hours=5)
AFTER_THE_LEASE = settings.SYNC_LEASE + timedelta(minutes=2)
ROW = (
    "account__external_id",
    "external_id",
    "amount",
    "currency",
    "status",
    "booked_at",
    "description",
    "category__slug",
    "category_reason",
    "note",
    "transfer_pair__external_id",
)


class Killed(BaseException):
    """The process is gone: nothing of it tidies up."""


def filled() -> Bank:
    """Two accounts of a few pages each, with a transfer between them."""
    mine = HeldAccount("acc-1", number="40817810000000000011")
    savings = HeldAccount("acc-2", number="42301810000000000022", kind="savings")
    for offset, account in enumerate((mine, savings)):
        account.rows = [
            sent(
                f"tx-{account.external_id}-{number}",
                f"-{10 + number}.{offset}0",
                at=NOON - timedelta(days=number, hours=offset),
                merchant_name=f"Магазин {number}",
                status="pending" if number < 2 else "booked",
            )
            for number in range(6)
        ]
    mine.rows.append(sent("out", "-500.00", text="Перевод на счет 42301810000000000022: запас"))
    savings.rows.append(sent("in", "500.00", text="Перевод от счета 40817810000000000011: запас"))
    return Bank(accounts=[mine, savings])


def moved_on(bank: Bank) -> Bank:
    """The same bank some hours later: settled, cancelled, new."""
    for account in bank.accounts:
        first, second, *rest = account.rows
        settled = replace(first, external_id=f"{first.external_id}-b", status="booked", booked_at=NOON)
        fresh = sent(f"new-{account.external_id}", "-99.00", at=LATER - timedelta(minutes=5), text="NEW")
        account.rows = [settled, *rest, fresh]
        assert second.status == "pending"
    return bank


@contextmanager
def killed_at(number: int, bank: Bank) -> Iterator[Callable[[], int]]:
    """Die before the given call to the bank or write to the database; tells how many there were."""
    count = 0

    def reached() -> None:
        nonlocal count
        count += 1
        if count == number:
            raise Killed

    def on_statement(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            reached()
        return execute(sql, params, many, context)

    bank.before = lambda _call: reached()
    try:
        with database.execute_wrapper(on_statement):
            yield lambda: count
    finally:
        bank.before = lambda _call: None


def fingerprint(connection: BankConnection) -> str:
    """Everything that a person sees of a connection, without times and keys of our own."""
    person = connection.user
    rows = Transaction.objects.filter(user=person)
    accounts = Account.objects.filter(user=person)
    seen = [
        sorted(map(str, rows.filter(missing_since=None).values_list(*ROW))),
        sorted(map(str, rows.exclude(missing_since=None).values_list(*ROW))),
        sorted(map(str, accounts.values_list("external_id", "balance_booked", "net_amount", "closed_at"))),
        sorted(
            map(
                str,
                DailyBalance.objects.filter(account__user=person).values_list(
                    "account__external_id", "date", "amount", "source"
                ),
            )
        ),
        list(
            BankConnection.objects.filter(pk=connection.pk).values_list(
                "status", "failures", "last_error_code"
            )
        ),
    ]
    return blake2b(json.dumps(seen).encode(), digest_size=8).hexdigest()


def whole_story(monkeypatch: pytest.MonkeyPatch, *, dies_in: str = "", at: int = 0) -> tuple[str, int]:
    """A first reading and a later one, one of them cut short; the end state, and the borders there are."""
    bank = filled()
    monkeypatch.setattr(access, "client_for", lambda _config: bank)
    connection = connected()
    borders = _reading(connection, bank, now=NOON, dies_at=at if dies_in == "first" else 0)
    Transaction.objects.filter(user=connection.user, external_id="tx-acc-1-0").update(note="обед")
    moved_on(bank)
    later = _reading(connection, bank, now=LATER, dies_at=at if dies_in == "later" else 0)
    return fingerprint(connection), later if dies_in == "later" else borders


def _reading(connection: BankConnection, bank: Bank, *, now: datetime, dies_at: int) -> int:
    run = sync_run.open_run(connection, SyncRun.Trigger.PERSON)
    try:
        with time_machine.travel(now, tick=False), killed_at(dies_at, bank) as borders:
            sync_run.execute(run.pk, worker="first", now=now)
    except Killed:
        _taken_over(run, now=now)
    run.refresh_from_db()
    assert run.state == SyncRun.State.DONE
    return borders()


def _taken_over(run: SyncRun, *, now: datetime) -> None:
    run.refresh_from_db()
    if run.state == SyncRun.State.RUNNING:
        with time_machine.travel(now + timedelta(seconds=1), tick=False):
            assert sync_run.execute(run.pk, worker="hasty", now=now + timedelta(seconds=1)) is None
    later = now + AFTER_THE_LEASE
    with time_machine.travel(later, tick=False):
        sync_run.execute(run.pk, worker="second", now=later)
        assert sync_run.execute(run.pk, worker="third", now=later) is None
    run.refresh_from_db()
    assert run.worker in {"first", "second"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("reading", ["first", "later"])
def test_a_worker_killed_at_any_border_leaves_no_trace(monkeypatch: pytest.MonkeyPatch, reading: str) -> None:
    whole, borders = whole_story(monkeypatch, dies_in=reading)
    ends = {whole_story(monkeypatch, dies_in=reading, at=border)[0] for border in range(1, borders + 1)}
    assert borders > 40
    assert ends == {whole}
    print(f"{reading} reading: killed at {borders} borders, one end state {whole}")


@pytest.mark.django_db(transaction=True)
def test_two_workers_racing_for_a_run_share_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    bank = filled()
    monkeypatch.setattr(access, "client_for", lambda _config: bank)
    connection = connected()
    run = sync_run.open_run(connection, SyncRun.Trigger.PERSON)
    gate = threading.Barrier(4)
    worked: list[str] = []

    def work(name: str) -> None:
        gate.wait()
        try:
            if sync_run.execute(run.pk, worker=name, now=NOON) is not None:
                worked.append(name)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(f"worker-{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(worked) == 1
    assert bank.calls["accounts"] == 1
    assert Transaction.objects.filter(user=connection.user).count() == 14


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_slept_through_its_lease_writes_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    bank = filled()
    monkeypatch.setattr(access, "client_for", lambda _config: bank)
    connection = connected()
    run = sync_run.open_run(connection, SyncRun.Trigger.PERSON)
    asleep, awake = threading.Event(), threading.Event()

    def sleep_on_the_second_page(call: str) -> None:
        if call == "page acc-2 2" and threading.current_thread().name == "sleeper":
            asleep.set()
            awake.wait(10)

    def work() -> None:
        try:
            assert sync_run.execute(run.pk, worker="sleeper", now=NOON) is None
        finally:
            connections.close_all()

    bank.before = sleep_on_the_second_page
    sleeper = threading.Thread(target=work, name="sleeper")
    sleeper.start()
    assert asleep.wait(10)
    SyncRun.objects.filter(pk=run.pk).update(lease_until=NOON - timedelta(seconds=1))
    successor = sync_run.execute(run.pk, worker="successor", now=NOON + timedelta(minutes=5))
    moved_on(bank)
    read(connection, now=LATER)
    end = fingerprint(connection)
    awake.set()
    sleeper.join()
    assert successor.state == SyncRun.State.DONE
    assert fingerprint(connection) == end
    run.refresh_from_db()
    assert (run.worker, run.state) == ("successor", SyncRun.State.DONE)
