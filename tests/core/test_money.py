"""An amount never loses its currency, nor a digit."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from financehub.money import CurrencyMismatch, Money, minor_units, quantize, total_by_currency

amounts = st.decimals(
    min_value=Decimal("-1e12"), max_value=Decimal("1e12"), places=4, allow_nan=False, allow_infinity=False
)
moneys = st.builds(Money, amount=amounts, currency=st.sampled_from(["RUB", "USD", "JPY"]))


def test_money_of_two_currencies_is_not_added() -> None:
    with pytest.raises(CurrencyMismatch, match="RUB and USD"):
        Money(Decimal(1), "RUB") + Money(Decimal(1), "USD")
    with pytest.raises(CurrencyMismatch):
        Money(Decimal(1), "RUB") - Money(Decimal(1), "USD")


@given(first=amounts, second=amounts)
def test_what_is_added_and_taken_away_leaves_what_was(first: Decimal, second: Decimal) -> None:
    one, other = Money(first, "RUB"), Money(second, "RUB")
    assert one + other - other == one
    assert one + -one == Money(Decimal(0), "RUB")


@given(st.lists(moneys))
def test_total_by_currency_adds_each_currency_by_itself(moneys: list[Money]) -> None:
    totals = total_by_currency(moneys)
    assert set(totals) == {money.currency for money in moneys}
    for currency, total in totals.items():
        assert total == sum(money.amount for money in moneys if money.currency == currency)


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("2.345", "RUB", "2.34"),
        ("2.355", "RUB", "2.36"),
        ("-2.345", "RUB", "-2.34"),
        ("2.5", "JPY", "2"),
        ("3.5", "JPY", "4"),
        ("1.23450", "KWD", "1.234"),
    ],
)
def test_quantize_rounds_half_to_even_at_the_minor_unit(amount: str, currency: str, rounded: str) -> None:
    result = quantize(Decimal(amount), currency)
    assert str(result) == rounded
    assert -result.as_tuple().exponent == minor_units(currency)
