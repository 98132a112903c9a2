"""What the analytics calls take and what they answer, field by field."""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from analytics.queries import HOME_CURRENCY
from banking.api import wire
from banking.models import ExchangeRate
from financehub.api.fields import AmountField, MomentField

CURRENCY = re.compile(r"[A-Za-z]{3}")
LONGEST = 365
SHORTEST_TREND = 7


class PeriodQuery(serializers.Serializer[Any]):
    """How many days up to today, in Moscow, and in which currency."""

    period_days = serializers.IntegerField(min_value=1, max_value=LONGEST, default=30)
    currency = serializers.RegexField(
        CURRENCY,
        default=HOME_CURRENCY,
        max_length=3,
        help_text="Sums are of one currency; others are never added to it.",
        error_messages={"invalid": _("Введите код валюты из трёх букв.")},
    )

    def validate_currency(self, value: str) -> str:
        return value.upper()


class TrendQuery(PeriodQuery):
    """A trend needs a week at least."""

    period_days = serializers.IntegerField(min_value=SHORTEST_TREND, max_value=LONGEST, default=30)


class FlowOutput(serializers.Serializer[Any]):
    """Money in and out in one currency."""

    currency = serializers.CharField()
    total_income = AmountField(source="income")
    total_expenses = AmountField(source="spending")
    net_balance = AmountField(source="net")


class BalanceOutput(serializers.Serializer[Any]):
    """What there is now in the currency asked for, and how much of it rests on old data."""

    amount = AmountField()
    stale_amount = AmountField(help_text="The part that rests on balances older than a day.")
    stale_since = serializers.DateField(allow_null=True, help_text="Of when the oldest of them is.")
    unread_accounts = serializers.IntegerField(
        source="unread", help_text="Accounts of any currency whose balance was never read; in no sum."
    )


class RateOutput(serializers.Serializer[Any]):
    """What a unit of a currency was worth in the base currency, from which day on, and who said so."""

    currency = serializers.CharField()
    rate = serializers.DecimalField(max_digits=20, decimal_places=10, normalize_output=True)
    date = serializers.DateField(source="day")
    source = serializers.ChoiceField(ExchangeRate.Source.choices)  # type: ignore[assignment]  # its own name


class BaseSumOutput(serializers.Serializer[Any]):
    """All currencies in one, by stated rates; no amount where the rate of one is not known."""

    currency = serializers.CharField(default=HOME_CURRENCY)
    amount = AmountField(allow_null=True)
    rates = RateOutput(many=True)
    missing = serializers.ListField(child=serializers.CharField(), help_text="Currencies without a rate.")


class SummaryOutput(serializers.Serializer[Any]):
    """Own transfers and declined rows are in no sum; refunds are taken off the expenses."""

    total_income = AmountField(source="flow.income")
    total_expenses = AmountField(source="flow.spending")
    net_balance = AmountField(source="flow.net")
    currency = serializers.CharField(source="flow.currency")
    period_days = serializers.IntegerField()
    transaction_count = serializers.IntegerField(help_text="Of all currencies, own transfers included.")
    transfer_count = serializers.IntegerField()
    start_date = MomentField(source="start")
    end_date = MomentField(source="end")
    by_currency = FlowOutput(many=True)
    balance = BalanceOutput()
    balance_in_base = BaseSumOutput()


class CategorySumOutput(serializers.Serializer[Any]):
    """What one category took, refunds taken off."""

    category = serializers.CharField(source="category.name")
    category_id = serializers.IntegerField(source="category.pk")
    parent_id = serializers.IntegerField(source="category.parent_id", allow_null=True)
    icon = serializers.CharField(source="category.icon")
    color = serializers.SerializerMethodField()
    total = AmountField()
    amount = AmountField(source="total", help_text="The same as `total`.")
    count = serializers.IntegerField()

    def get_color(self, row: Any) -> str:
        return wire.color(row.category)


class DaySumOutput(serializers.Serializer[Any]):
    """One day, in Moscow; days without operations are absent."""

    date = serializers.DateField()
    expenses = AmountField()
    income = AmountField()
    net = AmountField()
