"""No secret and nothing personal leaves the clients sideways: logs, exceptions, reprs."""

import logging
import traceback
from datetime import UTC, datetime

import pytest

from banking.clients.config import BankConfig
from banking.clients.errors import BankError, CredentialsRefused, Refused
from banking.clients.schemas import BankSession, BankToken
from tests.banking.clients.conftest import SECRET
from tests.banking.clients.loopback import hang, raw, reply, reset

BEARER = "canary-bearer-9b1c"
TOKEN = BankToken(BEARER, datetime(2030, 1, 1, tzinfo=UTC))
ECHO = {
    "detail": [
        {
            "type": "missing",
            "loc": ["query", "client_secret"],
            "msg": f"not {SECRET}, {BEARER}",
            "input": {"client_secret": SECRET, "token": BEARER},
        }
    ]
}
BEHAVIOURS = [
    pytest.param(reset, id="reset"),
    pytest.param(hang, id="hang"),
    pytest.param(raw(b"HTTP/1.1 200 OK\r\nno header at all\r\n\r\n"), id="bad headers"),
    pytest.param(reply(b"Internal Server Error", status=500, kind="text/plain"), id="500"),
    pytest.param(reply(f"<p>{SECRET} {BEARER}".encode(), kind="text/html"), id="html"),
    pytest.param(reply(f'{{"{SECRET}{BEARER}'.encode()), id="no json"),
    pytest.param(reply({"access_token": [BEARER, SECRET], "data": {SECRET: BEARER}}), id="wrong form"),
    pytest.param(reply(ECHO, status=422), id="422 that repeats"),
    pytest.param(reply({"detail": f"{SECRET} {BEARER}"}, status=400), id="400 that repeats"),
    pytest.param(reply({"detail": {"error": SECRET, "message": BEARER}}, status=403), id="403 that repeats"),
    pytest.param(reply({"detail": "Invalid client_secret"}, status=401), id="401"),
    pytest.param(reply({}, status=302, headers={"Location": f"/x?client_secret={SECRET}"}), id="302"),
    pytest.param(reply({}, status=429, headers={"Retry-After": "600"}), id="429"),
]


@pytest.fixture
def debug_log(caplog):
    """Everything that anybody says, the HTTP library's own lines included."""
    for name in ("", "urllib3", "banking"):
        caplog.set_level(logging.DEBUG, name)
    return caplog


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
@pytest.mark.parametrize(
    "call",
    [
        pytest.param((lambda client: client.fetch_token(), [SECRET]), id="token"),
        pytest.param((lambda client: client.list_products(TOKEN), [SECRET, BEARER]), id="products"),
    ],
)
def test_no_failure_tells_a_secret(serve, client_to, debug_log, behaviour, call):
    ask, sent = call
    with pytest.raises(BankError) as caught:
        ask(client_to(serve(behaviour)))
    error = caught.value
    told = [str(error), repr(error), str(vars(error)), debug_log.text]
    told += traceback.format_exception(error, chain=True)
    told += [str(record.__dict__) for record in debug_log.records]
    for text in told:
        assert not [secret for secret in sent if secret in text]
    assert error.__context__ is None
    assert error.__cause__ is None


def test_a_success_tells_no_secret_either(serve, client_to, debug_log):
    bank = serve(reply({"access_token": BEARER, "expires_in": 60}))
    token = client_to(bank).fetch_token()
    assert bank.requests[0].query["client_secret"] == SECRET
    assert "client_secret=***" in debug_log.text
    assert SECRET not in debug_log.text
    assert BEARER not in debug_log.text + repr(token)


def test_reprs_hide_secrets_and_people():
    config = BankConfig(code="vbank", base_url="http://127.0.0.1:1", team_id="team042", team_secret=SECRET)
    session = BankSession(token=TOKEN, client_id="team042-1", consent_id="consent-1")
    assert SECRET not in repr(config)
    assert BEARER not in repr(session)


def test_a_refusals_sentence_stays_out_of_its_text(serve, client_to):
    bank = serve(reply({"detail": "Client team042-77 not found"}, status=404))
    with pytest.raises(Refused) as caught:
        client_to(bank).list_products(TOKEN)
    assert caught.value.told == "Client team042-77 not found"
    assert "team042-77" not in str(caught.value)


def test_wrong_credentials_have_their_own_name(serve, client_to):
    bank = serve(reply({"detail": "Invalid client_secret"}, status=401))
    with pytest.raises(CredentialsRefused):
        client_to(bank).fetch_token()
    assert len(bank.requests) == 1
