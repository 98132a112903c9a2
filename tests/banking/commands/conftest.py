"""The commands meet the bundled banks on their fixed day."""

from collections.abc import Iterator

import pytest
import time_machine
from pytest_django import Settings

from tests.bank_server import TEAM_SECRET, TODAY, BankServer, running_banks


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BankServer]:
    with running_banks(tmp_path_factory.mktemp("banks") / "sandbox.sqlite3") as server:
        yield server


@pytest.fixture
def banks(server: BankServer, settings: Settings) -> Iterator[BankServer]:
    """The bundled banks, on the day that they think it is."""
    settings.BANK_BASE_URLS = {code: server.url(code) for code in ("vbank", "abank", "sbank")}
    settings.BANK_TEAM_SECRET = TEAM_SECRET
    with time_machine.travel(TODAY, tick=True):
        yield server
