"""What the forecast takes and what it answers, field by field."""

from typing import Any

from rest_framework import serializers

from analytics.forecast.outlook import HORIZONS
from financehub.api.fields import AmountField

LONGEST_NAME, MOST_NAMES = 64, 200


class LengthQuery(serializers.Serializer[Any]):
    """How far the forecast looks."""

    days = serializers.ChoiceField(choices=HORIZONS, default=HORIZONS[0])


class ForecastQuery(LengthQuery):
    """And what it leaves out: names of assumptions, as the answer lists them."""

    off = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_NAME), max_length=MOST_NAMES, default=list
    )


class PointOutput(serializers.Serializer[Any]):
    """What there will be when a day ends, four times of five between low and high."""

    date = serializers.DateField(source="day")
    amount = AmountField()
    low = AmountField()
    high = AmountField()


class AssumptionOutput(serializers.Serializer[Any]):
    """What an assumption comes to over all the days."""

    name = serializers.CharField(source="key", help_text="To be named in `off`; else a category's slug.")
    total = AmountField()
    is_on = serializers.BooleanField()


class ExpectedOutput(serializers.Serializer[Any]):
    """A recurring payment (below zero) or income of the days ahead."""

    date = serializers.DateField(source="day")
    amount = AmountField()
    low = AmountField()
    high = AmountField()
    name = serializers.CharField()
    series_id = serializers.IntegerField(allow_null=True)
    is_confirmed = serializers.BooleanField()


class LeftOutput(serializers.Serializer[Any]):
    """What may still be spent this month: income less recurring payments less other spending."""

    income_received = AmountField(source="received")
    income_expected = AmountField(source="expected")
    recurring_paid = AmountField(source="paid")
    recurring_ahead = AmountField(source="ahead")
    spent = AmountField()
    left = AmountField()
    days = serializers.IntegerField(help_text="To the end of the month, today included.")
    a_day = AmountField()


class ForecastOutput(serializers.Serializer[Any]):
    """The balance of the days ahead; no points while days of history are missing."""

    days = serializers.IntegerField()
    currency = serializers.CharField()
    missing_days = serializers.IntegerField()
    history_days = serializers.IntegerField()
    points = PointOutput(many=True)
    lowest = PointOutput(allow_null=True, help_text="Before the next pay-day.")
    payday = serializers.DateField(allow_null=True)
    assumptions = AssumptionOutput(many=True, source="parts")
    expected = ExpectedOutput(many=True, source="items")
    day_cap = AmountField(source="cap", help_text="A day that took more counts as this.")
    left_to_spend = LeftOutput(allow_null=True)


class CheckOutput(serializers.Serializer[Any]):
    """A stored forecast beside what came."""

    made_on = serializers.DateField(source="record.made_on")
    target_on = serializers.DateField(source="record.target_on")
    amount = AmountField(source="record.amount")
    low = AmountField(source="record.low")
    high = AmountField(source="record.high")
    actual = AmountField()
    error = AmountField()
    is_inside = serializers.BooleanField()


class TrackRecordOutput(serializers.Serializer[Any]):
    """How often forecasts of a length were right."""

    days = serializers.IntegerField()
    inside = serializers.IntegerField()
    total = serializers.IntegerField()
    next_on = serializers.DateField(allow_null=True, help_text="The day of the next one to be checked.")
    checks = CheckOutput(many=True)
