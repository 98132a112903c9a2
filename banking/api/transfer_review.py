"""`/transactions/transfers/review`: pairs of rows that may be one transfer, and the decisions on them."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from banking import pairing
from banking.api.failures import Conflict
from banking.api.serializers import TransactionOutput
from banking.models import TransferMatch
from banking.presenters import transfer_review as presenters
from banking.queries import transfer_review as queries
from financehub.api import inputs, pagination
from financehub.api.fields import AnyCaseChoiceField, MomentField
from financehub.api.pagination import PageQuery
from financehub.api.schema import path_id
from financehub.errors import DomainError
from financehub.users.identity import signed_in

MATCH_ID = path_id("match_id")
NOT_FOUND = OpenApiResponse(description="Pair not found")


class ReviewQuery(PageQuery):
    """Which pairs: those that wait for a decision unless another state is asked for."""

    state = AnyCaseChoiceField(TransferMatch.State.values, default=TransferMatch.State.SUGGESTED)


class MatchOutput(serializers.ModelSerializer[TransferMatch]):
    """Two rows that are or may be one transfer, the debit first; the reasons by name and in words."""

    outgoing = TransactionOutput(source="out")
    incoming = TransactionOutput(source="into")
    reasons = serializers.ListField(child=serializers.CharField())
    explanation = serializers.SerializerMethodField()
    decided_at = MomentField(allow_null=True)

    class Meta:
        model = TransferMatch
        fields = (
            "id",
            "kind",
            "state",
            "by_person",
            "score",
            "reasons",
            "explanation",
            "decided_at",
            "outgoing",
            "incoming",
        )

    def get_explanation(self, match: TransferMatch) -> str:
        return " · ".join(presenters.reasons(match))


class AcceptedOutput(serializers.Serializer[Any]):
    """How many pairs were accepted."""

    accepted = serializers.IntegerField()


class SwitchDocument(serializers.Serializer[Any]):
    """Whether transfers are looked for."""

    enabled = serializers.BooleanField()


ANSWERS = {
    200: MatchOutput,
    404: NOT_FOUND,
    409: OpenApiResponse(description="The rows have changed, or nothing was decided."),
}


class ReviewView(APIView):
    """The pairs of a state; those that wait come surest first, the others newest first."""

    @extend_schema(tags=["transactions"], parameters=[ReviewQuery], responses=MatchOutput(many=True))
    def get(self, request: Request) -> Response:
        query = inputs.query(request, ReviewQuery)
        found = queries.matches(user=signed_in(request), state=query["state"])
        piece = pagination.piece(found, limit=query["limit"], offset=query["offset"])
        return Response(MatchOutput(piece, many=True).data)


class AcceptView(APIView):
    """The two rows are one transfer: neither income nor spending."""

    @extend_schema(tags=["transactions"], parameters=[MATCH_ID], request=None, responses=ANSWERS)
    def post(self, request: Request, match_id: str) -> Response:
        match = _match_of(request, match_id)
        try:
            pairing.accept(match=match, now=timezone.now())
        except DomainError as error:
            raise Conflict(str(error)) from error
        return Response(MatchOutput(_match_of(request, match_id)).data)


class RejectView(APIView):
    """The two rows are no transfer, and will not be offered as one again; a pair that was made is parted."""

    @extend_schema(
        tags=["transactions"],
        parameters=[MATCH_ID],
        request=None,
        responses={200: MatchOutput, 404: NOT_FOUND},
    )
    def post(self, request: Request, match_id: str) -> Response:
        pairing.reject(match=_match_of(request, match_id), now=timezone.now())
        return Response(MatchOutput(_match_of(request, match_id)).data)


class UndoView(APIView):
    """Take back what was decided last of a pair."""

    @extend_schema(tags=["transactions"], parameters=[MATCH_ID], request=None, responses=ANSWERS)
    def post(self, request: Request, match_id: str) -> Response:
        match = _match_of(request, match_id)
        try:
            pairing.undo(match=match, now=timezone.now())
        except DomainError as error:
            raise Conflict(str(error)) from error
        return Response(MatchOutput(_match_of(request, match_id)).data)


class AcceptAllView(APIView):
    """Accept every pair that is well founded and whose rows fit no others; none is no failure."""

    @extend_schema(tags=["transactions"], request=None, responses=AcceptedOutput)
    def post(self, request: Request) -> Response:
        try:
            edit = pairing.accept_reliable(user=signed_in(request), now=timezone.now())
        except pairing.NoReliablePairs:
            return Response(AcceptedOutput({"accepted": 0}).data)
        return Response(AcceptedOutput({"accepted": edit.rows // 2}).data)


class SwitchView(APIView):
    """Whether transfers between own accounts are looked for; pairs that were made stay in both cases."""

    @extend_schema(tags=["transactions"], responses=SwitchDocument)
    def get(self, request: Request) -> Response:
        return Response(SwitchDocument({"enabled": signed_in(request).finds_transfers}).data)

    @extend_schema(tags=["transactions"], request=SwitchDocument, responses=SwitchDocument)
    def post(self, request: Request) -> Response:
        asked = inputs.body(request, SwitchDocument)
        pairing.switch(user=signed_in(request), on=asked["enabled"], now=timezone.now())
        return Response(SwitchDocument(asked).data)


def _match_of(request: Request, match_id: str) -> TransferMatch:
    pk = inputs.path_number(match_id, name="match_id")
    try:
        return queries.match_of_user(user=signed_in(request), pk=pk)
    except TransferMatch.DoesNotExist as error:
        raise exceptions.NotFound("Pair not found") from error
