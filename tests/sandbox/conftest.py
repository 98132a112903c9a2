"""The banks as a Flask application, and as a server with real sockets."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sandbox.app import create_app
from tests.bank_server import (
    ALL_PERMISSIONS,
    TEAM_ID,
    TEAM_SECRET,
    BankServer,
    running_banks,
    settings_for_tests,
)


@pytest.fixture(scope="session")
def banks_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return create_app(settings_for_tests(tmp_path_factory.mktemp("banks") / "sandbox.sqlite3"))


@pytest.fixture
def banks(banks_app: Flask) -> FlaskClient:
    return banks_app.test_client()


@pytest.fixture(scope="session")
def bank_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BankServer]:
    database: Path = tmp_path_factory.mktemp("bank_server") / "sandbox.sqlite3"
    with running_banks(database) as server:
        yield server


class Caller:
    """The team as an application of one bank."""

    def __init__(self, banks: FlaskClient, bank: str) -> None:
        self.banks = banks
        self.bank = bank
        query = {"client_id": TEAM_ID, "client_secret": TEAM_SECRET}
        token = banks.post(f"/{bank}/auth/bank-token", query_string=query).json["access_token"]
        self.headers = {"Authorization": f"Bearer {token}", "X-Requesting-Bank": TEAM_ID}

    def ask(self, client_id: str = "team075-1", permissions=ALL_PERMISSIONS):
        body = {
            "client_id": client_id,
            "permissions": list(permissions),
            "requesting_bank_name": "FinanceHub",
        }
        return self.post("/account-consents/request", json=body)

    def consent(self, client_id: str = "team075-1", permissions=ALL_PERMISSIONS) -> "Caller":
        self.headers["X-Consent-Id"] = self.ask(client_id, permissions).json["consent_id"]
        return self

    def get(self, path: str, **more):
        return self.banks.get(f"/{self.bank}{path}", headers=self.headers, **more)

    def post(self, path: str, **more):
        return self.banks.post(f"/{self.bank}{path}", headers=self.headers, **more)

    def delete(self, path: str, **more):
        return self.banks.delete(f"/{self.bank}{path}", headers=self.headers, **more)

    def rows(self, account_id: str) -> list[dict]:
        found, page = [], 1
        while True:
            answer = self.get(f"/accounts/{account_id}/transactions?page={page}&limit=100").json
            found += answer["data"]["transaction"]
            if "next" not in answer["links"]:
                return found
            page += 1


@pytest.fixture
def team(banks: FlaskClient) -> Caller:
    return Caller(banks, "vbank")
