"""The pages of one account, read until the reading is whole."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from banking.clients import errors
from banking.clients.schemas import TransactionPage
from banking.models import BankConnection
from banking.services.access import BankAccess
from banking.sync import pull
from tests.banking.sync.bank import NOON, Bank, sent


@pytest.fixture
def access(bank: Bank, connection: BankConnection) -> BankAccess:
    """The way to a bank with eight rows, an hour apart, on three pages."""
    bank.rows = [sent(f"tx-{hours}", "-1", at=NOON - timedelta(hours=hours)) for hours in range(8)]
    return BankAccess(connection, now=NOON)


def _read(access: BankAccess, *, hours: int | None = None) -> list[TransactionPage]:
    since = None if hours is None else NOON - timedelta(hours=hours)
    return list(pull.read_pages(access, account_id="acc-1", since=since))


def _ids(pages: list[TransactionPage]) -> list[str | None]:
    return [row.external_id for page in pages for row in page.rows]


def test_all_pages_come_and_the_first_is_looked_at_again(bank: Bank, access: BankAccess) -> None:
    assert _ids(_read(access)) == [f"tx-{hours}" for hours in range(8)]
    assert (bank.calls["page acc-1 1"], bank.calls["page acc-1 2"], bank.calls["page acc-1 3"]) == (2, 1, 1)


def test_one_page_cannot_shift(bank: Bank, access: BankAccess) -> None:
    bank.page_size = 8
    _read(access)
    assert bank.calls["page acc-1 1"] == 1


@pytest.mark.parametrize(("hours", "pages"), [(0, 1), (1, 1), (2, 2), (4, 2), (5, 3), (99, 3)])
def test_reading_ends_behind_the_window(bank: Bank, access: BankAccess, hours: int, pages: int) -> None:
    assert len(_read(access, hours=hours)) == pages


@pytest.mark.parametrize("counts_rows", [True, False])
@pytest.mark.parametrize(
    "move",
    [
        lambda bank: bank.rows.append(sent("new", "-1", at=NOON + timedelta(minutes=1))),
        lambda bank: bank.rows.pop(0),
        lambda bank: bank.change("tx-0", status="pending"),
    ],
)
def test_rows_that_move_underneath_are_noticed(
    bank: Bank, access: BankAccess, move: Callable[[Bank], None], counts_rows: bool
) -> None:
    bank.counts_rows = counts_rows
    bank.before = lambda call: move(bank) if call == "page acc-1 2" else None
    with pytest.raises(pull.ShiftingPages):
        _read(access)


def test_a_row_that_moves_behind_the_first_page_is_noticed_by_the_count(
    bank: Bank, access: BankAccess
) -> None:
    bank.before = lambda call: bank.rows.pop(4) if call == "page acc-1 3" else None
    with pytest.raises(pull.ShiftingPages):
        _read(access)


def test_a_token_that_dies_on_the_way_is_renewed_where_it_died(bank: Bank, access: BankAccess) -> None:
    dies_at = iter(["page acc-1 2", "page acc-1 3", ""])
    waiting = [next(dies_at)]

    def die(call: str) -> None:
        if call == waiting[0]:
            waiting[0] = next(dies_at)
            raise errors.AuthenticationFailed(bank="vbank")

    bank.before = die
    assert _ids(_read(access)) == [f"tx-{hours}" for hours in range(8)]
    assert bank.calls["token"] == 3


def test_a_token_that_never_helps_is_renewed_once(bank: Bank, access: BankAccess) -> None:
    def refuse(call: str) -> None:
        if call.startswith("page"):
            raise errors.AuthenticationFailed(bank="vbank")

    bank.before = refuse
    with pytest.raises(errors.AuthenticationFailed):
        _read(access)
    assert (bank.calls["token"], bank.calls["page acc-1 1"]) == (2, 2)


def test_pages_without_end_and_tokens_without_life_come_to_an_end(
    bank: Bank, access: BankAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one_more(_session: object, *, account_id: str, start_page: int) -> Iterator[TransactionPage]:
        yield TransactionPage(
            page=start_page,
            rows=(sent(f"tx-{start_page}", "-1"),),
            rejected=(),
            total_pages=None,
            total_records=None,
            next_params={"page": "next"},
            is_last=False,
        )
        raise errors.AuthenticationFailed(bank="vbank")

    monkeypatch.setattr(bank, "iter_transaction_pages", one_more)
    monkeypatch.setattr(pull, "MOST_PAGES", 50)
    with pytest.raises(errors.EndlessPaging):
        _read(access)
    assert bank.calls["token"] == 51
