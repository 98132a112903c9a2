"""Sync of one account: its pages, then what is no longer listed, then its balances."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from banking.clients.schemas import AccountBalances
from banking.models import Account, SyncRunAccount, Transaction
from banking.services.access import BankAccess
from banking.sync import balances, pull, store
from banking.sync.accounts import apply_balances
from banking.sync.lease import Progress
from banking.sync.reconcile import Reconciled, reconcile
from banking.sync.rows import CategoryRef, Row, RowMaker
from financehub.periods import local_date

OVERLAP = timedelta(days=14)  # rows are booked, and change, up to that long after their own time
SYNCED_FIELDS = (
    "balance_booked",
    "balance_available",
    "net_amount",
    "credit_limit",
    "balance_as_of",
    "last_synced_at",
    "full_read_due",
)


@dataclass(slots=True)
class Outcome:
    """What one reading of the account's pages has seen and changed."""

    since: datetime | None
    seen: set[str] = field(default_factory=set)
    oldest_seen: datetime | None = None
    rows_read: int = 0
    rejected: int = 0
    changes: store.Changes = field(default_factory=store.Changes)
    reconciled: Reconciled = field(default_factory=Reconciled)

    def note(self, rows: list[Row], *, rejected: int) -> None:
        self.seen.update(row.external_id for row in rows)
        self.rows_read += len(rows)
        self.rejected += rejected
        if rows:
            oldest = min(row.booked_at for row in rows)
            self.oldest_seen = min(self.oldest_seen or oldest, oldest)

    @property
    def changed_rows(self) -> bool:
        return self.changes != store.Changes() or self.reconciled != Reconciled()


class AccountSync:
    """Brings one account in step with the bank."""

    def __init__(
        self,
        *,
        access: BankAccess,
        step: SyncRunAccount,
        progress: Progress,
        categories: Mapping[str, CategoryRef],
        is_debt: bool,
        now: datetime,
    ) -> None:
        self.access = access
        self.account: Account = step.account
        self.step = step
        self.progress = progress
        self.categories = categories
        self.is_debt = is_debt
        self.now = now
        self.last_complete = self.account.last_synced_at

    def run(self) -> Outcome:
        """Read the account; raises a BankError, and then the next run starts from the same point.

        `last_synced_at`, from which the next window is measured, moves only in the transaction that
        completes a reading.
        """
        told = self.access.with_session(
            lambda session: self.access.client.get_balances(session, account_id=self.account.external_id)
        )
        outcome = self._read(told)
        if self.account.full_read_due:
            outcome = self._read(told)
        return outcome

    def _read(self, told: AccountBalances) -> Outcome:
        """Read until nothing moved underneath, a few times at most."""
        for _ in range(pull.MAX_READINGS - 1):
            try:
                return self._read_once(told)
            except pull.ShiftingPages:
                continue
        return self._read_once(told)

    def _read_once(self, told: AccountBalances) -> Outcome:
        outcome = Outcome(since=self._window_start())
        pages = self._pages(outcome)
        if self.last_complete is None:
            # A first load is long: each page is kept as it comes, and a restart finds it stored.
            for rows in pages:
                with transaction.atomic():
                    outcome.changes += store.upsert(self.account, rows, now=self.now)
            pages = iter(())
        collected = list(pages)
        # Later loads are short: nobody sees a pending row beside the booked one it became.
        with transaction.atomic():
            for rows in collected:
                outcome.changes += store.upsert(self.account, rows, now=self.now)
            self._complete(outcome, told)
        return outcome

    def _window_start(self) -> datetime | None:
        """From when on to read: a little before the last complete reading and all that is pending."""
        if self.account.full_read_due or self.last_complete is None:
            return None
        pending = Transaction.objects.filter(
            account=self.account, status=Transaction.Status.PENDING, missing_since=None
        )
        oldest = pending.order_by("booked_at").values_list("booked_at", flat=True).first()
        start = self.last_complete - OVERLAP
        return min(start, oldest) if oldest else start

    def _pages(self, outcome: Outcome) -> Iterator[list[Row]]:
        maker = RowMaker(self.categories)
        self.step.pages_read = self.step.rows_read = 0
        pages = pull.read_pages(self.access, account_id=self.account.external_id, since=outcome.since)
        for page in pages:
            rows = list(maker.rows(page.rows))
            outcome.note(rows, rejected=len(page.rejected))
            yield rows
            self.step.pages_read += 1
            self.step.pages_total = page.total_pages
            self.step.rows_read += len(rows)
            self.progress.tick(self.step)

    def _complete(self, outcome: Outcome, told: AccountBalances) -> None:
        """Close the reading, inside the transaction that stores its last rows."""
        if not outcome.rejected:  # a row that could not be read is not a row that is gone
            outcome.reconciled = reconcile(
                self.account,
                seen=outcome.seen,
                since=outcome.since,
                oldest_seen=outcome.oldest_seen,
                arrived_after=self.last_complete,
                now=self.now,
            )
        balance_changed = apply_balances(self.account, told, is_debt=self.is_debt, now=self.now)
        self.account.full_read_due = outcome.since is not None and outcome.reconciled.ids_reissued
        self.account.last_synced_at = self.now
        self.account.save(update_fields=SYNCED_FIELDS)
        if outcome.changed_rows or balance_changed or self._is_first_of_day():
            balances.store_daily_balances(self.account, now=self.now)

    def _is_first_of_day(self) -> bool:
        return self.last_complete is None or local_date(self.last_complete) < local_date(self.now)
