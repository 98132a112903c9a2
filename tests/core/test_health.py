"""`/healthz` answers while the process serves, whatever else is broken."""

from django.test import Client
from django.test.utils import override_settings


def test_healthz_needs_no_login_and_no_database() -> None:
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-cache" in answer.headers["Cache-Control"]


def test_healthz_answers_head_and_refuses_writes() -> None:
    assert Client().head("/healthz").status_code == 200
    assert Client().post("/healthz").status_code == 405


@override_settings(SECURE_SSL_REDIRECT=True)
def test_healthz_is_not_redirected_to_https() -> None:
    assert Client().get("/healthz").status_code == 200
