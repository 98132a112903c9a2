"""The bundled banks on a socket, and clients that know them by address only."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from banking.clients.config import BankConfig
from banking.clients.schemas import BankSession, BankToken
from banking.clients.transport import Limits
from banking.clients.vtb import VtbClient
from tests.bank_server import ALL_PERMISSIONS, TEAM_SECRET, TODAY, BankServer, running_banks

PATIENT = Limits(first_pause=0.01, longest_pause=0.02)
IMPATIENT = Limits(read=1.0, total=2.0, first_pause=0.01, longest_pause=0.02)


@pytest.fixture(scope="session")
def banks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BankServer]:
    with running_banks(tmp_path_factory.mktemp("contract") / "sandbox.sqlite3") as server:
        yield server


@pytest.fixture(params=["hosted", "published"])
def dialect(request: pytest.FixtureRequest, banks: BankServer) -> Iterator[str]:
    """All banks speak this dialect for the length of a test."""
    for bank in ("vbank", "abank", "sbank"):
        banks.control(bank, "switches", {"dialect": request.param})
    yield request.param
    banks.control("vbank", "reset")


@pytest.fixture
def client_of(banks: BankServer) -> Iterator[Callable[[str], VtbClient]]:
    """A client of a bank; faults planned in the test end with it."""
    with ExitStack() as stack:

        def make(bank: str = "vbank", limits: Limits = PATIENT, secret: str = TEAM_SECRET) -> VtbClient:
            config = BankConfig(
                code=bank,
                base_url=banks.url(bank),
                team_id=banks.settings.team_id,
                team_secret=secret,
                limits=limits,
            )
            stack.callback(banks.control, bank, "faults", method="DELETE")
            return stack.enter_context(VtbClient(config, now=lambda: TODAY))

        yield make


def open_session(client: VtbClient, *, client_id: str = "team075-1") -> BankSession:
    """Ask an automatic bank for everything."""
    token = client.fetch_token()
    consent = ask(client, token, client_id=client_id)
    return BankSession(token=token, client_id=client_id, consent_id=consent.consent_id)


def ask(client: VtbClient, token: BankToken, *, client_id: str = "team075-1"):
    return client.request_account_consent(
        token, client_id=client_id, permissions=ALL_PERMISSIONS, reason="Агрегация счетов"
    )
