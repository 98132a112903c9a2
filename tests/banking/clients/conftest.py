"""Clients under test, and banks for them to call."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from banking.clients.config import BankConfig
from banking.clients.transport import Limits, Transport
from banking.clients.vtb import VtbClient
from tests.banking.clients.loopback import Behaviour, Loopback

SECRET = "canary-team-secret-7f3e"
QUICK = Limits(connect=1.0, read=1.0, total=2.0, max_bytes=200_000, first_pause=0.01, longest_pause=0.02)


@pytest.fixture
def serve() -> Iterator[Callable[..., Loopback]]:
    """Start a bank with the given behaviours; it ends with the test."""
    with ExitStack() as stack:

        def start(*behaviours: Behaviour) -> Loopback:
            return stack.enter_context(Loopback(list(behaviours)))

        yield start


@pytest.fixture
def pauses() -> list[float]:
    """The pauses that `transport_to` transports took, instead of sleeping."""
    return []


@pytest.fixture
def transport_to(pauses: list[float]) -> Iterator[Callable[..., Transport]]:
    with ExitStack() as stack:

        def make(bank: Loopback | str, *, limits: Limits = QUICK, **options: object) -> Transport:
            url = bank if isinstance(bank, str) else bank.url
            options = {"sleep": pauses.append, "jitter": lambda: 1.0, **options}
            transport = Transport(bank="vbank", base_url=url, secrets=(SECRET,), limits=limits, **options)
            stack.callback(transport.close)
            return transport

        yield make


@pytest.fixture
def client_to() -> Iterator[Callable[..., VtbClient]]:
    with ExitStack() as stack:

        def make(bank: Loopback, **options: object) -> VtbClient:
            config = BankConfig(
                code="vbank", base_url=bank.url, team_id="team042", team_secret=SECRET, limits=QUICK
            )
            return stack.enter_context(VtbClient(config, **options))

        yield make
