"""`/consents/request` and `/consents/requests`: what partner banks ask a person for, and the answers."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import exceptions, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from banking import actions, partner_actions
from banking.api.consents import CONSENT_ID, WIRE_STATUS, ConsentOutput, State, row_of, states_of
from banking.api.failures import BrokenRule, Conflict
from banking.api.multibank_serializers import LONGEST_DAYS, CodeField, ScopesField, scopes_of
from banking.models import Consent
from banking.queries import consents
from banking.services import bank_tokens, multibank
from financehub.api import inputs, pagination
from financehub.api.fields import AnyCaseChoiceField
from financehub.api.pagination import PageQuery
from financehub.users.identity import signed_in

ANSWERS = {
    200: ConsentOutput,
    404: OpenApiResponse(description="Consent request not found"),
    409: OpenApiResponse(description="It does not wait for a decision any more."),
}


class RequestQuery(PageQuery):
    """Which requests: those of a status."""

    status = AnyCaseChoiceField(sorted({*WIRE_STATUS.values(), *State.values}), required=False)


class RequestInput(serializers.Serializer[Any]):
    """Which partner, which of the data, for how long; without a bank the data of all of them."""

    partner_bank_code = CodeField()
    target_bank = CodeField(required=False, allow_null=True, allow_blank=True)
    scopes = ScopesField()
    purpose = serializers.CharField(required=False, allow_null=True, allow_blank=True, max_length=200)
    valid_days = serializers.IntegerField(min_value=1, max_value=LONGEST_DAYS, default=90)


class DecisionInput(serializers.Serializer[Any]):
    """What the client may send along; the address says the decision."""

    decision = AnyCaseChoiceField(["approve", "reject"], required=False)
    reason = serializers.CharField(required=False, allow_null=True, allow_blank=True, max_length=200)


class RequestView(APIView):
    """Begin a consent for a partner bank oneself; it is still to be approved."""

    @extend_schema(
        tags=["consents"],
        request=RequestInput,
        responses={
            201: ConsentOutput,
            400: OpenApiResponse(description="Unsupported bank"),
            404: OpenApiResponse(description="Partner bank not found"),
        },
    )
    def post(self, request: Request) -> Response:
        data, now = inputs.body(request, RequestInput), timezone.now()
        terms = multibank.Terms(
            scopes=scopes_of(data["scopes"]),
            duration=timedelta(days=data["valid_days"]),
            purpose=(data.get("purpose") or "").strip(),
        )
        try:
            consent = partner_actions.offer_consent(
                person=signed_in(request),
                partner_code=data["partner_bank_code"],
                bank_code=data.get("target_bank"),
                terms=terms,
                now=now,
            )
        except bank_tokens.UnknownPartner as error:
            raise exceptions.NotFound("Partner bank not found") from error
        except actions.UnsupportedBank as error:
            raise BrokenRule("Unsupported bank") from error
        return Response(ConsentOutput(row_of(consent, now=now)).data, status=status.HTTP_201_CREATED)


class RequestListView(APIView):
    """What partner banks asked for, newest first, decided or not."""

    @extend_schema(tags=["consents"], parameters=[RequestQuery], responses=ConsentOutput(many=True))
    def get(self, request: Request) -> Response:
        query, now = inputs.query(request, RequestQuery), timezone.now()
        found = consents.partner_requests_of(
            user=signed_in(request), states=states_of(query.get("status")), now=now
        )
        piece = pagination.piece(found, limit=query["limit"], offset=query["offset"])
        return Response(ConsentOutput([row_of(consent, now=now) for consent in piece], many=True).data)


class ApproveView(APIView):
    """Let the partner in, on the terms of the request."""

    @extend_schema(tags=["consents"], parameters=[CONSENT_ID], request=None, responses=ANSWERS)
    def post(self, request: Request, consent_id: str) -> Response:
        consent, now = _request_of(request, consent_id), timezone.now()
        try:
            multibank.approve(consent=consent, now=now)
        except multibank.NothingToDecide as error:
            raise Conflict(str(error)) from error
        return Response(ConsentOutput(row_of(consent, now=now)).data)


class RejectView(APIView):
    """Refuse the partner."""

    @extend_schema(tags=["consents"], parameters=[CONSENT_ID], request=DecisionInput, responses=ANSWERS)
    def post(self, request: Request, consent_id: str) -> Response:
        inputs.body(request, DecisionInput)
        consent, now = _request_of(request, consent_id), timezone.now()
        try:
            multibank.reject(consent=consent, now=now)
        except multibank.NothingToDecide as error:
            raise Conflict(str(error)) from error
        return Response(ConsentOutput(row_of(consent, now=now)).data)


def _request_of(request: Request, consent_id: str) -> Consent:
    pk = inputs.path_number(consent_id, name="consent_id")
    try:
        return consents.partner_consent_of(user=signed_in(request), pk=pk)
    except Consent.DoesNotExist as error:
        raise exceptions.NotFound("Consent request not found") from error
