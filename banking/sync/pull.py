"""Sync: the pages of one account, read until the reading is whole.

Pages are newest first and carry no cursor: a row that arrives or goes away meanwhile shifts them.
So the first page is read again at the end, and everything again when it differs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from banking.clients import errors
from banking.clients.schemas import TransactionPage
from banking.services.access import BankAccess

MAX_READINGS = 3
MOST_PAGES = 20_000


@dataclass(slots=True)
class Reading:
    """One pass over an account's pages, from the newest row back to `since` (None: to the first)."""

    since: datetime | None
    _first: tuple[object, ...] | None = field(default=None)
    _totals: set[int | None] = field(default_factory=set)
    _pages: int = 0

    def note(self, page: TransactionPage) -> None:
        """Remember what tells later whether the pages shifted."""
        if self._first is None:
            self._first = _signature(page)
        self._totals.add(page.total_records)
        self._pages += 1

    def reaches_start(self, page: TransactionPage) -> bool:
        """Whether everything behind this page is older than what is wanted."""
        return self.since is not None and bool(page.rows) and page.rows[-1].booked_at < self.since

    def is_whole(self, newest: TransactionPage) -> bool:
        """Whether nothing moved between the first page and the same page read again."""
        return len({*self._totals, newest.total_records}) == 1 and self._first == _signature(newest)

    @property
    def can_have_shifted(self) -> bool:
        return self._pages > 1


def _signature(page: TransactionPage) -> tuple[object, ...]:
    return tuple((row.external_id, row.status, row.amount, row.booked_at) for row in page.rows)


def read_pages(access: BankAccess, *, account_id: str, since: datetime | None) -> Iterator[TransactionPage]:
    """The pages of one reading; raises a BankError, or ShiftingPages when they moved underneath it."""
    reading = Reading(since)
    for page in _pages(access, account_id):
        reading.note(page)
        yield page
        if reading.reaches_start(page):
            break
    if reading.can_have_shifted and not reading.is_whole(next(_pages(access, account_id))):
        raise ShiftingPages(bank=access.bank_code)


class ShiftingPages(errors.BankError):
    """Rows came or went while the pages were read: what was read is right, but may lack a row."""

    code = "shifting_pages"
    retryable = True


def _pages(access: BankAccess, account_id: str) -> Iterator[TransactionPage]:
    """Pages to the end; a token that dies on the way is renewed as long as pages keep coming.

    So is a consent: the page after its renewal is read under the new one.
    """
    start = 1
    renewed_at = 0
    while start <= MOST_PAGES:
        try:
            for page in access.client.iter_transaction_pages(
                access.session(), account_id=account_id, start_page=start
            ):
                yield page
                start = page.page + 1
            return
        except errors.CredentialsRefused:
            raise
        except errors.AuthenticationFailed:
            if renewed_at == start:
                raise
            renewed_at = start
            access.renew_token()
        except errors.ConsentRequired:
            if not access.takes_up_renewal():
                raise
    raise errors.EndlessPaging(f"over {MOST_PAGES} pages", bank=access.bank_code)
