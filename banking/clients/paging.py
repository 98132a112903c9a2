"""Clients: the way from one page to the next, and when it leads nowhere."""

from banking.clients.errors import EndlessPaging
from banking.clients.schemas import TransactionPage

MOST_PAGES = 20_000
MOST_REPEATED_PAGES = 3
MOST_EMPTY_PAGES = 3
# From here on a page is known by its content: a bank in a loop may give the same rows new ids.
TELLING_ROWS = 5


def next_step(page: TransactionPage, params: dict[str, str]) -> tuple[dict[str, str], int]:
    """The query and the number of the page to ask for next."""
    if page.next_params is None:
        return {**params, "page": str(page.page + 1)}, page.page + 1
    named = page.next_params.get("page", "")
    return page.next_params, int(named) if named.isascii() and named.isdigit() else page.page + 1


class PagingGuard:
    """Notices pages that lead nowhere new; raises EndlessPaging."""

    def __init__(self, *, bank: str) -> None:
        self._bank = bank
        self._asked: set[frozenset[tuple[str, str]]] = set()
        self._seen: set[int] = set()
        self._repeated = 0
        self._empty = 0

    def before(self, params: dict[str, str]) -> None:
        """Refuse a query that was asked before, or one too many."""
        asked = frozenset(params.items())
        if asked in self._asked:
            raise self._endless("the next link leads back")
        if len(self._asked) >= MOST_PAGES:
            raise self._endless(f"over {MOST_PAGES} pages")
        self._asked.add(asked)

    def after(self, page: TransactionPage) -> None:
        """A page that shifted may repeat once or twice; a bank in a loop goes on."""
        self._empty = 0 if page.rows or page.rejected else self._empty + 1
        if self._empty >= MOST_EMPTY_PAGES:
            raise self._endless("empty pages with no end")
        if page.rows:
            mark = _mark(page)
            self._repeated = self._repeated + 1 if mark in self._seen else 0
            self._seen.add(mark)
        if self._repeated >= MOST_REPEATED_PAGES:
            raise self._endless("the same pages again")

    def _endless(self, why: str) -> EndlessPaging:
        return EndlessPaging(why, bank=self._bank, path="links.next")


def _mark(page: TransactionPage) -> int:
    by_content = len(page.rows) >= TELLING_ROWS
    return hash(
        tuple(
            (None if by_content else row.external_id, row.booked_at, row.amount, row.description)
            for row in page.rows
        )
    )
