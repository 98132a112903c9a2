"""`/gost` where there is no engine or no gateway; with them, in tests/gost."""

import pytest
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from financehub.users.models import User
from tests.api.conftest import read
from tests.gost.stage import Answering, closed_port

CALLS = [
    ("GET", "/api/v1/gost/status"),
    ("GET", "/api/v1/gost/test-connection"),
    ("POST", "/api/v1/gost/test-connection/"),
    ("POST", "/api/v1/gost/test"),
    ("POST", "/api/v1/gost/health"),
]


@pytest.mark.parametrize(("method", "address"), CALLS)
def test_refusals_say_how_the_handshake_stands_too(api: APIClient, method: str, address: str) -> None:
    assert read(api.generic(method, address), 401) == {
        "detail": "Not authenticated",
        "handshake_status": "failed",
    }


@pytest.mark.parametrize(("method", "address"), CALLS)
def test_without_a_gateway_the_answer_is_still_one(
    anna_api: APIClient, settings: Settings, method: str, address: str
) -> None:
    settings.GOST_ENABLED = False
    settings.BANKINGAPI_TOKEN_URL = f"http://127.0.0.1:{closed_port()}"
    answer = read(anna_api.generic(method, address))
    assert answer.get("handshake_status", "failed") == "failed"
    assert answer.get("outcome", "not_configured") == "not_configured"
    assert answer.get("overall", "unhealthy") == "unhealthy"


def test_a_tunnel_works_and_is_not_called_measured(anna_api: APIClient, settings: Settings) -> None:
    with Answering() as tunnel:
        settings.GOST_ENABLED, settings.GOST_BASE_URL = True, tunnel.url
        answer = read(anna_api.get("/api/v1/gost/test-connection"))
    assert (answer["success"], answer["handshake_status"]) == (True, "pending")
    assert (answer["cipher"], answer["server_certificate"], answer["proof"]) == ("", None, [])


def test_without_a_secret_for_the_banking_api_nobody_is_asked(
    anna_api: APIClient, settings: Settings
) -> None:
    with Answering() as keycloak:
        settings.GOST_ENABLED, settings.BANKINGAPI_CLIENT_SECRET = False, ""
        settings.BANKINGAPI_BASE_URL = settings.BANKINGAPI_TOKEN_URL = keycloak.url
        answer = read(anna_api.post("/api/v1/gost/health"))
    assert (answer["auth"], answer["standard_api"], keycloak.connections) == (False, False, 0)


def test_status_follows_the_person_s_mode(anna_api: APIClient, anna: User) -> None:
    assert read(anna_api.get("/api/v1/gost/status"))["enabled"] is False
    User.objects.update(use_gost_mode=True)
    assert read(anna_api.get("/api/v1/gost/status"))["enabled"] is True


def test_nobody_makes_us_hammer_the_gateway(
    anna_api: APIClient, boris_api: APIClient, anna_client: Client, settings: Settings
) -> None:
    with Answering() as tunnel:
        settings.GOST_ENABLED, settings.GOST_BASE_URL = True, tunnel.url
        answers = [anna_api.post("/api/v1/gost/test") for _ in range(11)]
        page = anna_client.post("/gost/check/")
        fragment = anna_client.post("/gost/check/", headers={"HX-Request": "true"})
        assert tunnel.connections == 10
        assert read(boris_api.post("/api/v1/gost/test"))["success"] is True
    refused = read(answers[-1], 429)
    assert refused["handshake_status"] == "failed"
    assert answers[-1].headers["Retry-After"] == page.headers["Retry-After"]
    assert (fragment.status_code, "<html" in fragment.content.decode()) == (200, False)
    assert "Слишком много попыток" in fragment.content.decode()
    assert (page.status_code, "Слишком много попыток" in page.content.decode()) == (429, True)


def test_the_page_says_what_is_missing(
    anna_client: Client, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.GOST_ENABLED, settings.GOST_CA_FILE = True, "none.pem"
    monkeypatch.setattr("banking.clients.gost.context.CIPHER_STRING", "GOST-OF-NO-ENGINE")
    monkeypatch.setattr("banking.clients.gost.engine.CIPHER_STRING", "GOST-OF-NO-ENGINE")
    monkeypatch.setattr("banking.clients.gost.engine.engine_file", lambda: None)
    assert "apt-get install libengine-gost-openssl" in anna_client.get("/gost/").content.decode()
    assert "нет библиотеки ГОСТ" in anna_client.post("/gost/check/").content.decode()
