"""`/consents`: what a person has allowed, what has happened to it, and the way to end it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from banking import actions
from banking.models import Consent
from banking.queries import consents
from financehub.api import inputs
from financehub.api.fields import AnyCaseChoiceField, MomentField
from financehub.api.schema import path_id
from financehub.users.identity import signed_in

CONSENT_ID = path_id("consent_id")
NOT_FOUND = OpenApiResponse(description="Consent not found")
DEEPEST_PAGE = 10_000
State = Consent.State
WIRE_STATUS = {
    State.REQUESTED: "requested",
    State.AWAITING: "requested",
    State.GRANTED: "active",
    State.EXPIRING: "active",
    State.EXPIRED: "expired",
    State.REJECTED: "rejected",
    State.REVOKED: "revoked",
    State.RENEWED: "revoked",
}


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """A consent as the wire shows it."""

    consent: Consent
    state: Consent.State


class ConsentQuery(serializers.Serializer[Any]):
    """Which consents: those of a status, so many, so many pages on."""

    status = AnyCaseChoiceField(sorted({*WIRE_STATUS.values(), *State.values}), required=False)
    page = serializers.IntegerField(min_value=1, max_value=DEEPEST_PAGE, default=1)
    page_size = serializers.IntegerField(min_value=1, max_value=100, default=20)


class ConsentOutput(serializers.Serializer[Any]):
    """A consent: what it opens, to whom, until when."""

    id = serializers.CharField(source="consent.pk")
    user_id = serializers.SerializerMethodField()
    connection_id = serializers.IntegerField(
        source="consent.connection_id", allow_null=True, help_text="Null for a partner's consent."
    )
    bank_provider = serializers.SerializerMethodField(
        help_text="The bank whose data it opens; null for all of them."
    )
    bank_name = serializers.SerializerMethodField()
    bank_consent_id = serializers.SerializerMethodField(
        help_text="What the bank, or the partner, calls it; null until it does."
    )
    partner_bank_id = serializers.SerializerMethodField(
        help_text="The code of the partner that reads here; null where we read at a bank."
    )
    partner_bank_name = serializers.SerializerMethodField()
    scopes = serializers.ListField(source="consent.permissions", child=serializers.CharField())
    purpose = serializers.CharField(source="consent.purpose")
    status = serializers.SerializerMethodField()
    state = serializers.ChoiceField(
        State.choices, help_text="The status in finer words; `expiring` within seven days of the end."
    )
    requested_at = MomentField(source="consent.requested_at")
    valid_from = MomentField(source="consent.granted_at", allow_null=True)
    valid_until = MomentField(source="consent.expires_at", allow_null=True)
    decided_at = serializers.SerializerMethodField()
    ended_at = MomentField(source="consent.ended_at", allow_null=True)
    last_used_at = MomentField(source="consent.last_used_at", allow_null=True)

    def get_user_id(self, row: ConsentRow) -> int:
        return row.consent.person_id or row.consent.source.user_id

    def get_bank_provider(self, row: ConsentRow) -> str | None:
        bank = row.consent.data_of
        return bank.code if bank else None

    def get_bank_name(self, row: ConsentRow) -> str | None:
        bank = row.consent.data_of
        return bank.short_name if bank else None

    def get_partner_bank_id(self, row: ConsentRow) -> str | None:
        return row.consent.partner.code if row.consent.partner else None

    def get_partner_bank_name(self, row: ConsentRow) -> str | None:
        return row.consent.partner.name if row.consent.partner else None

    def get_bank_consent_id(self, row: ConsentRow) -> str | None:
        return row.consent.consent_id or None

    @extend_schema_field(serializers.ChoiceField(sorted(set(WIRE_STATUS.values()))))
    def get_status(self, row: ConsentRow) -> str:
        return WIRE_STATUS[row.state]

    @extend_schema_field(MomentField(allow_null=True, help_text="When it was approved or refused."))
    def get_decided_at(self, row: ConsentRow) -> str | None:
        decided_at = row.consent.granted_at or row.consent.ended_at
        return None if decided_at is None else MomentField().to_representation(decided_at)


class ConsentListOutput(serializers.Serializer[Any]):
    """A page of consents."""

    consents = ConsentOutput(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    page_size = serializers.IntegerField()


class ConsentEventOutput(serializers.Serializer[Any]):
    """One thing that happened to a consent."""

    event = serializers.CharField(source="kind", help_text="requested, awaiting, granted, expiring, …")
    actor = serializers.CharField(help_text="person, bank, partner or system")
    at = MomentField()


class RevokedOutput(serializers.Serializer[Any]):
    """A consent that was ended."""

    message = serializers.CharField()
    consent_id = serializers.CharField()
    revoked_at = MomentField()


class ConsentListView(APIView):
    """The person's consents, newest first."""

    @extend_schema(tags=["consents"], parameters=[ConsentQuery], responses=ConsentListOutput)
    def get(self, request: Request) -> Response:
        query, now = inputs.query(request, ConsentQuery), timezone.now()
        found = consents.consents_in(user=signed_in(request), states=states_of(query.get("status")), now=now)
        start = (query["page"] - 1) * query["page_size"]
        rows = [row_of(consent, now=now) for consent in found[start : start + query["page_size"]]]
        page = {"total": found.count(), "page": query["page"], "page_size": query["page_size"]}
        return Response(ConsentListOutput({"consents": rows} | page).data)


class ConsentView(APIView):
    """One consent."""

    @extend_schema(tags=["consents"], parameters=[CONSENT_ID], responses={200: ConsentOutput, 404: NOT_FOUND})
    def get(self, request: Request, consent_id: str) -> Response:
        return Response(ConsentOutput(row_of(_consent_of(request, consent_id), now=timezone.now())).data)

    @extend_schema(
        tags=["consents"],
        parameters=[CONSENT_ID],
        responses={200: RevokedOutput, 404: OpenApiResponse(description="Active consent not found")},
    )
    def delete(self, request: Request, consent_id: str) -> Response:
        """Revoke the consent here and at the bank, or take a waiting request back. What was read stays."""
        refusal = "Active consent not found"
        consent, now = _consent_of(request, consent_id, refusal=refusal), timezone.now()
        try:
            actions.revoke_consent(consent=consent, actor=signed_in(request), now=now)
        except actions.NoActiveConsent as error:
            raise exceptions.NotFound(refusal) from error
        answer = {"message": "Consent revoked", "consent_id": str(consent.pk), "revoked_at": now}
        return Response(RevokedOutput(answer).data)


class ConsentEventsView(APIView):
    """What has happened to a consent, newest first."""

    @extend_schema(
        tags=["consents"],
        parameters=[CONSENT_ID],
        responses={200: ConsentEventOutput(many=True), 404: NOT_FOUND},
    )
    def get(self, request: Request, consent_id: str) -> Response:
        history = consents.history_of(_consent_of(request, consent_id), now=timezone.now())
        return Response(ConsentEventOutput(history, many=True).data)


def _consent_of(request: Request, consent_id: str, *, refusal: str = "Consent not found") -> Consent:
    pk = inputs.path_number(consent_id, name="consent_id")
    try:
        return consents.consent_of(user=signed_in(request), pk=pk)
    except Consent.DoesNotExist as error:
        raise exceptions.NotFound(refusal) from error


def row_of(consent: Consent, *, now: datetime) -> ConsentRow:
    """A consent with how it stands."""
    return ConsentRow(consent, consent.state(now))


def states_of(status: str | None) -> list[Consent.State] | None:
    """The states that a word stands for: one of ours, or the wire's coarser ones."""
    if status is None:
        return None
    of_wire = [state for state, word in WIRE_STATUS.items() if word == status]
    return of_wire or [State(status)]
