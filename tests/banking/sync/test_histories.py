"""Random histories of a bank, read again and again: what is stored is what the bank shows."""

import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection as database
from django.db.models import Sum
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from banking import edits, splitting
from banking.clients.schemas import BankTransaction
from banking.models import BankConnection, DailyBalance, DayTotal, SyncRun, Transaction
from banking.services import access
from banking.sync.account import OVERLAP
from banking.sync.reconcile import SETTLES_WITHIN
from financehub.periods import local_date
from tests.banking.sync.bank import NOON, Bank, sent
from tests.banking.sync.reading import connected, only_account, read
from tests.factories import category, only

# 200 lives in all. A test is one transaction of the database, which grows slow with what it has undone.
SEEDS, EXAMPLES, STEPS = range(20), 10, 25
MOST_ROWS = 40
CENT = Decimal("0.01")
REPEATABLE = random.Random(0)
chance = st.randoms(use_true_random=False)


@dataclass
class Purchase:
    """One movement of money, whatever the bank calls it at present."""

    row: BankTransaction
    determined: bool = True  # whether it can be told from everything else, once read
    is_renamed: bool = False  # since it was read last
    is_changed: bool = False
    note: str = ""
    reason: str = ""


class Histories(RuleBasedStateMachine):
    """The bank's truth on one side, synchronisations on the other."""

    @initialize(
        names_rows=st.sampled_from([True, True, False]),
        counts_rows=st.sampled_from([True, True, False]),
        page_size=st.integers(2, 5),
        chosen=chance,
    )
    def start(self, names_rows: bool, counts_rows: bool, page_size: int, chosen: random.Random) -> None:
        self.bank = Bank(page_size=page_size, counts_rows=counts_rows)
        access.client_for = lambda _config: self.bank
        self.names_rows = names_rows
        self.connection: BankConnection = connected()
        self.now = NOON
        self.last_read: datetime | None = None
        self.made = 0
        self.purchases: list[Purchase] = []
        self.is_late = False
        self.has_past = chosen.random() < 0.7
        if self.has_past:
            self._add(Decimal("-1.00"), status="booked", at=NOON - timedelta(days=400), currency="RUB")
        self.live(chosen)
        self.live(chosen)

    # What happens at the bank

    @rule(chosen=chance)
    def live(self, chosen: random.Random) -> None:
        """Some days of spending: enough for the other rules to find what they need."""
        if len(self.purchases) > MOST_ROWS:
            return
        for status in ("booked", "pending", "pending", chosen.choice(["booked", "pending", "declined"])):
            at = self.now - timedelta(hours=chosen.randrange(13 * 24))
            kopecks = chosen.choice([-1, -1, -1, 1]) * chosen.randrange(1, 10_000_000)
            currency = chosen.choice(["RUB", "RUB", "RUB", "USD"])
            self._add(kopecks * CENT, status=status, at=at, currency=currency)

    @rule(chosen=chance, refund_share=st.sampled_from([1, 2]))
    def refund(self, chosen: random.Random, refund_share: int) -> None:
        bought = self._any(chosen, lambda purchase: purchase.row.amount < 0)
        if bought:
            amount = (-bought.row.amount / refund_share).quantize(CENT)
            text = f"Возврат {self.made} {bought.row.description}"
            if amount:
                self._add(amount, status="booked", at=self.now, currency=bought.row.currency, text=text)

    @rule(chosen=chance)
    def equal_twin(self, chosen: random.Random) -> None:
        first = self._any(chosen, self._is_recent)
        if first and len(self.purchases) < MOST_ROWS:
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
        keeps_name = amount == row.amount and at == row.booked_at if not self.names_rows else not renamed
        is_named = keeps_name and not purchase.is_renamed
        is_near = at - row.booked_at < SETTLES_WITHIN and abs(amount - row.amount) <= abs(row.amount) / 10
        purchase.determined &= is_named or (is_near and not purchase.is_changed)
        purchase.is_changed = True
        self._rewrite(purchase, status="booked", amount=amount, at=at, renamed=renamed)

    @rule(chosen=chance)
    def cancel(self, chosen: random.Random) -> None:
        purchase = self._any(chosen, lambda purchase: purchase.row.status == "pending")
        if purchase:
            self.purchases.remove(purchase)

    @precondition(lambda self: self.has_past)  # the oldest rows of all may also be cut off
    @rule(chosen=chance)
    def take_back(self, chosen: random.Random) -> None:
        purchase = self._any(
            chosen, lambda purchase: purchase.row.status == "booked" and self._is_recent(purchase)
        )
        if purchase:
            self.purchases.remove(purchase)

    @precondition(lambda self: self.has_past)
    @rule(chosen=chance)
    def blink(self, chosen: random.Random) -> None:
        """The bank leaves a row out once."""
        purchase = self._any(chosen, lambda purchase: purchase.row.booked_at > self.now - OVERLAP / 2)
        if purchase:
            self.purchases.remove(purchase)
            self._read()
            self.purchases.append(purchase)
            self._read()
            self._check()

    @rule(chosen=chance)
    def mutate_text(self, chosen: random.Random) -> None:
        purchase = self._any(chosen, self._is_recent)
        if purchase:
            purchase.determined &= self.names_rows and not purchase.is_renamed
            purchase.is_changed = True
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
            purchase.determined &= not purchase.is_changed
            purchase.is_renamed = True

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
            edits.set_note(user=stored.user, rows=only(stored), note=purchase.note, now=self.now)
            self.made += 1

    @rule(chosen=chance)
    def choose_category(self, chosen: random.Random) -> None:
        purchase, stored = self._stored(chosen)
        if purchase and stored:
            purchase.reason = Transaction.Reason.PERSON
            gifts = category("gifts")
            edits.set_category(user=stored.user, rows=only(stored), category=gifts, now=self.now)

    @rule(chosen=chance)
    def divide(self, chosen: random.Random) -> None:
        """Parts by per cent; what is too small for two parts stays in one piece."""
        _purchase, stored = self._stored(chosen)
        if stored is None:
            return
        share = Decimal(chosen.randrange(1, 100))
        sizes = splitting.sizes_of(stored.amount, [share, 100 - share], currency=stored.currency)
        parts = [splitting.Part(size, category("cafe")) for size in sizes]
        with suppress(splitting.WrongParts):
            splitting.split(user=stored.user, row=stored, wanted=parts, now=self.now)

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
        if self.bank.counts_rows:
            self._check_rows()
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

    def _stored(self, chosen: random.Random) -> tuple[Purchase | None, Transaction | None]:
        """A purchase that nothing else looks like, and the stored row that it is at present."""
        purchase = self._any(chosen, lambda purchase: purchase.determined)
        if purchase is None:
            return None, None
        row = purchase.row
        stored = Transaction.objects.whole().filter(
            user=self.connection.user,
            missing_since=None,
            amount=row.amount,
            description=row.description,
            booked_at=row.booked_at,
            status=row.status,
        )
        return purchase, stored.order_by("pk").first()

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
        for purchase in self.purchases:
            purchase.is_renamed = purchase.is_changed = False
        self.is_late = False

    def _check(self) -> None:
        self._check_rows()
        self._check_edits()
        self._check_parts()
        self._check_balances()
        self._check_totals()

    def _check_rows(self) -> None:
        stored = Transaction.objects.whole().filter(user=self.connection.user, missing_since=None)
        columns = ("amount", "currency", "status", "booking_date", "description")
        ours = Counter(stored.values_list(*columns))
        banks = Counter(tuple(getattr(purchase.row, name) for name in columns) for purchase in self.purchases)
        assert ours == banks

    def _check_edits(self) -> None:
        for purchase in self.purchases:
            row = purchase.row
            if not purchase.determined or not (purchase.note or purchase.reason):
                continue
            kept = Transaction.objects.whole().get(
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

    def _check_parts(self) -> None:
        """Every divided row is made up by its parts, which are where and what it is."""
        rows = Transaction.objects.filter(user=self.connection.user)
        alike = ("status", "currency", "booking_date", "description", "missing_since")
        for whole in rows.filter(parts__gt=0):
            parts = list(rows.filter(part_of=whole))
            assert (len(parts), sum(part.amount for part in parts)) == (whole.parts, whole.amount)
            for part in parts:
                assert [getattr(part, name) for name in alike] == [getattr(whole, name) for name in alike]
        assert not rows.filter(part_of__parts=0).exists()

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

    def _check_totals(self) -> None:
        rows = Transaction.objects.filter(user=self.connection.user).counted()
        sums = rows.values_list("booking_date", "currency", "kind").annotate(total=Sum("amount"))
        kept = DayTotal.objects.filter(user=self.connection.user, counted__gt=0)
        assert sorted(sums) == sorted(kept.values_list("date", "currency", "kind", "amount"))


def _no_row_writes(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    assert sql.startswith("SELECT") or not any(
        f'"{table}"' in sql for table in ("banking_transaction", "banking_dailybalance", "banking_daytotal")
    ), sql
    return execute(sql, params, many, context)


@pytest.mark.parametrize("number", SEEDS)
def test_random_histories_end_as_the_bank_shows_them(
    db: None, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(access, "client_for", access.client_for)  # each history puts its own bank there
    run_state_machine_as_test(
        seed(number)(type(f"Histories{number}", (Histories,), {})),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate,),
        ),
    )
