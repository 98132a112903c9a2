"""`/analytics/forecast`: the days ahead as the page has them, and how earlier forecasts fared."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analytics import forecasting, track_record
from analytics.api.forecast_serializers import (
    ForecastOutput,
    ForecastQuery,
    LengthQuery,
    TrackRecordOutput,
)
from analytics.forecast.outlook import Outlook
from analytics.queries import HOME_CURRENCY
from financehub.api import inputs
from financehub.periods import MOSCOW
from financehub.users.identity import signed_in


class ForecastView(APIView):
    """The balance of ruble accounts day by day, its band, and every assumption behind it."""

    @extend_schema(tags=["analytics"], parameters=[ForecastQuery], responses=ForecastOutput)
    def get(self, request: Request) -> Response:
        query, today = inputs.query(request, ForecastQuery), timezone.localdate(timezone=MOSCOW)
        known = forecasting.known(user=signed_in(request), today=today)
        found = known.outlook(**query) if known else Outlook(query["days"])
        answer = {
            **{name: getattr(found, name) for name in Outlook.__dataclass_fields__},
            "currency": HOME_CURRENCY,
            "lowest": found.lowest if found.points else None,
            "left_to_spend": known.left if known else None,
        }
        return Response(ForecastOutput(answer).data)


class TrackRecordView(APIView):
    """The stored forecasts of a length whose day is over, the latest first."""

    @extend_schema(tags=["analytics"], parameters=[LengthQuery], responses=TrackRecordOutput)
    def get(self, request: Request) -> Response:
        query, today = inputs.query(request, LengthQuery), timezone.localdate(timezone=MOSCOW)
        found = track_record.track_record(user=signed_in(request), today=today, **query)
        answer = {
            "checks": found.checks,
            "inside": found.inside,
            "total": found.total,
            "next_on": found.next_on,
        }
        return Response(TrackRecordOutput(answer | query).data)
