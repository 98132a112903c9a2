"""`/export/transactions`: the filtered rows as a file."""

from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.views import APIView

from banking.api import filters
from banking.api.serializers import TransactionFilterQuery
from banking.presenters import exports
from banking.queries import accounts
from financehub import sheets
from financehub.api import inputs
from financehub.paper import PDF_TYPE
from financehub.periods import local_date
from financehub.users.identity import signed_in

USUAL_DAYS = 30
FILE = OpenApiResponse(OpenApiTypes.BINARY, description="The file, as an attachment.")
TYPES = (sheets.CSV_TYPE.partition(";")[0], sheets.XLSX_TYPE, sheets.ODS_TYPE, PDF_TYPE)


class TransactionExportView(APIView):
    """The rows of a period as CSV, XLSX, ODS or PDF; without dates the last 30 days."""

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """The address says what is wanted; no `Accept` of a client speaks against it."""
        return super().perform_content_negotiation(request, force=True)

    @extend_schema(
        tags=["transactions"],
        parameters=[
            TransactionFilterQuery,
            OpenApiParameter("file_format", str, "path", enum=sorted(exports.FORMATS)),
        ],
        responses={(200, kind): FILE.response for kind in TYPES}
        | {
            400: OpenApiResponse(description="More than 5,000 rows for a PDF"),
            404: OpenApiResponse(description="Unknown format"),
        },
    )
    def get(self, request: Request, file_format: str) -> HttpResponseBase:
        if file_format not in exports.FORMATS:
            raise exceptions.NotFound("Unknown format")
        user = signed_in(request)
        query = _with_period(inputs.query(request, TransactionFilterQuery))
        known = {account.pk: account for account in accounts.accounts_of(user=user, closed=True)}
        rows = filters.rows_of(user=user, query=query).newest_first()
        return exports.download(rows, known, kind=file_format, name=_name(query))


def _with_period(query: dict[str, Any]) -> dict[str, Any]:
    """Without either date the last 30 days, without one of them up to today or from the other on."""
    if "from_date" in query or "to_date" in query:
        return query
    today = local_date(timezone.now())
    return query | {"from_date": today - timedelta(days=USUAL_DAYS), "to_date": today}


def _name(query: dict[str, Any]) -> str:
    today = local_date(timezone.now())
    end: date | datetime = query.get("to_date", today)
    start: date | datetime = query.get("from_date", end)
    return f"transactions_{_day(start):%Y%m%d}_{_day(end):%Y%m%d}"


def _day(border: date | datetime) -> date:
    return local_date(border) if isinstance(border, datetime) else border
