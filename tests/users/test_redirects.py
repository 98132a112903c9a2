"""After a login nobody lands on somebody else's site."""

import pytest
from django.test import Client

from financehub.users.models import User
from tests.conftest import PASSWORD

FOREIGN = [
    "https://evil.example",
    "http://evil.example/settings",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    " https://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "http:\\\\evil.example",
    "HTTPS://EVIL.EXAMPLE",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "ftp://evil.example",
    "https://testserver@evil.example",
    "https://testserver.evil.example",
    "//testserver\\@evil.example",
    "//evil.example/%2e%2e",
    "http://[::1]@evil.example",
    "evil.example",
    "//[evil.example",
    "\x00//evil.example",
    "https://evil.example#@testserver",
    "",
]


@pytest.mark.django_db
@pytest.mark.parametrize("target", FOREIGN)
def test_foreign_target_is_forgotten(client: Client, anna: User, settings, target: str) -> None:
    settings.LOGIN_REDIRECT_URL = "/settings"
    answer = client.post("/login", {"login": "anna", "password": PASSWORD, "next": target})
    assert answer.headers["Location"] == "/settings"
    assert client.get("/login", {"next": target}).headers["Location"] == "/settings"
    assert client.post("/appearance", {"theme": "dark", "next": target}).headers["Location"] == "/"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "target", ["/", "/settings", "/transactions?q=%D1%85%D0%BB%D0%B5%D0%B1&page=2", "/a#b"]
)
def test_own_path_is_followed(client: Client, anna: User, target: str) -> None:
    answer = client.post("/login", {"login": "anna", "password": PASSWORD, "next": target})
    assert answer.headers["Location"] == target


@pytest.mark.django_db
def test_target_survives_a_wrong_password(client: Client, anna: User) -> None:
    page = client.post("/login?next=/settings", {"login": "anna", "password": "wrong"})
    assert '<input type="hidden" name="next" value="/settings">' in page.content.decode()
