"""The bundled banks, reached over HTTP, with a client that does not wait long."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from banking.clients.config import BankConfig
from banking.clients.transport import Limits
from banking.services import access
from tests.bank_server import TEAM_SECRET, BankServer, running_banks

HASTY = Limits(
    read=0.4, total=1.5, first_pause=0.001, longest_pause=0.002, longest_wait_asked=0.01, max_bytes=500_000
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BankServer]:
    """The three banks."""
    folder: Path = tmp_path_factory.mktemp("banks")
    with running_banks(folder / "banks.sqlite3", control=True) as running:
        yield running


@pytest.fixture
def banks(server: BankServer, settings: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[BankServer]:
    """The banks as the site's settings name them, well again after each test."""
    settings.BANK_TEAM_SECRET = TEAM_SECRET
    settings.BANK_BASE_URLS = {code: server.url(code) for code in ("vbank", "abank", "sbank")}
    known = access.bank_config

    def hasty(code: str) -> BankConfig:
        return replace(known(code), limits=HASTY)

    monkeypatch.setattr(access, "bank_config", hasty)
    yield server
    server.control("vbank", "reset")
