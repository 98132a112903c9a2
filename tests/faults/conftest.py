"""The bundled banks, reached over HTTP, with a client that does not wait long."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from banking.clients.config import BankConfig
from banking.clients.schemas import BankSession, TransactionPage
from banking.clients.transport import Limits
from banking.clients.vtb import VtbClient
from banking.services import access
from sandbox.store import histories
from tests.bank_server import TEAM_SECRET, BankServer, running_banks

HASTY = Limits(
    read=0.4, total=1.5, first_pause=0.001, longest_pause=0.002, longest_wait_asked=0.01, max_bytes=500_000
)
SHORT_HISTORY = timedelta(days=200)
SHORT_PAGE = 12  # of the 45 rows of acc-86: four pages


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
    """Banks that remember half a year, read in small pages: a reading costs little."""

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


@pytest.fixture
def banks(server: BankServer, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[BankServer]:
    """The banks as the site's settings name them, well again after each test."""
    settings.BANK_TEAM_SECRET = TEAM_SECRET
    settings.BANK_BASE_URLS = {code: server.url(code) for code in ("vbank", "abank", "sbank")}
    known = access.bank_config

    def hasty(code: str) -> BankConfig:
        return replace(known(code), limits=HASTY)

    monkeypatch.setattr(access, "bank_config", hasty)
    yield server
    server.control("vbank", "reset")
