"""`/analytics`: the reports of the pages as JSON, and spending by category as a file."""

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analytics import balances, queries, reports
from analytics.api.report_serializers import (
    ChangeOutput,
    MerchantOutput,
    MonthOutput,
    ReportQuery,
    WeekdayOutput,
    WorthOutput,
)
from analytics.api.serializers import PeriodQuery
from analytics.spans import Span
from banking.queries import categories, months, spending
from banking.queries.transaction_filter import TransactionFilter
from financehub import csv_files
from financehub.api import inputs
from financehub.periods import MOSCOW, Period, last_days, local_date
from financehub.users.identity import signed_in


class _ReportView(APIView):
    """A report of the days, accounts and categories that the query names."""

    def asked(self, request: Request) -> dict[str, Any]:
        """Whose rows, which of them and in which currency, as every report takes it."""
        query = inputs.query(request, ReportQuery)
        user = signed_in(request)
        wanted = TransactionFilter(
            period=query["period"],
            accounts=frozenset(_named(query, "account_id")),
            banks=frozenset(_named(query, "bank_code")),
            categories=categories.ids_under(user=user, ids=_named(query, "category_id")),
        )
        return {"user": user, "wanted": wanted, "currency": query["currency"]}


def _named(query: dict[str, Any], name: str) -> list[Any]:
    """The value of a field of the query, or none; an empty one means nothing."""
    return [query[name]] if query.get(name) else []


class MonthsView(_ReportView):
    """Income against expenses, month by month; quiet months too."""

    @extend_schema(tags=["analytics"], parameters=[ReportQuery], responses=MonthOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(MonthOutput(months.by_month(**self.asked(request)), many=True).data)


class WeekdaysView(_ReportView):
    """Expenses by weekday, Monday first: their sum, how many such days are known, and the mean."""

    @extend_schema(tags=["analytics"], parameters=[ReportQuery], responses=WeekdayOutput(many=True))
    def get(self, request: Request) -> Response:
        asked, today = self.asked(request), timezone.localdate(timezone=MOSCOW)
        wanted = asked["wanted"]
        start = reports.history_start(user=asked["user"], wanted=wanted)
        known = reports.known_part(wanted.period, start, today=today)
        nothing = Period(wanted.period.start, wanted.period.start)
        asked["wanted"] = replace(wanted, period=known or nothing)
        return Response(WeekdayOutput(reports.weekdays(**asked), many=True).data)


class MerchantsView(_ReportView):
    """Expenses by shop, the largest first; an empty name is for rows that name none."""

    @extend_schema(tags=["analytics"], parameters=[ReportQuery], responses=MerchantOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(MerchantOutput(reports.merchants(**self.asked(request)), many=True).data)


class ChangesView(_ReportView):
    """By how much each top-level category differs from the period before, the largest difference first."""

    @extend_schema(tags=["analytics"], parameters=[ReportQuery], responses=ChangeOutput(many=True))
    def get(self, request: Request) -> Response:
        asked = self.asked(request)
        before = Span.of(asked["wanted"].period).before
        earlier = asked | {"wanted": replace(asked["wanted"], period=before)}
        found = reports.changes(spending.spending(**asked), spending.spending(**earlier))
        return Response(ChangeOutput(found, many=True).data)


class WorthView(_ReportView):
    """Assets, debts and their sum at the ends of months; null where a balance is not known."""

    @extend_schema(tags=["analytics"], parameters=[ReportQuery], responses=WorthOutput(many=True))
    def get(self, request: Request) -> Response:
        asked, today = self.asked(request), timezone.localdate(timezone=MOSCOW)
        found = balances.accounts_in(user=asked["user"], wanted=asked["wanted"])
        accounts = [account for account in found if account.currency == asked["currency"]]
        touched = months.months_of(asked["wanted"].period)
        known = [month for month in touched if accounts and month <= today]
        days = balances.month_ends(known, today=today)
        return Response(WorthOutput(balances.worth(accounts, days=days, today=today), many=True).data)


class CategoriesFileView(APIView):
    """The expenses of the last days by category as CSV."""

    @extend_schema(
        tags=["analytics"],
        parameters=[PeriodQuery],
        responses={(200, "text/csv"): OpenApiResponse(OpenApiTypes.STR)},
    )
    def get(self, request: Request) -> HttpResponse:
        query, now = inputs.query(request, PeriodQuery), timezone.now()
        found = queries.by_category(user=signed_in(request), now=now, **query)
        period = last_days(local_date(now), query["period_days"])
        text = csv_files.csv_text(
            [_("Категория"), f"{_('Сумма')} ({query['currency']})", _("Количество транзакций")],
            [(row.category.name, row.total, row.count) for row in found],
        )
        name = f"analytics_{period.start:%Y%m%d}_{local_date(now):%Y%m%d}.csv"
        return HttpResponse(
            text,
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
