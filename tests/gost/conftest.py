"""Real GOST handshakes need OPENSSL_CONF before Python starts; this decides where the tests run.

Able already (`.ci/run` sets the variable): here, each counted. Engine installed, variable not set: all of
them in one child process. Engine missing: skipped with the reason, or failed with FINANCEHUB_REQUIRE_GOST=1.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from banking.clients.gost.engine import EngineStatus, engine_status
from banking.clients.gost.handshake import Outcome
from sandbox.gost.authority import Authority, Identity
from tests.gost.stage import Answering, Stage, without_engine

HERE = Path(__file__).parent
NEEDS_ENGINE = {"test_handshakes", "test_gateway", "test_client_through_gost", "test_connections"}
IN_CHILD = "test_in_child_process"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    status = engine_status()
    elsewhere = _left_to_others(status)
    gone = [item for item in items if item.path.parent == HERE and item.path.stem in elsewhere]
    if gone:
        config.hook.pytest_deselected(items=gone)
        items[:] = [item for item in items if item not in gone]


def _left_to_others(status: EngineStatus) -> set[str]:
    if status.usable:
        return {IN_CHILD}
    # Set but of no effect: a child would inherit nothing better, so the tests fail or skip here.
    return NEEDS_ENGINE if status.obstacle == "conf_not_set" else {IN_CHILD}


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.path.parent != HERE or item.path.stem not in NEEDS_ENGINE:
        return
    status = engine_status()
    if not status.usable:
        without_engine(f"no GOST in this process ({status.obstacle}): {status.advice}")


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def good(authority: Authority) -> Identity:
    return authority.issue("good", common_name="Bank", alternative_names="DNS:localhost,IP:127.0.0.1")


@pytest.fixture(scope="session")
def behind() -> Iterator[Answering]:
    """The plain server behind gateways: says 404 to everything."""
    with Answering() as server:
        yield server


@pytest.fixture
def stage(authority: Authority, good: Identity, behind: Answering) -> Iterator[Stage]:
    with Stage(authority=authority, good=good, behind=behind) as made:
        yield made


_cases: list[tuple[str, Outcome]] = []


@pytest.fixture
def count_case(request: pytest.FixtureRequest):
    """Remember a handshake case, so that the run can say how many it made."""
    return lambda outcome: _cases.append((request.node.name, outcome))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _cases:
        terminalreporter.section("GOST handshakes made")
        for name, outcome in _cases:
            terminalreporter.line(f"{name}: {outcome}")
        terminalreporter.line(f"{len(_cases)} cases")
