"""The pages of banking are tested at one moment, with a worker that only takes notes."""

from collections.abc import Iterator

import pytest
import time_machine

from banking import tasks
from tests.factories import NOW


@pytest.fixture(autouse=True)
def at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def queued(monkeypatch) -> list[tuple[str, int]]:
    """What the pages asked the worker to do."""
    asked: list[tuple[str, int]] = []
    for name in ("open_access", "run_sync"):
        monkeypatch.setattr(tasks, name, lambda pk, name=name: asked.append((name, pk)))
    return asked
