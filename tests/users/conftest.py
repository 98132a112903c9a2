"""People are tested alone: what other apps do when a team client registers is their own tests' matter."""

from collections.abc import Iterator

import pytest

from financehub.users.signals import team_client_registered


@pytest.fixture(autouse=True)
def nobody_listens() -> Iterator[None]:
    """Take the listeners off for the test."""
    listeners, team_client_registered.receivers = team_client_registered.receivers, []
    team_client_registered.sender_receivers_cache.clear()
    yield
    team_client_registered.receivers = listeners
    team_client_registered.sender_receivers_cache.clear()
