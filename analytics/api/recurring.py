"""`/analytics/recurring`: what comes again and again, what is due of it, what the person decides of it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analytics.models import RecurringSeries, SeriesChange
from analytics.models.recurring_series import LONGEST_NAME
from analytics.recurring import actions, queries
from analytics.recurring.cadence import Cadence
from analytics.recurring.queries import Judged
from analytics.recurring.standing import State
from banking.models import Category
from financehub.api import inputs
from financehub.api.fields import AmountField
from financehub.api.schema import path_id
from financehub.periods import Period, local_date
from financehub.users.identity import signed_in

SERIES_ID = path_id("series_id")
NOT_FOUND = OpenApiResponse(description="Series not found")
KINDS = (Category.Kind.EXPENSE.value, Category.Kind.INCOME.value)
LONGEST = 365


class SeriesQuery(serializers.Serializer[Any]):
    """Which series; every parameter left alone lets all through."""

    state = serializers.ChoiceField(choices=[state.value for state in State], required=False)
    kind = serializers.ChoiceField(choices=KINDS, required=False)


class UpcomingQuery(serializers.Serializer[Any]):
    """How many days from today on."""

    days = serializers.IntegerField(min_value=1, max_value=LONGEST, default=10)


class SeriesChangeInput(serializers.Serializer[Any]):
    """The person's own name; an empty one brings back what the bank says."""

    name = serializers.CharField(
        max_length=LONGEST_NAME,
        allow_blank=True,
        error_messages={"required": _("Напишите название."), "null": _("Напишите название.")},
    )


class SeriesOutput(serializers.Serializer[Any]):
    """One payment (below zero) or income with where it stands."""

    id = serializers.IntegerField(source="series.pk")
    name = serializers.CharField(source="series.called")
    bank_name = serializers.CharField(source="series.title", help_text="What the bank calls it.")
    kind = serializers.CharField(source="series.kind", help_text="expense or income.")
    state = serializers.CharField(source="standing.state", help_text=", ".join(State))
    cadence = serializers.CharField(source="series.cadence", help_text=", ".join(Cadence))
    category = serializers.CharField(source="series.category.name")
    category_id = serializers.IntegerField(source="series.category_id")
    currency = serializers.CharField(source="series.currency")
    amount = AmountField(source="series.amount", help_text="The price, or the median where it varies.")
    lowest = AmountField(source="series.low")
    highest = AmountField(source="series.high")
    is_fixed = serializers.BooleanField(source="series.is_fixed")
    yearly = AmountField(source="series.a_year")
    price_before = AmountField(source="series.price_before", allow_null=True)
    price_since = serializers.DateField(source="series.price_since", allow_null=True)
    next_date = serializers.DateField(source="standing.next_on", allow_null=True)
    missed_date = serializers.DateField(source="standing.missed_on", allow_null=True)
    first_seen = serializers.DateField(source="series.first_seen")
    last_seen = serializers.DateField(source="series.last_seen")
    count = serializers.IntegerField(source="series.sightings")


class SeriesDetailOutput(SeriesOutput):
    """The same with the rows that it was found in."""

    transaction_ids = serializers.SerializerMethodField()

    def get_transaction_ids(self, one: Judged) -> list[int]:
        return [row.pk for row in queries.rows_of(series=one.series)]


class DueOutput(serializers.Serializer[Any]):
    """What is due on one day."""

    date = serializers.DateField(source="day")
    series_id = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.CharField(help_text="expense or income.")
    category_id = serializers.IntegerField()
    currency = serializers.CharField()
    amount = AmountField()
    lowest = AmountField(source="low")
    highest = AmountField(source="high")
    is_confirmed = serializers.BooleanField(source="confirmed")


class SeriesListView(APIView):
    """Every series of the person, the next one due first."""

    @extend_schema(tags=["analytics"], parameters=[SeriesQuery], responses=SeriesOutput(many=True))
    def get(self, request: Request) -> Response:
        query = inputs.query(request, SeriesQuery)
        found = queries.judged(user=signed_in(request), today=_today())
        wanted = [
            one
            for one in found
            if query.get("state", one.standing.state) == one.standing.state
            and query.get("kind", one.series.kind) == one.series.kind
        ]
        return Response(SeriesOutput(wanted, many=True).data)


class UpcomingView(APIView):
    """What is due in the next days, day by day; what is late and not yet missed is due today."""

    @extend_schema(tags=["analytics"], parameters=[UpcomingQuery], responses=DueOutput(many=True))
    def get(self, request: Request) -> Response:
        today, days = _today(), inputs.query(request, UpcomingQuery)["days"]
        due = queries.expected(user=signed_in(request), period=Period(today, today + timedelta(days=days)))
        return Response(DueOutput(due, many=True).data)


class SeriesView(APIView):
    """One series."""

    @extend_schema(
        tags=["analytics"], parameters=[SERIES_ID], responses={200: SeriesDetailOutput, 404: NOT_FOUND}
    )
    def get(self, request: Request, series_id: str) -> Response:
        return _answer(_series_of(request, series_id))

    @extend_schema(
        tags=["analytics"],
        parameters=[SERIES_ID],
        request=SeriesChangeInput,
        responses={200: SeriesDetailOutput, 404: NOT_FOUND},
    )
    def patch(self, request: Request, series_id: str) -> Response:
        """Give it a name of the person's own."""
        one = _series_of(request, series_id)
        change = inputs.body(request, SeriesChangeInput)
        actions.rename(series=one.series, name=change["name"], now=timezone.now())
        return _answer(_series_of(request, series_id))


class _DecisionView(APIView):
    """What a person decides of a series; deciding the same again changes nothing."""

    deed: ClassVar[Callable[..., SeriesChange | None]]

    @extend_schema(
        tags=["analytics"],
        parameters=[SERIES_ID],
        request=None,
        responses={200: SeriesDetailOutput, 404: NOT_FOUND},
    )
    def post(self, request: Request, series_id: str) -> Response:
        type(self).deed(series=_series_of(request, series_id).series, now=timezone.now())
        return _answer(_series_of(request, series_id))


class ConfirmView(_DecisionView):
    """It is regular indeed."""

    deed = staticmethod(actions.confirm)


class DismissView(_DecisionView):
    """It is not regular, and is not suggested again."""

    deed = staticmethod(actions.dismiss)


class EndView(_DecisionView):
    """It is over; should it come again all the same, it is suggested anew."""

    deed = staticmethod(actions.end)


def _series_of(request: Request, series_id: str) -> Judged:
    pk = inputs.path_number(series_id, name="series_id")
    try:
        return queries.judged_one(user=signed_in(request), pk=pk, today=_today())
    except RecurringSeries.DoesNotExist as error:
        raise exceptions.NotFound("Series not found") from error


def _answer(one: Judged) -> Response:
    return Response(SeriesDetailOutput(one).data)


def _today() -> date:
    return local_date(timezone.now())
