"""Kernel: money columns that add up exactly on every database."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

SCALE = 10_000  # ISO 4217 knows no currency with more than four minor digits


def to_units(amount: Decimal) -> int:
    """Whole ten-thousandths of an amount; more digits than that raise ValueError."""
    units = amount * SCALE
    whole = int(units)
    if whole != units:
        raise ValueError(f"{amount} has more than four decimal digits")
    return whole


def from_units(units: int | Decimal) -> Decimal:
    """The amount behind whole ten-thousandths."""
    return Decimal(units) / SCALE


class MoneyField(models.Field):
    """A Decimal in Python, whole ten-thousandths of the currency in the database.

    SQLite keeps a DecimalField as a binary float, so that long sums drift; integers do not.
    The currency stands in a column beside it.
    """

    description = "Exact amount of money"

    def get_internal_type(self) -> str:
        return "BigIntegerField"

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        try:
            return Decimal(str(value))
        except ArithmeticError as error:
            raise ValidationError(_("Введите сумму числом.")) from error

    def get_prep_value(self, value: Any) -> int | None:
        value = super().get_prep_value(value)
        return None if value is None else to_units(Decimal(value))

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Decimal | None:
        return None if value is None else from_units(value)

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        return super().formfield(**{"form_class": forms.DecimalField, **kwargs})
