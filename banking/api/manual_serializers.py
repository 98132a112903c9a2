"""What the API takes for accounts that are kept by hand and for their rows."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers

from banking.forms import FIRST_DAY
from banking.manual import CURRENCIES, LARGEST_AMOUNT
from banking.manual_forms import LONGEST_DESCRIPTION
from banking.models import Account
from financehub.api.fields import AnyCaseChoiceField, IdField
from financehub.periods import local_date


class SignedAmountField(serializers.DecimalField):
    """An amount whose sign says the way: money out is negative."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            max_digits=14,
            decimal_places=2,
            min_value=-LARGEST_AMOUNT + Decimal("0.01"),
            max_value=LARGEST_AMOUNT - Decimal("0.01"),
            **options,
        )


class PastDayField(serializers.DateField):
    """A day that has come, and that an account may know of."""

    def to_internal_value(self, value: Any) -> date:
        day = super().to_internal_value(value)
        if not FIRST_DAY <= day <= local_date(timezone.now()):
            raise serializers.ValidationError(_("Такой даты в выписке быть не может."))
        return day


class AccountInput(serializers.Serializer[Any]):
    """An account that is kept by hand; the balance is of the beginning of that day."""

    name = serializers.CharField(max_length=100)
    kind = AnyCaseChoiceField(Account.Kind.values, default=Account.Kind.CASH.value)
    currency = serializers.ChoiceField(CURRENCIES, default=CURRENCIES[0])
    opening_balance = SignedAmountField(default=Decimal(0))
    opening_on = PastDayField(default=lambda: local_date(timezone.now()))


class RowChange(serializers.Serializer[Any]):
    """A transaction as its owner writes it; without a category the usual order decides."""

    amount = SignedAmountField(help_text="Signed: money out is negative.")
    date = PastDayField()
    description = serializers.CharField(max_length=LONGEST_DESCRIPTION)
    merchant = serializers.CharField(max_length=200, required=False, allow_blank=True, allow_null=True)
    mcc = serializers.RegexField(r"^[0-9]{4}$", required=False, allow_null=True)
    category_id = IdField(required=False, allow_null=True)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, allow_null=True)

    def validate_amount(self, amount: Decimal) -> Decimal:
        if not amount:
            raise serializers.ValidationError(_("Сумма не может быть нулём."))
        return amount


class RowInput(RowChange):
    """The same, and the account that it is written to."""

    account_id = IdField()
