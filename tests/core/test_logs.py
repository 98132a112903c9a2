"""Logs say which request they belong to, and hold no secret."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from logging.config import DictConfigurator

import pytest
import structlog
from django.test import Client

from financehub import logs

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoxfQ.c2lnbmF0dXJl"
Written = Callable[[], list[dict[str, str]]]
FERNET = "gAAAAABmZmZmZmZmZmZmZmZmZmZmZmZm"


@pytest.fixture
def written() -> Iterator[Written]:
    """What the site's own handler would write while the test runs, line by line."""
    stream = io.StringIO()
    config = logs.logging_config(level="INFO", json=True)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(DictConfigurator(config).configure_formatter(config["formatters"]["structured"]))
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "new_password",
        "client_secret",
        "access_token",
        "Authorization",
        "Cookie",
        "api_key",
        "pan",
    ],
)
def test_values_under_telling_keys_are_blanked(key: str) -> None:
    assert logs.redact(None, "info", {key: "value"}) == {key: logs.REDACTED}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"got {JWT}", "got [redacted]"),
        (f"sealed {FERNET}", "sealed [redacted]"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer [redacted]"),
        ("POST /auth/bank-token?client_id=team075&client_secret=s3cret&x=1", None),
    ],
)
def test_values_that_look_secret_are_blanked_in_any_text(text: str, left: str | None) -> None:
    blanked = logs.redact(None, "info", {"event": text})["event"]
    assert blanked == left or left is None
    assert "s3cret" not in blanked


def test_a_secret_in_a_traceback_is_blanked(written: Written) -> None:
    try:
        int(f"the bank sent {JWT}")
    except ValueError:
        structlog.get_logger("banking").exception("bank_failed", bank="vbank")
    (line,) = written()
    assert line["bank"] == "vbank"
    assert "Traceback" in line["exception"]
    assert JWT not in line["exception"]


def test_libraries_log_through_the_same_redaction(written: Written) -> None:
    logging.getLogger("some.library").warning("token is %s", JWT)
    (line,) = written()
    assert line["event"] == "token is [redacted]"
    assert line["level"] == "warning"
    assert line["logger"] == "some.library"


def test_urls_of_bank_calls_are_not_logged(written: Written) -> None:
    logging.getLogger("urllib3.connectionpool").info("POST /auth/bank-token?client_secret=x")
    assert written() == []


def test_each_answer_carries_the_id_of_its_request() -> None:
    ids = {Client().get("/healthz").headers["X-Request-ID"] for _ in range(2)}
    assert len(ids) == 2


def test_a_request_cannot_choose_its_id() -> None:
    answer = Client().get("/healthz", headers={"X-Request-ID": "forged\nline"})
    assert "forged" not in answer.headers["X-Request-ID"]
