"""Money columns hold every digit, and add up exactly on every database."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Sum
from hypothesis import given
from hypothesis import strategies as st

from banking.models import Account
from financehub.fields import MoneyField, from_units, to_units
from tests.factories import AccountFactory

LARGEST = Decimal("922337203685477.5807")  # what 64 bits of ten-thousandths hold
amounts = st.decimals(min_value=-LARGEST, max_value=LARGEST, places=4, allow_nan=False, allow_infinity=False)


@given(amounts)
def test_an_amount_comes_back_with_every_digit(amount: Decimal) -> None:
    assert from_units(to_units(amount)) == amount


@pytest.mark.parametrize("amount", ["0.00001", "1.23456", "-0.00009"])
def test_more_digits_than_fit_are_refused_rather_than_rounded(amount: str) -> None:
    with pytest.raises(ValueError, match="more than four decimal digits"):
        to_units(Decimal(amount))


@pytest.mark.parametrize("rubbish", ["сто", "", "1,5", "1e", object()])
def test_what_is_no_number_is_refused(rubbish: object) -> None:
    with pytest.raises(ValidationError):
        MoneyField().to_python(rubbish)


def test_a_form_asks_for_a_decimal() -> None:
    assert MoneyField(null=True, blank=True).formfield().clean("12.34") == Decimal("12.34")


@pytest.mark.django_db
def test_a_long_sum_is_exact() -> None:
    account = AccountFactory()
    ids = [
        AccountFactory(connection=account.connection, balance_booked=Decimal("0.10")).pk for _ in range(30)
    ]
    summed = Account.objects.filter(pk__in=ids).aggregate(sum=Sum("balance_booked"))
    assert summed == {"sum": Decimal("3.00")}


@pytest.mark.django_db
def test_an_absent_amount_stays_absent_and_decimals_compare() -> None:
    nothing = AccountFactory(balance_available=None)
    little = AccountFactory(balance_available=Decimal("-0.01"))
    much = AccountFactory(balance_available=LARGEST)
    nothing.refresh_from_db()
    much.refresh_from_db()
    assert nothing.balance_available is None
    assert much.balance_available == LARGEST
    assert list(Account.objects.filter(balance_available__lt=Decimal(0))) == [little]
