"""Amounts on the wire are exact JSON numbers."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from financehub.api.fields import AmountField
from financehub.api.renderers import MARK, ExactJSONRenderer


def written(value: object) -> str:
    return ExactJSONRenderer().render(value).decode()


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0.3", "0.3"),
        ("1250.00", "1250.00"),
        ("-0.01", "-0.01"),
        ("100000000000000000.01", "100000000000000000.01"),
        ("1E+3", "1000"),
        ("0", "0"),
    ],
)
def test_a_decimal_is_written_digit_for_digit(amount: str, text: str) -> None:
    assert written({"amount": Decimal(amount)}) == f'{{"amount":{text}}}'


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2))
def test_every_amount_survives_the_wire(amount: Decimal) -> None:
    assert json.loads(written([amount]), parse_float=Decimal) == [amount]


@given(st.text())
def test_no_text_is_taken_for_a_number(text: str) -> None:
    assert json.loads(written({text: text})) == {text: text}


def test_text_that_looks_like_a_number_keeps_its_quotes() -> None:
    assert written(["12.50", Decimal("12.50")]) == '["12.50",12.50]'


def test_no_mark_is_left() -> None:
    assert MARK not in written([Decimal("1.5"), Decimal(10) ** 30])


@pytest.mark.parametrize("amount", ["NaN", "Infinity"])
def test_what_json_cannot_say_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="infinity"):
        written([Decimal(amount)])


@pytest.mark.parametrize(
    ("stored", "sent"), [("0.1250", "0.12"), ("0.1350", "0.14"), ("7", "7.00"), ("-1.005", "-1.00")]
)
def test_an_amount_has_two_decimals(stored: str, sent: str) -> None:
    assert str(AmountField().to_representation(Decimal(stored))) == sent
