"""`/banks`: which banks there are, and a person's connections to them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import exceptions, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from banking import actions
from banking.api import failures
from banking.api.serializers import (
    AvailableBanksOutput,
    CheckInput,
    ConnectInput,
    ConnectionOutput,
    DisconnectQuery,
)
from banking.models import Account, BankConnection, GostHandshake, SyncRun
from banking.queries import connections
from banking.queries.connections import ConnectionOverview
from banking.queries.health import ConnectionHealth
from financehub.api import inputs
from financehub.api.schema import path_id
from financehub.users.identity import signed_in
from financehub.users.models import User

CONNECTION_ID = path_id("connection_id")
NOT_FOUND = OpenApiResponse(description="Bank connection not found")
BANK_FAILED = {
    502: OpenApiResponse(description="The bank refused, or answered in a form that cannot be read."),
    503: OpenApiResponse(description="The bank does not answer, or there is no GOST gateway; try later."),
}


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """A connection as the wire shows it."""

    connection: BankConnection
    health: ConnectionHealth
    accounts_count: int
    approval_url: str | None
    gost: GostHandshake | None


class AvailableBanksView(APIView):
    """The banks that can be connected; no token is needed, and a stale one does no harm."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(tags=["banks"], responses=AvailableBanksOutput)
    def get(self, request: Request) -> Response:
        return Response(AvailableBanksOutput({"banks": connections.connectable_banks()}).data)


class ConnectView(APIView):
    """Connect a bank: ask for access, and read everything if the bank grants it at once.

    A bank that asks its client first answers with the status AWAITING and `approval_url`; after the
    approval there, `check` goes on. Connecting again answers with the connection that exists.
    """

    @extend_schema(
        tags=["banks"],
        request=ConnectInput,
        responses={
            201: ConnectionOutput,
            400: OpenApiResponse(description="Unsupported bank: …"),
            409: OpenApiResponse(description="The bank is connected over another channel."),
        }
        | BANK_FAILED,
    )
    def post(self, request: Request) -> Response:
        data = inputs.body(request, ConnectInput)
        user, now = signed_in(request), timezone.now()
        code = data["bank_code"].strip().lower()
        bank = connections.connectable_banks().filter(code=code).first()
        if bank is None:
            raise failures.BrokenRule(f"Unsupported bank: {data['bank_code']}")
        with failures.translated(bank_name=bank.short_name):
            connection = actions.connect_bank_now(
                user=user,
                bank_code=code,
                channel=_channel(data),
                client_number=_client_number(data.get("client_number")),
                now=now,
            )
        return _answer(user=user, connection=connection, now=now, code=status.HTTP_201_CREATED)


class ConnectionListView(APIView):
    """A person's connections, in the order in which they were made."""

    @extend_schema(tags=["banks"], responses=ConnectionOutput(many=True))
    def get(self, request: Request) -> Response:
        user = signed_in(request)
        overviews = connections.connection_overviews(user=user, now=timezone.now())
        overviews.sort(key=lambda overview: overview.connection.pk)
        return Response(ConnectionOutput(_rows(overviews, user=user), many=True).data)


class ConnectionView(APIView):
    """One connection."""

    @extend_schema(
        tags=["banks"], parameters=[CONNECTION_ID], responses={200: ConnectionOutput, 404: NOT_FOUND}
    )
    def get(self, request: Request, connection_id: str) -> Response:
        connection = _connection_of(request, connection_id)
        return _answer(user=signed_in(request), connection=connection, now=timezone.now())

    @extend_schema(
        tags=["banks"], parameters=[CONNECTION_ID, DisconnectQuery], responses={204: None, 404: NOT_FOUND}
    )
    def delete(self, request: Request, connection_id: str) -> Response:
        """Revoke the access at the bank; accounts and transactions go, unless they are to stay."""
        connection = _connection_of(request, connection_id)
        keep_data = inputs.query(request, DisconnectQuery)["keep_data"]
        actions.disconnect(
            connection=connection, actor=signed_in(request), keep_data=keep_data, now=timezone.now()
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class ConnectionSyncView(APIView):
    """Read the bank now, before answering."""

    @extend_schema(
        tags=["banks"],
        parameters=[CONNECTION_ID],
        request=None,
        responses={
            200: ConnectionOutput,
            404: NOT_FOUND,
            409: OpenApiResponse(description="The connection has no access to the bank."),
        }
        | BANK_FAILED,
    )
    def post(self, request: Request, connection_id: str) -> Response:
        connection, now = _connection_of(request, connection_id), timezone.now()
        with failures.translated(bank_name=connection.bank.short_name):
            actions.sync_now(connection=connection, trigger=SyncRun.Trigger.PERSON, now=now)
        return _answer(user=signed_in(request), connection=connection, now=now)


class ConnectionCheckView(APIView):
    """Ask the bank whether the person has approved the access; the first reading starts when so."""

    @extend_schema(
        tags=["banks"],
        parameters=[CONNECTION_ID],
        request=CheckInput,
        responses={200: ConnectionOutput, 404: NOT_FOUND} | BANK_FAILED,
    )
    def post(self, request: Request, connection_id: str) -> Response:
        connection, now = _connection_of(request, connection_id), timezone.now()
        data = inputs.body(request, CheckInput)
        with failures.translated(bank_name=connection.bank.short_name):
            actions.check_consent(connection=connection, says_signed=data["signed"], now=now)
        return _answer(user=signed_in(request), connection=connection, now=now)


def _connection_of(request: Request, connection_id: str) -> BankConnection:
    pk = inputs.path_number(connection_id, name="connection_id")
    found = BankConnection.objects.for_user(signed_in(request)).select_related("bank", "user")
    connection = found.filter(pk=pk).first()
    if connection is None:
        raise exceptions.NotFound("Bank connection not found")
    return connection


def _client_number(sent: str | None) -> str:
    """A demo client that exists; whatever else the client sends is not worth a refusal."""
    return sent if sent and sent in map(str, actions.DEMO_CLIENTS) else ""


def _channel(data: dict[str, Any]) -> str | None:
    """The channel asked for, by name or by the older flag; None for the person's own setting."""
    if data.get("use_gost") is None:
        return data.get("channel")
    by_flag = BankConnection.Channel.GOST if data["use_gost"] else BankConnection.Channel.BANK
    return data.get("channel") or by_flag


def _answer(
    *, user: User, connection: BankConnection, now: datetime, code: int = status.HTTP_200_OK
) -> Response:
    overview = connections.connection_overview(user=user, pk=connection.pk, now=now)
    return Response(ConnectionOutput(_rows([overview], user=user)[0]).data, status=code)


def _rows(overviews: Iterable[ConnectionOverview], *, user: User) -> list[ConnectionRow]:
    open_accounts = Account.objects.for_user(user).open()
    counts = dict(open_accounts.values_list("connection").annotate(Count("pk")).order_by("connection"))
    return [
        ConnectionRow(
            connection=overview.connection,
            health=overview.health,
            accounts_count=counts.get(overview.connection.pk, 0),
            approval_url=_approval_url(overview),
            gost=overview.gost,
        )
        for overview in overviews
    ]


def _approval_url(overview: ConnectionOverview) -> str | None:
    waiting = overview.waiting
    return connections.approval_page(overview.connection.bank, waiting) if waiting else None
