"""Replays a recorded case of a bank through the client."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
import responses

from banking.clients.config import BankConfig
from banking.clients.schemas import BankSession, BankToken
from banking.clients.transport import Limits
from banking.clients.vtb import VtbClient

SAMPLES = Path(__file__).parent / "samples"
BASE_URL = "http://127.0.0.1:8001/bank"
RECORDED_AT = datetime(2026, 2, 17, 12, 0, tzinfo=UTC)
QUICK = Limits(retries=0)


@dataclass(frozen=True)
class Case:
    """One recorded request and its answer."""

    file: str
    name: str
    request: dict[str, Any]
    response: dict[str, Any]

    @property
    def key(self) -> str:
        return f"{self.file}:{self.name}"

    @property
    def call(self) -> str:
        return f"{self.request['method']} {self.request['path']}"

    @property
    def headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.request.get("headers", {}).items()}

    @property
    def query(self) -> dict[str, str]:
        return {name: str(value) for name, value in self.request.get("query", {}).items()}


def all_cases() -> Iterator[Case]:
    for file in sorted(SAMPLES.glob("*.json")):
        for case in json.loads(file.read_text())["cases"]:
            yield Case(file.stem, case["case"], case["request"], case["response"])


def case(key: str) -> Case:
    return next(found for found in all_cases() if found.key == key)


def replay(found: Case, ask: Callable[[VtbClient, Case], Any]) -> tuple[Any, list[requests.PreparedRequest]]:
    """What the client makes of the recorded answer, and the requests that it sent."""
    config = BankConfig(
        code="vbank", base_url=BASE_URL, team_id="team042", team_secret="<client_secret>", limits=QUICK
    )
    with (
        responses.RequestsMock(assert_all_requests_are_fired=False) as bank,
        VtbClient(config, now=lambda: RECORDED_AT) as client,
    ):
        for method in ("GET", "POST", "DELETE"):
            bank.add(method, re.compile(re.escape(BASE_URL)), **_answer(found))
        made = ask(client, found)
        return made, [call.request for call in bank.calls]


def _answer(found: Case) -> dict[str, Any]:
    sent = found.response
    body = sent["body"]
    if body is not None and not isinstance(body, str):
        body = json.dumps(body, ensure_ascii=False).replace("<access_token>", "header.claims.signature")
    return {
        "status": sent["status"],
        "body": (body or "").encode(),
        "content_type": (sent.get("headers") or {}).get("content-type"),
    }


def token() -> BankToken:
    return BankToken("application-token", RECORDED_AT)


def session(found: Case) -> BankSession:
    return BankSession(
        token=token(),
        client_id=found.query.get("client_id", "team042-1"),
        consent_id=found.headers.get("x-consent-id"),
    )
