"""`/analytics`: what came in, where it went, and on which day."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analytics import queries
from analytics.api.serializers import (
    CategorySumOutput,
    DaySumOutput,
    PeriodQuery,
    SummaryOutput,
    TrendQuery,
)
from financehub.api import inputs
from financehub.users.identity import signed_in


class SummaryView(APIView):
    """Income and expenses of the last days."""

    @extend_schema(tags=["analytics"], parameters=[PeriodQuery], responses=SummaryOutput)
    def get(self, request: Request) -> Response:
        query = inputs.query(request, PeriodQuery)
        found = queries.summary(user=signed_in(request), now=timezone.now(), **query)
        return Response(SummaryOutput(found).data)


class ByCategoryView(APIView):
    """The expenses of the last days by category, the largest first."""

    @extend_schema(tags=["analytics"], parameters=[PeriodQuery], responses=CategorySumOutput(many=True))
    def get(self, request: Request) -> Response:
        query = inputs.query(request, PeriodQuery)
        found = queries.by_category(user=signed_in(request), now=timezone.now(), **query)
        return Response(CategorySumOutput(found, many=True).data)


class TrendsView(APIView):
    """The last days one by one."""

    @extend_schema(tags=["analytics"], parameters=[TrendQuery], responses=DaySumOutput(many=True))
    def get(self, request: Request) -> Response:
        query = inputs.query(request, TrendQuery)
        found = queries.trends(user=signed_in(request), now=timezone.now(), **query)
        return Response(DaySumOutput(found, many=True).data)
