"""Random histories of a bank, read again and again: what is stored is what the bank shows."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection as database
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from banking.clients.schemas import BankTransaction
from banking.models import BankConnection, DailyBalance, SyncRun, Transaction
from banking.services import access
from banking.sync.account import OVERLAP
from banking.sync.reconcile import SETTLES_WITHIN
from financehub.periods import local_date
from tests.banking.sync.bank import NOON, Bank, sent
from tests.banking.sync.reading import connected, only_account, read
from tests.factories import category

EXAMPLES, STEPS = 200, 25
CENT = Decimal("0.01")
REPEATABLE = random.Random(0)
chance = st.randoms(use_true_random=False)


@dataclass
class Purchase:
    """One movement of money, whatever the bank calls it at present."""

    row: BankTransaction
    determined: bool = True  # whether nothing else looks like it
    note: str = ""
    reason: str = ""


class Histories(RuleBasedStateMachine):
    """The bank's truth on one side, synchronisations on the other."""

    @initialize(names_rows=st.booleans(), counts_rows=st.booleans(), page_size=st.integers(2, 5))
    def start(self, names_rows: bool, counts_rows: bool, page_size: int) -> None:
        self.bank = Bank(page_size=page_size, counts_rows=counts_rows)
        access.client_for = lambda _config: self.bank
        self.names_rows = names_rows
        self.connection: BankConnection = connected()
        self.now = NOON
        self.last_read: datetime | None = None
        self.made = 0
        self.purchases: list[Purchase] = []
        self.is_late = False

    # What happens at the bank

    @rule(
        kopecks=st.integers(-10_000_000, 10_000_000).filter(bool),
        status=st.sampled_from(["booked", "booked", "pending", "pending", "declined"]),
        ago=st.integers(0, 13 * 24),
        currency=st.sampled_from(["RUB", "RUB", "RUB", "USD"]),
    )
    def purchase(self, kopecks: int, status: str, ago: int, currency: str) -> None:
        at = self.now - timedelta(hours=ago)
        self._add(kopecks * CENT, status=status, at=at, currency=currency)

    @rule(chosen=chance, refund_share=st.sampled_from([1, 2]))
    def refund(self, chosen: random.Random, refund_share: int) -> None:
        bought = self._any(chosen, lambda purchase: purchase.row.amount < 0)
        if bought:
            amount = (-bought.row.amount / refund_share).quantize(CENT)
            text = f"Возврат {bought.row.description}"
            if amount:
                self._add(amount, status="booked", at=self.now, currency=bought.row.currency, text=text)

    @rule(chosen=chance)
    def equal_twin(self, chosen: random.Random) -> None:
        first = self._any(chosen, self._is_recent)
        if first:
            first.determined = False
            self.purchases.append(Purchase(replace(first.row, external_id=self._name()), determined=False))

    @rule(chosen=chance, renamed=st.booleans(), later=st.booleans(), percent=st.sampled_from([0, 0, -8, 5]))
    def settle(self, chosen: random.Random, renamed: bool, later: bool, percent: int) -> None:
        purchase = self._any(chosen, lambda purchase: purchase.row.status == "pending")
        if purchase is None:
            return
        row = purchase.row
        amount = (row.amount * (100 + percent) / 100).quantize(CENT) or row.amount
        at = self.now if later and renamed else row.booked_at
        is_found = renamed and self.now - row.booked_at < SETTLES_WITHIN
        keeps_name = amount == row.amount if not self.names_rows else not renamed
        purchase.determined &= is_found or keeps_name
        purchase.determined &= abs(amount - row.amount) <= abs(row.amount) / 10
        self._rewrite(purchase, status="booked", amount=amount, at=at, renamed=renamed)

    @rule(chosen=chance)
    def cancel(self, chosen: random.Random) -> None:
        purchase = self._any(chosen, lambda purchase: purchase.row.status == "pending")
        if purchase:
            self.purchases.remove(purchase)

    @rule(chosen=chance)
    def take_back(self, chosen: random.Random) -> None:
        purchase = self._any(
            chosen, lambda purchase: purchase.row.status == "booked" and self._is_recent(purchase)
        )
        if purchase and len(self.purchases) > 1:
            self.purchases.remove(purchase)

    @rule(chosen=chance)
    def mutate_text(self, chosen: random.Random) -> None:
        purchase = self._any(chosen, self._is_recent)
        if purchase:
            purchase.determined &= self.names_rows
            purchase.row = replace(purchase.row, description=f"{purchase.row.description}*")

    @precondition(lambda self: self.bank.counts_rows)
    @rule(days=st.integers(20, 200))
    def book_late(self, days: int) -> None:
        self._add(Decimal("-77.70"), status="booked", at=self.now - timedelta(days=days), currency="RUB")
        self.is_late = True

    @precondition(lambda self: self.names_rows)
    @rule()
    def reissue_ids(self) -> None:
        for purchase in self.purchases:
            purchase.row = replace(purchase.row, external_id=self._name())
            purchase.determined &= purchase.row.status != "pending" or self._is_young(purchase)

    @rule(hours=st.integers(1, 72))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(days=st.integers(40, 60))
    def long_pause(self, days: int) -> None:
        self.now += timedelta(days=days)

    # What the person does

    @rule(chosen=chance, words=st.sampled_from(["подарок", "на двоих"]))
    def write_note(self, chosen: random.Random, words: str) -> None:
        purchase, stored = self._stored(chosen)
        if purchase and stored:
            purchase.note = f"{words} {self.made}"
            Transaction.objects.filter(pk=stored).update(note=purchase.note)
            self.made += 1

    @rule(chosen=chance)
    def choose_category(self, chosen: random.Random) -> None:
        purchase, stored = self._stored(chosen)
        if purchase and stored:
            purchase.reason = Transaction.Reason.PERSON
            Transaction.objects.filter(pk=stored).update(
                category=category("gifts"), kind="expense", category_reason=purchase.reason
            )

    # Synchronisations

    @rule()
    def synchronise(self) -> None:
        self._read()
        self._check()

    @rule()
    def synchronise_twice(self) -> None:
        self._read()
        self._check()
        self.now += timedelta(minutes=1)
        with database.execute_wrapper(_no_row_writes):
            read(self.connection, now=self.now)
        self._check()

    @rule(chosen=chance, status=st.sampled_from(["booked", "pending"]), removes=st.booleans())
    def synchronise_while_rows_move(self, chosen: random.Random, status: str, removes: bool) -> None:
        at_call = chosen.randrange(1, 6)

        def move(call: str) -> None:
            if call.startswith("page") and self.bank.calls.total() - before == at_call:
                pending = self._any(chosen, lambda purchase: purchase.row.status == "pending")
                if removes and pending:
                    self.purchases.remove(pending)
                else:
                    self._add(Decimal("-5.55"), status=status, at=self.now, currency="RUB")
                self._publish()

        before = self.bank.calls.total()
        self.bank.before = move
        self._read()
        self.bank.before = lambda _call: None
        self.now += timedelta(minutes=1)
        self._read()
        self._check()

    def teardown(self) -> None:
        if hasattr(self, "bank"):
            self._read()
            self._check()

    # The means

    def _add(self, amount: Decimal, *, status: str, at: datetime, currency: str, text: str = "") -> None:
        name = self._name()
        shop = f"Магазин {self.made}"
        row = sent(
            name,
            amount,
            at=at,
            status=status,
            currency=currency,
            text=text or f"POKUPKA {self.made}",
            merchant_name=shop,
        )
        self.purchases.append(Purchase(row))

    def _rewrite(
        self, purchase: Purchase, *, status: str, amount: Decimal, at: datetime, renamed: bool
    ) -> None:
        name = self._name() if renamed else purchase.row.external_id
        purchase.row = replace(
            purchase.row,
            external_id=name,
            status=status,
            amount=amount,
            booked_at=at,
            booking_date=local_date(at),
        )

    def _name(self) -> str | None:
        self.made += 1
        return f"tx-{self.made}" if self.names_rows else None

    def _any(self, chosen: random.Random, fits: Callable[[Purchase], bool]) -> Purchase | None:
        fitting = [purchase for purchase in self.purchases if fits(purchase)]
        return chosen.choice(fitting) if fitting else None

    def _is_recent(self, purchase: Purchase) -> bool:
        """Within the window that the next synchronisation reads."""
        return purchase.row.booked_at > (self.last_read or self.now) - OVERLAP

    def _is_young(self, purchase: Purchase) -> bool:
        return self.now - purchase.row.booked_at < SETTLES_WITHIN

    def _stored(self, chosen: random.Random) -> tuple[Purchase | None, int | None]:
        """A purchase that nothing else looks like, and the stored row that it is at present."""
        purchase = self._any(chosen, lambda purchase: purchase.determined)
        if purchase is None:
            return None, None
        row = purchase.row
        stored = Transaction.objects.filter(
            user=self.connection.user,
            missing_since=None,
            amount=row.amount,
            description=row.description,
            booked_at=row.booked_at,
            status=row.status,
        )
        return purchase, stored.values_list("pk", flat=True).first()

    def _publish(self) -> None:
        rows = [purchase.row for purchase in self.purchases]
        REPEATABLE.shuffle(rows)
        self.bank.rows = rows

    def _read(self) -> None:
        if self.is_late and self.last_read and local_date(self.last_read) == local_date(self.now):
            self.now += timedelta(days=1)
        self._publish()
        run = read(self.connection, now=self.now)
        assert run.state == SyncRun.State.DONE, run.error_code
        self.last_read = self.now
        self.is_late = False

    def _check(self) -> None:
        stored = Transaction.objects.filter(user=self.connection.user, missing_since=None)
        columns = ("amount", "currency", "status", "booking_date", "description")
        ours = Counter(stored.values_list(*columns))
        banks = Counter(tuple(getattr(purchase.row, name) for name in columns) for purchase in self.purchases)
        assert ours == banks
        self._check_edits()
        self._check_balances()

    def _check_edits(self) -> None:
        for purchase in self.purchases:
            row = purchase.row
            if not purchase.determined or not (purchase.note or purchase.reason):
                continue
            kept = Transaction.objects.get(
                user=self.connection.user,
                missing_since=None,
                amount=row.amount,
                status=row.status,
                description=row.description,
                booked_at=row.booked_at,
            )
            assert kept.note == purchase.note
            if purchase.reason:
                assert (kept.category_reason, kept.category.slug) == (purchase.reason, "gifts")

    def _check_balances(self) -> None:
        account = only_account(self.connection)
        assert account.balance_booked == self.bank.account().balance
        days = dict(DailyBalance.objects.filter(account=account).values_list("date", "amount"))
        assert days[max(days)] == self.bank.account().balance
        booked = [
            purchase.row
            for purchase in self.purchases
            if purchase.row.status == "booked" and purchase.row.currency == "RUB"
        ]
        for day, amount in days.items():
            later = sum((row.amount for row in booked if row.booking_date > day), Decimal(0))
            assert amount == account.balance_booked - later


def _no_row_writes(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    assert sql.startswith("SELECT") or not any(
        f'"{table}"' in sql for table in ("banking_transaction", "banking_dailybalance")
    ), sql
    return execute(sql, params, many, context)


def test_random_histories_end_as_the_bank_shows_them(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "client_for", access.client_for)  # each history puts its own bank there
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate,),
        ),
    )
