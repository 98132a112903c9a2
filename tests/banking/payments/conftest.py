"""Anna with accounts at two bundled banks, whose bookings are counted past our code."""

from collections.abc import Callable, Iterator

import pytest

from banking.clients.config import BankConfig
from banking.clients.transport import Limits
from banking.models import Transfer
from banking.services import access
from financehub.users.models import User
from tests.bank_server import TEAM_ID, TEAM_SECRET, BankServer, running_banks
from tests.banking.payments import household as households
from tests.banking.payments.household import CLIENT, Household

IMPATIENT = Limits(connect=1.0, read=1.0, total=2.0, first_pause=0.01, longest_pause=0.02)
USUAL = {"dialect": "hosted", "auto_approve_payments": True, "settlement": "instant", "row_style": "modern"}


@pytest.fixture(scope="session")
def bank_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BankServer]:
    folder = tmp_path_factory.mktemp("payments")
    with running_banks(folder / "sandbox.sqlite3", fixed_now=None) as server:
        server.call("GET", f"/vbank/_control/accounts?client_id={CLIENT}")  # writes the history
        yield server


@pytest.fixture
def banks(bank_server: BankServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[BankServer]:
    """The banks as everybody reaches them in this test; what was switched is switched back."""
    monkeypatch.setattr(
        access,
        "bank_config",
        lambda code: BankConfig(
            code=code,
            base_url=bank_server.url(code),
            team_id=TEAM_ID,
            team_secret=TEAM_SECRET,
            limits=IMPATIENT,
        ),
    )
    yield bank_server
    for bank in ("vbank", "abank"):
        bank_server.control(bank, "faults", method="DELETE")
        bank_server.control(bank, "switches", USUAL)


@pytest.fixture
def household(anna: User, banks: BankServer) -> Household:
    return households.household_of(anna, banks)


@pytest.fixture
def drive() -> Callable[..., Transfer]:
    return households.drive
