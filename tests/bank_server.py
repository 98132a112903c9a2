"""Runs the bundled banks on a free loopback port inside a test process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
from werkzeug.serving import WSGIRequestHandler, make_server

from sandbox.app import create_app
from sandbox.settings import SandboxSettings

TODAY = datetime(2026, 10, 15, 12, tzinfo=UTC)
TEAM_ID = "team075"
TEAM_SECRET = "test-team-secret"
ALL_PERMISSIONS = ("ReadAccountsDetail", "ReadBalances", "ReadTransactionsDetail", "ReadCards")


@dataclass(frozen=True, slots=True)
class BankServer:
    """A running server: `url("vbank")` is a bank's base URL, `control` calls its back door."""

    root: str
    settings: SandboxSettings

    def url(self, bank: str) -> str:
        """Return the base URL of a bank."""
        return f"{self.root}/{bank}"

    def call(self, method: str, path: str, **request: Any) -> requests.Response:
        """Send a request past all proxies of the environment."""
        with requests.Session() as session:
            session.trust_env = False
            return session.request(method, self.root + path, timeout=30, allow_redirects=False, **request)

    def control(self, bank: str, path: str, body: Any = None, method: str = "POST") -> Any:
        """Call a control endpoint and return its JSON answer."""
        response = self.call(method, f"/{bank}/_control/{path}", json=body)
        response.raise_for_status()
        return response.json()

    def token(self, bank: str) -> str:
        """Get the team's token."""
        query = {"client_id": self.settings.team_id, "client_secret": self.settings.team_secret}
        return self.call("POST", f"/{bank}/auth/bank-token", params=query).json()["access_token"]

    def granted(self, bank: str, client_id: str = "team075-1") -> dict[str, str]:
        """Ask for a consent, sign it where the bank is manual, and return the headers of data calls."""
        headers = {"Authorization": f"Bearer {self.token(bank)}", "X-Requesting-Bank": self.settings.team_id}
        body = {
            "client_id": client_id,
            "permissions": list(ALL_PERMISSIONS),
            "requesting_bank": self.settings.team_id,
            "requesting_bank_name": "FinanceHub",
        }
        asked = self.call("POST", f"/{bank}/account-consents/request", json=body, headers=headers).json()
        consent_id = asked.get("consent_id")
        if consent_id is None:
            consent_id = self.control(bank, f"requests/{asked['request_id']}/approve")["consent_id"]
        return headers | {"X-Consent-Id": consent_id}


class _QuietHandler(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Keep test output clean."""

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:
        """Do not wait for another request on a socket that a planned fault has closed."""
        self.close_connection = True


def settings_for_tests(database: Path, **changes: Any) -> SandboxSettings:
    """Return settings with a fixed day, control calls and a team secret of the tests."""
    settings = SandboxSettings(
        database=database, team_id=TEAM_ID, team_secret=TEAM_SECRET, fixed_now=TODAY, control=True
    )
    return replace(settings, **changes)


@contextmanager
def running_banks(database: Path, **changes: Any) -> Iterator[BankServer]:
    """Serve the banks until the block ends; `changes` go to the settings."""
    settings = settings_for_tests(database, **changes)
    app = create_app(settings)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_QuietHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield BankServer(root=f"http://127.0.0.1:{server.server_port}", settings=settings)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
