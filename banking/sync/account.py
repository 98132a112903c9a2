"""Sync of one account: its pages, then what is no longer listed, then its balances."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from banking import parts, totals
from banking.categories.persons import PersonsRule
from banking.clients.schemas import AccountBalances, TransactionPage
from banking.models import Account, SyncRunAccount, Transaction
from banking.services.access import BankAccess
from banking.sync import balances, pull, store
from banking.sync.accounts import apply_balances
from banking.sync.days import Days, joined
from banking.sync.lease import Progress
from banking.sync.reconcile import Reconciled, reconcile
from banking.sync.rows import CategoryRef, Row, RowMaker
from banking.sync.store import Stored
from financehub.periods import local_date

OVERLAP = timedelta(days=14)  # rows are booked, and change, up to that long after their own time
STORED_AT_ONCE = 1000  # rows a transaction of a first load holds, at least
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
    """What reading an account changed, and what its last reading lacks.

    `rejected` rows came and could not be read; `lacks_rows` when the bank counts more than it lists.
    """

    rows_read: int = 0
    rejected: int = 0
    lacks_rows: bool = False
    new: int = 0
    changed: int = 0
    removed: int = 0
    days: Days | None = None

    def add_stored(self, stored: Stored) -> None:
        self.new += len(stored.new)
        self.changed += stored.changed
        self.days = joined(self.days, stored.days)

    def add_reconciled(self, reconciled: Reconciled, *, arrived: Collection[str]) -> None:
        """A merged row, just stored as a new one, is an old one that changed."""
        self.new -= len(reconciled.merged.intersection(arrived))
        self.changed += len(reconciled.merged)
        self.removed += reconciled.missing
        self.days = joined(self.days, reconciled.days)


@dataclass(slots=True)
class _Seen:
    """What one reading of the account's pages contained."""

    since: datetime | None
    ids: set[str] = field(default_factory=set)
    oldest: datetime | None = None
    rejected: int = 0
    counted_by_bank: int | None = None

    def take(self, page: TransactionPage, rows: list[Row]) -> list[Row]:
        """Note what a page contained; the answer is its rows of the window.

        The window is read completely, what is older only by chance of the page: rows there are no
        news, for it is not known what else is there.
        """
        self.counted_by_bank = page.total_records
        self.rejected += len(page.rejected) + len(page.rows) - len(rows)
        self.oldest = min(filter(None, (self.oldest, *(row.booked_at for row in rows))), default=None)
        wanted = [row for row in rows if self.since is None or row.booked_at >= self.since]
        self.ids.update(row.external_id for row in wanted)
        return wanted


class AccountSync:
    """Brings one account in step with the bank."""

    def __init__(
        self,
        *,
        access: BankAccess,
        step: SyncRunAccount,
        progress: Progress,
        categories: Mapping[str, CategoryRef],
        persons_rules: Sequence[PersonsRule] = (),
        is_debt: bool,
        now: datetime,
    ) -> None:
        self.access = access
        self.account: Account = step.account
        self.step = step
        self.progress = progress
        self.categories = categories
        self.persons_rules = persons_rules
        self.is_debt = is_debt
        self.now = now
        self.last_complete = self.account.last_synced_at
        self.outcome = Outcome()
        self.arrived: set[str] = set()

    def run(self) -> Outcome:
        """Read the account; raises a BankError, and then the next run starts from the same point.

        `last_synced_at`, from which the next window is measured, moves only in the transaction that
        completes a reading.
        """
        is_full = self.account.full_read_due or self.last_complete is None
        self._read()
        if self.outcome.lacks_rows and not is_full:
            self._read()
        return self.outcome

    def _read(self) -> None:
        """Read until nothing moved underneath, a few times at most."""
        for _ in range(pull.MAX_READINGS - 1):
            try:
                return self._read_once()
            except pull.ShiftingPages:
                continue
        return self._read_once()

    def _read_once(self) -> None:
        told = self.access.with_session(
            lambda session: self.access.client.get_balances(session, account_id=self.account.external_id)
        )
        seen = _Seen(since=self._window_start())
        pages = self._pages(seen)
        waiting: list[Row] = []
        if self.last_complete is None:
            # A first load is long: what has come is kept, and a restart finds it stored.
            for rows in _by_the_thousand(pages):
                with transaction.atomic():
                    self._store(rows)
        else:
            # Later loads are short: nobody sees a pending row beside the booked one it became.
            waiting = self._differing(pages, since=seen.since)
        with transaction.atomic():
            self._store(waiting)
            self._complete(seen, told)

    def _differing(self, pages: Iterable[list[Row]], *, since: datetime | None) -> list[Row]:
        """The rows of all pages that are not stored as they are; the others need no second look."""
        stored = store.contents(self.account, since=since)
        return [row for rows in pages for row in rows if stored.get(row.external_id) != row.content_hash]

    def _window_start(self) -> datetime | None:
        """From when on to read: a little before the last complete reading and all that is pending."""
        if self.account.full_read_due or self.last_complete is None:
            return None
        pending = Transaction.objects.whole().filter(
            account=self.account, status=Transaction.Status.PENDING, missing_since=None
        )
        oldest = pending.order_by("booked_at").values_list("booked_at", flat=True).first()
        start = self.last_complete - OVERLAP
        return min(start, oldest) if oldest else start

    def _pages(self, seen: _Seen) -> Iterator[list[Row]]:
        maker = RowMaker(self.categories, persons_rules=self.persons_rules, account_id=self.account.pk)
        step = self.step
        step.pages_read = step.rows_read = 0
        for page in pull.read_pages(self.access, account_id=self.account.external_id, since=seen.since):
            rows = seen.take(page, list(maker.rows(page.rows)))
            yield rows
            step.pages_read += 1
            step.pages_total = page.total_pages
            step.rows_read += len(rows)
            self.progress.tick(step)

    def _store(self, rows: list[Row]) -> None:
        self.progress.hold(self.account)
        stored = store.upsert(self.account, rows, now=self.now)
        self.arrived |= stored.new
        self.outcome.add_stored(stored)
        self._refresh_figures(stored.days)

    def _complete(self, seen: _Seen, told: AccountBalances) -> None:
        """Close the reading, inside the transaction that stores its last rows."""
        reconciled = reconcile(
            self.account,
            seen=seen.ids,
            since=seen.since,
            oldest_seen=seen.oldest,
            arrived=None if self.last_complete is None else self.arrived,
            is_whole=not seen.rejected,
            counted_by_bank=seen.counted_by_bank,
            now=self.now,
        )
        self.outcome.add_reconciled(reconciled, arrived=self.arrived)
        self.arrived -= reconciled.merged
        self._refresh_figures(reconciled.days)
        self.outcome.rows_read, self.outcome.rejected = self.step.rows_read, seen.rejected
        self.outcome.lacks_rows = reconciled.are_still_counted or self._lacks_rows(seen)
        balance_changed = apply_balances(self.account, told, is_debt=self.is_debt, now=self.now)
        self.account.full_read_due = self.outcome.lacks_rows or bool(seen.rejected)
        self.account.last_synced_at = self.now
        self.account.save(update_fields=SYNCED_FIELDS)
        if balance_changed or self.outcome.days or self._is_first_of_day():
            balances.store_daily_balances(self.account, is_debt=self.is_debt, now=self.now)

    def _refresh_figures(self, days: Days | None) -> None:
        """What rests on the rows of days that changed; parts are on the days of their whole rows."""
        if days is not None:
            parts.follow(self.account, now=self.now)
            totals.refresh(user_id=self.account.user_id, since=days.first, until=days.last)

    def _lacks_rows(self, seen: _Seen) -> bool:
        """Whether the bank counts more rows than came and are stored.

        A window cannot show that rows were booked long after their time, so it asks once a day.
        """
        if seen.counted_by_bank is None or (seen.since is not None and not self._is_first_of_day()):
            return False
        listed = Transaction.objects.whole().filter(account=self.account, missing_since=None)
        return seen.counted_by_bank - seen.rejected > listed.count()

    def _is_first_of_day(self) -> bool:
        return self.last_complete is None or local_date(self.last_complete) < local_date(self.now)


def _by_the_thousand(pages: Iterable[list[Row]]) -> Iterator[list[Row]]:
    """Pages put together until a transaction is worth its while."""
    waiting: list[Row] = []
    for rows in pages:
        waiting += rows
        if len(waiting) >= STORED_AT_ONCE:
            yield waiting
            waiting = []
    yield waiting
