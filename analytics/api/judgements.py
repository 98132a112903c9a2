"""`/analytics`: the score of a person's finances, and what stands out in them."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analytics import health, insights
from financehub.api.fields import AmountField, MomentField
from financehub.periods import local_date
from financehub.users.identity import signed_in


class HealthDetails(serializers.Serializer[Any]):
    """What the score is made of."""

    savings_rate = AmountField(help_text="Per cent of the income of 90 days that was not spent.")
    expense_stability = AmountField(help_text="100 less the spread of three 30-day sums, in per cent.")
    months_of_runway = AmountField(help_text="How many average months the present balance pays for.")


class PartOutput(serializers.Serializer[Any]):
    """The points of one figure."""

    points = serializers.IntegerField()
    most = serializers.IntegerField()


class HealthPartsOutput(serializers.Serializer[Any]):
    """What the score is the sum of."""

    savings_rate = PartOutput(source="saved")
    expense_stability = PartOutput(source="steady")
    months_of_runway = PartOutput(source="runway")


class FinancialHealthOutput(serializers.Serializer[Any]):
    """The score, 0 to 100, and its grade."""

    score = serializers.IntegerField()
    grade = serializers.CharField()
    message = serializers.CharField()
    details = HealthDetails(source="*")
    parts = HealthPartsOutput(source="*")


class HealthAnswer(serializers.Serializer[Any]):
    """The score and its moment."""

    health = FinancialHealthOutput()
    calculated_at = MomentField()


class InsightOutput(serializers.Serializer[Any]):
    """One sentence with its figure."""

    type = serializers.CharField(source="tone")
    title = serializers.CharField()
    message = serializers.CharField()
    icon = serializers.CharField()
    value = AmountField()
    formula = serializers.CharField(help_text="How it was found.")
    rows_url = serializers.CharField(source="url", help_text="The page with what is behind it.")


class InsightsAnswer(serializers.Serializer[Any]):
    """Every sentence that can be said."""

    insights = InsightOutput(many=True)
    count = serializers.IntegerField()
    generated_at = MomentField()


class HealthView(APIView):
    """A score from three figures of the last 90 days, which stand beside it."""

    @extend_schema(tags=["analytics"], responses=HealthAnswer)
    def get(self, request: Request) -> Response:
        now = timezone.now()
        found = health.health(user=signed_in(request), now=now, today=local_date(now))
        return Response(HealthAnswer({"health": found, "calculated_at": now}).data)


class InsightsView(APIView):
    """What stands out, at most five sentences, the most urgent first."""

    @extend_schema(tags=["analytics"], responses=InsightsAnswer)
    def get(self, request: Request) -> Response:
        now = timezone.now()
        found = insights.insights(user=signed_in(request), today=local_date(now))
        answer = {"insights": found, "count": len(found), "generated_at": now}
        return Response(InsightsAnswer(answer).data)
