"""The bundled banks, reached over HTTP, with a client that does not wait long."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from banking.clients.schemas import BankSession, TransactionPage
from banking.clients.transport import Limits
from banking.clients.vtb import VtbClient
from banking.services import access
from financehub.users.models import User
from sandbox.store import histories
from tests.bank_server import TEAM_SECRET, BankServer, running_banks
from tests.banking.payments.household import Household, household_of

HASTY = Limits(
    read=0.4,
    total=1.5,
    retries=1,
    first_pause=0.001,
    longest_pause=0.002,
    longest_wait_asked=0.01,
    max_bytes=500_000,
)
HASTIEST = replace(HASTY, read=0.12, total=0.25)  # for banks that are known to stall
Waits = Callable[[Limits], None]
SHORT_HISTORY = timedelta(days=45)
SHORT_PAGE = 15  # of the rows of acc-11: four pages


class ClientWithShortPages(VtbClient):
    """Asks for so few rows at a time that a short history has a middle page."""

    def iter_transaction_pages(
        self, session: BankSession, *, account_id: str, start_page: int = 1, limit: int = SHORT_PAGE
    ) -> Iterator[TransactionPage]:
        return super().iter_transaction_pages(
            session, account_id=account_id, start_page=start_page, limit=limit
        )


@pytest.fixture(scope="module")
def short_histories() -> Iterator[None]:
    """Banks that remember six weeks, read in small pages: a reading costs little."""

    def start(today: date) -> date:
        return today - SHORT_HISTORY

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(histories, "history_start", start)
        patch.setattr(access, "client_for", ClientWithShortPages)
        yield


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BankServer]:
    """The three banks."""
    folder: Path = tmp_path_factory.mktemp("banks")
    with running_banks(folder / "banks.sqlite3", control=True) as running:
        yield running


@pytest.fixture(scope="module")
def paying_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BankServer]:
    """The three banks once more, in whose calendar it is today: transfers go by the clock."""
    folder: Path = tmp_path_factory.mktemp("paying-banks")
    with running_banks(folder / "banks.sqlite3", fixed_now=None, control=True) as running:
        yield running


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> Waits:
    """Change how long the client waits from now on."""
    known = access.bank_config

    def change(limits: Limits) -> None:
        monkeypatch.setattr(access, "bank_config", lambda code: replace(known(code), limits=limits))

    return change


@pytest.fixture
def banks(server: BankServer, settings: Any, waits: Waits) -> Iterator[BankServer]:
    """The banks as the site's settings name them, well again after each test."""
    _are_reached(server, settings)
    waits(HASTY)
    yield server
    server.control("vbank", "reset")


@pytest.fixture
def household(paying_server: BankServer, settings: Any, waits: Waits, anna: User) -> Household:
    """Anna with money at two of the banks that pay."""
    _are_reached(paying_server, settings)
    waits(HASTY)
    return household_of(anna, paying_server)


def _are_reached(server: BankServer, settings: Any) -> None:
    settings.BANK_TEAM_SECRET = TEAM_SECRET
    settings.BANK_BASE_URLS = {code: server.url(code) for code in ("vbank", "abank", "sbank")}
