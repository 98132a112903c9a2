"""A person's connection over real GOST TLS: what is measured, kept, shown, and told when it fails."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from banking import actions
from banking.clients.errors import GatewayUnavailable
from banking.models import BankConnection
from banking.queries import connections as queries
from banking.queries.health import Cause
from banking.services.connecting import SyncFailed
from sandbox.gost.authority import Authority
from tests.bank_server import TEAM_SECRET, running_banks
from tests.contract.bankingapi import REALM_PATH
from tests.gost.stage import Answering, closed_port

LOCAL = {"common_name": "Bank", "alternative_names": "IP:127.0.0.1"}
SUITE = "TLS_GOSTR341112_256_WITH_KUZNYECHIK_CTR_OMAC"
TEST = "/api/v1/gost/test-connection"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("connections")
    with running_banks(folder / "sandbox.sqlite3", fixed_now=None) as banks:
        yield banks


@pytest.fixture
def gost_site(stage, server, settings):
    """The site as `make demo` sets it up: the bundled banks, and a GOST gateway before them."""
    address = urlsplit(server.root)
    settings.BANK_BASE_URLS = {code: server.url(code) for code in settings.BANK_BASE_URLS}
    settings.BANK_TEAM_SECRET = TEAM_SECRET
    settings.BANKINGAPI_BASE_URL = f"{server.root}/{{bank}}"
    settings.BANKINGAPI_TOKEN_URL = server.root + REALM_PATH
    settings.BANKINGAPI_CLIENT_HEADER, settings.BANKINGAPI_CONSENT_HEADER = "X-Mdm-Id", "X-Consent-Id"
    settings.GOST_ENABLED = True
    settings.GOST_CA_FILE = str(stage.authority.certificate)
    settings.GOST_HANDSHAKE_TIMEOUT = 0.5
    gateway = stage.gateway(upstream=(address.hostname, address.port))
    settings.GOST_BASE_URL = f"{gateway}/{{bank}}"
    return settings


@pytest.fixture
def gost_anna(anna):
    anna.use_gost_mode = True
    anna.save()
    return anna


def connect(user):
    return actions.connect_bank_now(user=user, bank_code="vbank", client_number="1", now=timezone.now())


def html(client, address):
    return client.get(address).content.decode()


def shut_gateways(stage, tmp_path):
    """Gateways that must not be spoken to, by what is wrong with them."""
    long_ago, soon = datetime.now(UTC) - timedelta(days=40), datetime.now(UTC) + timedelta(days=1)
    month = timedelta(days=30)
    issue = stage.authority.issue
    return {
        "unreachable": f"https://127.0.0.1:{closed_port()}",
        "timeout": stage.silent(),
        "refused": f"https://127.0.0.1:{stage.behind.address[1]}",
        "untrusted_root": stage.gateway(Authority(tmp_path).issue("stranger", **LOCAL)),
        "name_mismatch": stage.gateway(issue("elsewhere", **LOCAL | {"alternative_names": "DNS:x.example"})),
        "expired": stage.gateway(issue("old", **LOCAL, starts_at=long_ago, ends_at=long_ago + month)),
        "not_yet_valid": stage.gateway(issue("young", **LOCAL, starts_at=soon, ends_at=soon + month)),
    }


def test_a_bank_read_through_gost_bears_the_proof(gost_site, gost_anna, anna_client):
    connection = connect(gost_anna)
    kept = connection.gost_handshake
    account = connection.accounts.first()

    assert (connection.status, kept.via, kept.is_verified) == ("active", "gost", True)
    assert (kept.protocol, kept.suite, kept.suite_code) == ("TLSv1.2", SUITE, "C100")
    assert (kept.subject, kept.issuer) == ("O=FinanceHub,CN=Bank", "CN=FinanceHub Test GOST CA")
    assert kept.verified_at == kept.measured_at < timezone.now() < kept.valid_until
    for address in ("/overview/", "/accounts/", f"/accounts/{account.pk}/", f"/connections/{connection.pk}/"):
        assert "ГОСТ</" in html(anna_client, address), address
    proof = html(anna_client, "/gost/")
    assert all(fact in proof for fact in (SUITE, "0xC100", kept.subject, kept.issuer, kept.fingerprint))


def test_a_gateway_lost_takes_the_badge_and_leaves_the_history(gost_site, gost_anna, anna_client):
    connection = connect(gost_anna)
    verified_at = connection.gost_handshake.verified_at
    gost_site.GOST_BASE_URL = f"https://127.0.0.1:{closed_port()}"

    with pytest.raises(SyncFailed):
        actions.sync_now(connection=connection, trigger="person", now=timezone.now())

    connection.refresh_from_db()
    kept = connection.gost_handshake
    assert (kept.outcome, kept.is_verified, kept.verified_at) == ("unreachable", False, verified_at)
    assert "ГОСТ</" not in html(anna_client, "/accounts/")
    assert "Последнее проверенное рукопожатие" in html(anna_client, "/gost/")


def test_every_way_of_being_shut_is_named_and_nothing_is_sent(
    gost_site, gost_anna, anna_api, stage, tmp_path
):
    with Answering() as everywhere:
        gost_site.BANKINGAPI_BASE_URL = gost_site.BANKINGAPI_TOKEN_URL = everywhere.url
        gost_site.BANK_BASE_URLS = dict.fromkeys(gost_site.BANK_BASE_URLS, everywhere.url)
        for outcome, address in shut_gateways(stage, tmp_path).items():
            gost_site.GOST_BASE_URL = address
            with pytest.raises(GatewayUnavailable):
                connect(gost_anna)
            connection = BankConnection.objects.get()
            told = queries.connection_overview(user=gost_anna, pk=connection.pk, now=timezone.now()).health
            assert (connection.last_error_code, told.cause) == (f"gost_{outcome}", Cause.CHANNEL)
            answer = anna_api.get(TEST).json()
            assert (answer["success"], answer["handshake_status"]) == (False, "failed")
            assert (answer["outcome"], answer["server_certificate"]) == (outcome, None)
            assert told.text.startswith(answer["message"])
            connection.delete()
        assert everywhere.connections == 0


def test_the_api_measures_what_the_contract_asks_for(gost_site, anna_api):
    for method, address in (("GET", TEST), ("POST", f"{TEST}/"), ("POST", "/api/v1/gost/test")):
        answer = anna_api.generic(method, address).json()
        assert (answer["success"], answer["handshake_status"], answer["cipher"]) == (True, "success", SUITE)
        assert 0 < answer["time"] < 10
        assert answer["server_certificate"]["valid_to"] > answer["timestamp"]
        assert answer["proof"][0] == f"TLSv1.2, {SUITE} (0xC100)"
    status = anna_api.get("/api/v1/gost/status").json()
    assert (status["configured"], status["handshake_status"], status["mode"]) == (True, "success", "gost")
    health = anna_api.post("/api/v1/gost/health").json()
    assert (health["auth"], health["standard_api"], health["gost_tls"]) == (True, True, True)
    assert health["overall"] == "healthy"


def test_a_person_may_look_now_and_sees_what_came_of_it(gost_site, anna_client):
    measured = anna_client.post("/gost/check/").content.decode()
    assert "за шлюзом отвечает HTTP" in measured
    assert SUITE in measured
    gost_site.GOST_CA_FILE = "there-is-no-such-file.pem"
    failed = anna_client.post("/gost/check/").content.decode()
    assert "ГОСТ-шлюз настроен с ошибкой" in failed


def test_check_banks_measures_each_gateway(gost_site, db, capsys):
    call_command("check_banks")
    assert "vbank: reachable ok, token ok, consent -, gost http_reached" in capsys.readouterr().out
    gost_site.GOST_BASE_URL = f"https://127.0.0.1:{closed_port()}"
    with pytest.raises(CommandError, match="3 of 3 banks do not work"):
        call_command("check_banks", verbosity=0)
    assert "gost unreachable" in capsys.readouterr().out
