"""A running demo and a chromium that complains: about errors, about blocked content, about bad access."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, sync_playwright

from tests.journeys.person import Person
from tests.site_server import Site, running_site

CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",  # CI runs as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NewPerson = Callable[..., Person]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The whole demo, once for all journeys."""
    now = datetime.now(UTC).isoformat()  # the banks' clock stands still, so that their figures do too
    with running_site(tmp_path_factory.mktemp("site"), SANDBOX_TODAY=now) as site:
        yield site


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET])
        yield browser
        browser.close()


@pytest.fixture
def new_person(chromium: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[NewPerson]:
    """Make people with a browser each that knows nothing; a page that complains fails the test at its end."""
    people: list[Person] = []

    def make(**options: Any) -> Person:
        still = {"reduced_motion": "reduce"}  # axe would measure colours that are just fading in
        context = chromium.new_context(base_url=site.url, locale="ru-RU", **still | options)
        context.set_default_timeout(15_000)
        person = Person(context.new_page(), site, complaints=[])
        _listen(person)
        people.append(person)
        return person

    yield make
    for number, person in enumerate(people):
        person.page.screenshot(path=_pictures(request) / f"{_file_name(request)}-{number}.png")
        person.page.context.close()
    assert [complaint for person in people for complaint in person.complaints] == []


@pytest.fixture
def person(new_person: NewPerson) -> Person:
    """Somebody who has just registered."""
    person = new_person()
    person.registers()
    return person


def _listen(person: Person) -> None:
    """Chromium says on the console what failed to load, what threw, and what the CSP blocked."""

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            person.complaints.append(f"{message.type}: {message.text} ({message.location['url']})")

    person.page.on("console", hear)
    person.page.on("pageerror", lambda error: person.complaints.append(f"thrown: {error}"))


def _pictures(request: pytest.FixtureRequest) -> Path:
    """Where the last look of each page is kept, for whoever must find out what went wrong."""
    return Path(request.config.cache.mkdir("journeys"))


def _file_name(request: pytest.FixtureRequest) -> str:
    return re.sub(r"\W+", "-", request.node.name)
