"""Hostile request bodies are refused with a word, never with a crash."""

from decimal import Decimal

import pytest
from rest_framework.exceptions import ParseError
from rest_framework.test import APIClient

from financehub.api import parsers

LOGIN = "/api/v1/auth/login"

HOSTILE = {
    "deep lists": b"[" * 100_000,
    "deep lists, closed": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "not a number": b'{"email": NaN, "password": "x"}',
    "infinity": b'{"email": Infinity, "password": "x"}',
    "minus infinity": b'{"email": -Infinity, "password": "x"}',
    "key twice": b'{"email": "a", "email": "b", "password": "x"}',
    "bad utf-8": b'{"email": "\xff\xfe", "password": "x"}',
    "utf-16": '{"email": "a", "password": "x"}'.encode("utf-16"),
    "cut short": b'{"email": "a"',
    "trailing text": b'{"email": "a"} and more',
    "empty text": b" ",
    "number with endless digits": b'{"email": ' + b"9" * 10_000 + b"}",
    "number with endless exponent": b'{"email": 1e999999999999999999999}',
    "single quotes": b"{'email': 'a'}",
    "form": b"email=a&password=b",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_body_is_refused(api: APIClient, body: bytes) -> None:
    answer = api.generic("POST", LOGIN, body, content_type="application/json")
    assert answer.status_code == 400
    assert isinstance(answer.json()["detail"], str)


def test_a_body_over_the_cap_is_not_read_on(api: APIClient) -> None:
    answer = api.generic("POST", LOGIN, b" " * 1_500_000, content_type="application/json")
    assert answer.status_code == 413


@pytest.mark.parametrize("text", [r"\u0000", r"\ud800"])
def test_characters_that_no_database_keeps_are_wrong_input(api: APIClient, text: str) -> None:
    body = f'{{"email": "a{text}", "password": "x"}}'
    answer = api.generic("POST", LOGIN, body, content_type="application/json")
    assert answer.status_code == 422


def test_numbers_stay_exact() -> None:
    assert parsers.decode(b'{"amount": 100000000000000000.01}') == {
        "amount": Decimal("100000000000000000.01")
    }


def test_a_byte_order_mark_is_not_content() -> None:
    assert parsers.decode(b"\xef\xbb\xbf{}") == {}


def test_reasonable_depth_is_taken() -> None:
    assert parsers.decode(b"[" * 20 + b"]" * 20)
    with pytest.raises(ParseError):
        parsers.decode(b"[" * 40 + b"]" * 40)
