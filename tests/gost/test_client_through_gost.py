"""The Banking API through the GOST gateway: the same client, the same answers, and never another way."""

import threading
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from banking.clients.bankingapi import BankingApiClient
from banking.clients.errors import BankUnavailable, GatewayUnavailable
from banking.clients.gost.route import GostPolicy
from banking.clients.schemas import BankSession
from banking.clients.transport import Limits, OwnTls, Transport
from sandbox.gost.authority import Authority
from tests.bank_server import ALL_PERMISSIONS, TODAY, running_banks
from tests.contract.bankingapi import config_for
from tests.gost.stage import Answering, closed_port

ONCE = Limits(connect=2.0, read=3.0, total=4.0, retries=0)


@pytest.fixture(scope="session")
def banks(tmp_path_factory):
    with running_banks(tmp_path_factory.mktemp("gost") / "sandbox.sqlite3") as server:
        yield server


@pytest.fixture
def gateway(stage, banks):
    """A GOST gateway before the bundled banks."""
    return stage.gateway(upstream=address_of(banks))


def address_of(banks):
    url = urlsplit(banks.root)
    return url.hostname, url.port


@contextmanager
def client_of(banks, gost, policy=GostPolicy.REQUIRE, **changes):
    with BankingApiClient(config_for(banks, gost=gost, policy=policy, **changes), now=lambda: TODAY) as made:
        yield made


def everything(client):
    """Consent, accounts, balances and rows of one client."""
    token = client.fetch_token()
    asked = client.request_account_consent(
        token, client_id="team075-1", permissions=ALL_PERMISSIONS, reason=""
    )
    session = BankSession(token=token, client_id="team075-1", consent_id=asked.consent_id)
    return [
        (
            account,
            client.get_balances(session, account_id=account.external_id).booked,
            [
                row.raw
                for page in client.iter_transaction_pages(session, account_id=account.external_id)
                for row in page.rows
            ],
        )
        for account in client.list_accounts(session)
    ]


def test_gost_and_ordinary_tls_read_the_same(stage, banks, gateway):
    with client_of(banks, stage.trusting(gateway), base_url=f"http://127.0.0.1:{closed_port()}") as client:
        through_gost = everything(client)
        assert (client.route.via, client.route.fell_back) == ("gost", False)
        assert client.route.check.handshake.suite.code == "C100"
    with client_of(banks, None, GostPolicy.OFF) as client:
        assert everything(client) == through_gost
        assert (client.route.via, client.route.check) == ("ordinary", None)


def test_many_calls_share_connections_and_threads(stage, banks, gateway):
    failures = []

    def read(client, session):
        try:
            for _ in range(10):
                assert client.list_accounts(session)
        except Exception as why:  # noqa: BLE001 - handed to the test
            failures.append(why)

    with client_of(banks, stage.trusting(gateway)) as client:
        session = BankSession(token=client.fetch_token(), client_id="", consent_id=None)
        threads = [threading.Thread(target=read, args=(client, session)) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert failures == []


def test_a_tunnel_carries_the_gateway_s_name(stage, banks):
    config = stage.trusting(banks.root, host_header="api.gost.example:8443", ca_file=None)
    with client_of(banks, config) as client:
        assert everything(client)
        assert (client.route.via, client.route.check.is_measured) == ("tunnel", False)


@pytest.fixture
def canary():
    with Answering() as server:
        yield server


def shut_gateways(stage, tmp_path):
    stranger = Authority(tmp_path).issue("server", common_name="Bank", alternative_names="IP:127.0.0.1")
    return {
        "unreachable": stage.trusting(f"https://127.0.0.1:{closed_port()}"),
        "untrusted_root": stage.trusting(stage.gateway(stranger)),
        "wrong_certificate": stage.trusting(stage.gateway(), cert_sha256="00" * 32),
        "timeout": stage.trusting(stage.silent(), handshake_timeout=0.2),
        "refused": stage.trusting(f"https://127.0.0.1:{stage.behind.address[1]}"),
        "not_configured": None,
    }


def test_required_gost_that_is_shut_sends_nothing_anywhere(stage, banks, canary, tmp_path):
    calls = (
        lambda client: client.fetch_token(),
        lambda client: client.list_accounts(BankSession(token=token, client_id="", consent_id=None)),
        lambda client: client.get_account_consent(token, consent_or_request_id="req-1"),
    )
    with client_of(banks, None, GostPolicy.OFF) as ordinary:
        token = ordinary.fetch_token()
    for outcome, config in shut_gateways(stage, tmp_path).items():
        watched = {"base_url": canary.url, "token_url": canary.url + "/token"}
        with client_of(banks, config, **watched) as client:
            for call in calls:
                with pytest.raises(GatewayUnavailable) as failure:
                    call(client)
                assert failure.value.reason == outcome
                assert failure.value.retryable == (outcome in {"unreachable", "timeout"})
    assert canary.connections == 0


def test_preferred_gost_that_is_shut_is_a_visible_fallback(stage, banks, tmp_path, caplog):
    for outcome, config in shut_gateways(stage, tmp_path).items():
        caplog.clear()
        with client_of(banks, config, GostPolicy.PREFER) as client:
            session = BankSession(token=client.fetch_token(), client_id="", consent_id=None)
            assert client.list_accounts(session)
            assert (client.route.via, client.route.fell_back) == ("ordinary", True)
            assert client.route.check.outcome == outcome
        fallbacks = [record for record in caplog.records if "gost fallback" in record.message]
        assert len(fallbacks) == 1


def test_preferred_gost_that_works_is_taken(stage, banks, gateway, canary):
    with client_of(banks, stage.trusting(gateway), GostPolicy.PREFER, base_url=canary.url) as client:
        assert everything(client)
        assert client.route.via == "gost"
    assert canary.connections == 0


def test_gost_that_is_off_is_not_even_tried(stage, banks, canary):
    with client_of(banks, stage.trusting(f"https://127.0.0.1:{canary.address[1]}"), GostPolicy.OFF) as client:
        assert everything(client)
    assert canary.connections == 0


def test_a_gateway_that_changes_its_certificate_midway_is_left(stage, banks, tmp_path):
    """Each connection is verified, not only the first."""
    good, bad = stage.gateway(upstream=address_of(banks)), shut_gateways(stage, tmp_path)["untrusted_root"]
    with client_of(banks, stage.trusting(good)) as client:
        token = client.fetch_token()
        tls = client.route.tls
    moved = Transport(bank="vbank", base_url=bad.base_url, tls=OwnTls(tls.context, "127.0.0.1"), limits=ONCE)
    with pytest.raises(BankUnavailable) as failure:
        moved.call("GET", "/", endpoint="accounts", token=token.access_token, repeatable=True)
    moved.close()
    assert failure.value.reason == "tls"
