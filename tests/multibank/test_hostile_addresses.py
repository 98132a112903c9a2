"""Sixty spellings of addresses not to be fetched, in the fields of all seven calls: nobody is reached."""

import logging
import socket
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from rest_framework.test import APIClient

from banking.api import multibank as views
from banking.api import partners
from banking.models import Consent
from tests.multibank.conftest import Desk, Home, ordered, presented

# {port} is where somebody listens, so that a spelling that is followed is heard.
SPELLINGS = (
    "http://127.0.0.1:{port}/",
    "http://localhost:{port}/",
    "http://LOCALHOST:{port}",
    "http://localhost.:{port}/",
    "http://127.1:{port}/",
    "http://127.0.1:{port}/",
    "http://0:{port}/",
    "http://0.0.0.0:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0x7f.0.0.1:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://017700000001:{port}/",
    "http://127.0.0.1%00.vbank.open.bankingapi.ru:{port}/",
    "http://[::1]:{port}/",
    "http://[::]:{port}/",
    "http://[0:0:0:0:0:0:0:1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/",
    "http://vbank@127.0.0.1:{port}/",
    "http://vbank:secret@127.0.0.1:{port}/",
    "http://vbank.open.bankingapi.ru@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}#@vbank",
    "http://127.0.0.1:{port}?.vbank",
    "http://127.0.0.1:{port}\\@vbank",
    "http:\\\\127.0.0.1:{port}\\",
    "//127.0.0.1:{port}/",
    "http:/127.0.0.1:{port}/",
    "http:127.0.0.1:{port}/",
    "http://①②⑦.⓪.⓪.①:{port}/",
    "http://127。0。0。1:{port}/",
    "http://127．0．0．1:{port}/",
    "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{port}/",
    "http://localtest.me:{port}/",
    "http://127.0.0.1.nip.io:{port}/",
    "http://spoofed.burpcollaborator.net/",
    "http://xn--vbnk-5na.example/",
    "http://vbаnk.open.bankingapi.ru/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/latest/meta-data/",
    "http://0xa9fea9fe/",
    "http://0251.0376.0251.0376/",
    "http://[::ffff:169.254.169.254]/",
    "http://[fd00:ec2::254]/",
    "http://metadata.google.internal/",
    "http://10.0.0.1/",
    "http://192.168.0.1/",
    "https://redirect.example/?to=http://127.0.0.1:{port}/",
    "http://127.0.0.1:{port}/\r\nHost: vbank",
    "vbank\r\nX-Forwarded-Host: 127.0.0.1:{port}",
    "vbank@127.0.0.1:{port}",
    "vbank@evil.example",
    "vbank.evil.example",
    "vbank/../../127.0.0.1:{port}",
    "../../../etc/passwd",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/_GET",
    "dict://127.0.0.1:{port}/info",
    "ldap://127.0.0.1:{port}/dc=bank",
)
CALLBACKS = ("bank_url", "callback_url", "redirect_uri", "webhook", "jwks_uri")
EXPECTED = {200, 400, 403, 404, 422}


@dataclass(frozen=True, slots=True)
class Listener:
    """Somebody on the loopback; `tried` are the places that anybody looked for in this process."""

    server: socket.socket
    tried: list[Any] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.server.getsockname()[1])

    def visits(self) -> int:
        """Who has come so far waits at the door."""
        self.server.setblocking(False)
        for visit in count():
            try:
                self.server.accept()[0].close()
            except BlockingIOError:
                return visit
        raise AssertionError("endless")


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """Names are looked up, and doors knocked at, by nobody: each attempt is noted and fails."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        listening = Listener(server)
        monkeypatch.setattr(socket.socket, "connect", _noted(listening))
        monkeypatch.setattr(socket, "getaddrinfo", _noted(listening))
        yield listening


def _noted(listening: Listener) -> Any:
    def note(*place: Any, **_options: Any) -> None:
        listening.tried.append(place)
        raise OSError("nobody is asked")

    return note


def places(consent: Consent, home: Home) -> dict[str, tuple[dict[str, Any], tuple[str, ...]]]:
    """For each call a good body, and those of its fields that name a bank, an account or a person."""
    read, named = presented(consent), ("target_bank", "consent_id", "client_id")
    row = read | {"account_id": str(home.account.pk)}
    paying = ("from_bank", "from_account", "to_bank", "to_account", "consent_id")
    return {
        "bank-token": ({"bank_code": "pbank"}, ("bank_code",)),
        "request-consent": ({"target_bank": "vbank", "client_id": "anna"}, ("target_bank", "client_id")),
        "accounts-with-consent": (read, named),
        "balances-with-consent": (read, named),
        "transactions-with-consent": (row, (*named, "account_id")),
        "interbank-transfer": (ordered(consent, home), paying),
        "bank-statistics": ({"bank_code": "pbank"}, ("bank_code",)),
    }


@pytest.mark.usefixtures("_unmeasured")
def test_no_spelling_reaches_anybody(
    desk: Desk, admin_api: APIClient, consent: Consent, home: Home, listener: Listener
) -> None:
    assert len(set(SPELLINGS)) == 60
    statuses: Counter[int] = Counter()
    for spelling in (text.format(port=listener.port) for text in SPELLINGS):
        more = dict.fromkeys(CALLBACKS, spelling) | {"description": spelling}
        for call, (body, fields) in places(consent, home).items():
            who = Desk(desk.partner, admin_api) if call == "bank-token" else desk
            for name in fields:
                answer = who.call(call, more | body | {name: spelling})
                assert answer.status_code in EXPECTED, (call, name, spelling, answer.content)
                statuses[answer.status_code] += 1
    print(f"{statuses.total()} requests, {len(SPELLINGS)} spellings, {listener.visits()} visits: {statuses}")
    assert (listener.visits(), listener.tried) == (0, [])


def test_the_listener_does_hear_who_comes(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OSError, match="nobody is asked"):
        socket.create_connection(("127.0.0.1", listener.port))
    assert (len(listener.tried), listener.visits()) == (1, 0)
    monkeypatch.undo()
    socket.create_connection(("127.0.0.1", listener.port)).close()
    assert listener.visits() == 1


@pytest.fixture
def _unmeasured(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The measure would answer 429 to most calls, and the log would repeat each refusal."""
    for module in (partners, views):
        monkeypatch.setattr(module, "slow_down", lambda *_: None)
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)
