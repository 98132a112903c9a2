"""A bank's bytes: exact numbers, nothing that a database would choke on, one kind of failure."""

import json
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banking.clients.strict_json import MAX_DEPTH, NotStrictJson, decode

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{'a': 1}",
        b'{"a": 1} x',
        b"NaN",
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 1}}',
        b'"\xff"',
        b'"\x00"',
        '"привет"'.encode("cp1251"),
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000,
        b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
        b"01",
        b"0x10",
    ],
)
def test_what_is_not_strict_json_is_refused(body):
    with pytest.raises(NotStrictJson):
        decode(body)


def test_sensible_nesting_is_taken():
    assert decode(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"0.1", Decimal("0.1")),
        (b"100000000000000000.01", Decimal("100000000000000000.01")),
        (b"1e400", Decimal("1e400")),
        (b"15000.50", Decimal("15000.50")),
        (b"7", 7),
        (b"1e9999999999999999999", "1e9999999999999999999"),
        (b"9" * 40, "9" * 40),
        (b"9" * 10_000, "9" * 10_000),
    ],
)
def test_numbers_are_exact_or_stay_text(body, value):
    assert decode(body) == value
    assert type(decode(body)) is type(value)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (rb'"a\u0000b"', "a\ufffdb"),
        (rb'"a\ud83db"', "a\ufffdb"),
        (rb'"\ud83d\ude00"', "😀"),
        (rb'{"k\u0000": ["\udfff", 1, null]}', {"k\ufffd": ["\ufffd", 1, None]}),
    ],
)
def test_what_no_database_stores_is_replaced(body, value):
    assert decode(body) == value


def test_a_byte_order_mark_is_skipped():
    assert decode(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


@given(DOCUMENTS, st.booleans())
def test_a_document_survives(document, ascii_only):
    assert decode(json.dumps(document, ensure_ascii=ascii_only).encode()) == document


@given(st.binary(max_size=200))
def test_any_bytes_are_a_document_or_refused(body):
    with suppress(NotStrictJson):
        decode(body)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12))
def test_every_amount_survives_to_the_kopeck(amount):
    assert str(decode(f'{{"amount": {amount:f}}}'.encode())["amount"]) == f"{amount:f}"
