"""`/multibank`: partner banks ask for a client's consent, and read and pay within it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from banking import actions, partner_actions
from banking.api.failures import BrokenRule, Conflict
from banking.api.multibank_serializers import (
    AccessInput,
    AskInput,
    AskOutput,
    AudienceTokenInput,
    AudienceTokenOutput,
    BankTokenInput,
    BankTokenOutput,
    FiguresOutput,
    FiguresQuery,
    GiveUpInput,
    PartnerAccountOutput,
    PartnerBalanceOutput,
    PartnerRowOutput,
    PartnerTransferInput,
    PartnerTransferOutput,
    RowsInput,
    scopes_of,
)
from banking.api.partners import REQUESTS, TOKENS, PartnerView, partner_of, slow_down
from banking.api.transfers import KEY, key_of
from banking.queries import multibank as queries
from banking.services import bank_tokens, multibank, transfer_orders
from financehub.api import inputs
from financehub.users.identity import signed_in

SECONDS = int(bank_tokens.LIFE.total_seconds())
REFUSED = OpenApiResponse(description="Invalid or expired consent, or the scope is missing")
UNSUPPORTED = OpenApiResponse(description="Unsupported bank")
NOT_THEIRS = OpenApiResponse(description="Neither an administrator nor a banker of that bank")
NO_PARTNER = OpenApiResponse(description="Partner bank not found")
TOO_MANY = OpenApiResponse(description="Too many calls; Retry-After says when to come back.")


class BankTokenView(APIView):
    """A bank token, for an administrator or a banker of that bank."""

    @extend_schema(
        tags=["multibank"],
        request=BankTokenInput,
        responses={200: BankTokenOutput, 403: NOT_THEIRS, 404: NO_PARTNER, 429: TOO_MANY},
    )
    def post(self, request: Request) -> Response:
        data = inputs.body(request, BankTokenInput)
        token = _issued(request, bank_code=data["bank_code"], purpose=data["purpose"])
        answer = {"token": token, "expires_in": SECONDS, "token_type": "Bearer"}
        return Response(BankTokenOutput(answer).data)


class AudienceTokenView(APIView):
    """The same token in the words of the auth calls, for an audience of choice."""

    @extend_schema(
        tags=["auth"],
        request=AudienceTokenInput,
        responses={200: AudienceTokenOutput, 403: NOT_THEIRS, 404: NO_PARTNER, 429: TOO_MANY},
    )
    def post(self, request: Request) -> Response:
        data = inputs.body(request, AudienceTokenInput)
        token = _issued(request, bank_code=data["bank_code"], audience=data["audience"])
        answer = {
            "access_token": token,
            "token_type": "Bearer",
            "algorithm": bank_tokens.ALGORITHM,
            "expires_in": SECONDS,
        }
        return Response(AudienceTokenOutput(answer).data)


class AskView(PartnerView):
    """Ask a client for access. The answer is the same whether or not there is such a client."""

    limit = REQUESTS

    @extend_schema(
        tags=["multibank"], request=AskInput, responses={200: AskOutput, 400: UNSUPPORTED, 429: TOO_MANY}
    )
    def post(self, request: Request) -> Response:
        data = inputs.body(request, AskInput)
        terms = multibank.Terms(
            scopes=scopes_of(data["scopes"]), duration=timedelta(days=data["duration_days"])
        )
        try:
            asked = partner_actions.ask_client(
                partner=partner_of(request),
                client_id=data["client_id"],
                bank_code=data["target_bank"],
                terms=terms,
                now=timezone.now(),
            )
        except actions.UnsupportedBank as error:
            raise BrokenRule("Unsupported bank") from error
        answer = {
            "consent_id": asked.consent_id,
            "status": "pending",
            "valid_until": asked.valid_until,
            "scopes": data["scopes"],
        }
        return Response(AskOutput(answer).data)


class GiveUpView(PartnerView):
    """Give a consent up, or take a request back. One that has ended, or never was, is as good as given up."""

    @extend_schema(tags=["multibank"], request=GiveUpInput, responses={204: None, 429: TOO_MANY})
    def post(self, request: Request) -> Response:
        data = inputs.body(request, GiveUpInput)
        multibank.revoke_by_partner(
            partner=partner_of(request), consent_id=data["consent_id"], now=timezone.now()
        )
        return Response(status=204)


class PartnerAccountsView(PartnerView):
    """The client's accounts at one bank."""

    @extend_schema(
        tags=["multibank"],
        request=AccessInput,
        responses={200: PartnerAccountOutput(many=True), 403: REFUSED, 429: TOO_MANY},
    )
    def post(self, request: Request) -> Response:
        opened = _opened(request, inputs.body(request, AccessInput), scope=multibank.ACCOUNTS)
        accounts = queries.accounts_at(user=opened.person, bank=opened.bank)
        return Response(PartnerAccountOutput(accounts, many=True).data)


class PartnerBalancesView(PartnerView):
    """The balances of the client's accounts at one bank, as far as they are known."""

    @extend_schema(
        tags=["multibank"],
        request=AccessInput,
        responses={200: PartnerBalanceOutput(many=True), 403: REFUSED, 429: TOO_MANY},
    )
    def post(self, request: Request) -> Response:
        opened = _opened(request, inputs.body(request, AccessInput), scope=multibank.BALANCES)
        accounts = queries.balances_at(user=opened.person, bank=opened.bank)
        return Response(PartnerBalanceOutput(accounts, many=True).data)


class PartnerTransactionsView(PartnerView):
    """The client's transactions at one bank, newest first; those only that moved money."""

    @extend_schema(
        tags=["multibank"],
        request=RowsInput,
        responses={
            200: PartnerRowOutput(many=True),
            403: REFUSED,
            404: OpenApiResponse(description="Account not found"),
            429: TOO_MANY,
        },
    )
    def post(self, request: Request) -> Response:
        data = inputs.body(request, RowsInput)
        opened = _opened(request, data, scope=multibank.TRANSACTIONS)
        account = None
        if name := data.get("account_id"):
            account = queries.account_named(user=opened.person, bank=opened.bank, name=name)
            if account is None:
                raise exceptions.NotFound("Account not found")
        rows = queries.rows_at(user=opened.person, bank=opened.bank, account=account, limit=data["limit"])
        return Response(PartnerRowOutput(rows, many=True).data)


class PartnerTransferView(PartnerView):
    """Move money between two accounts of the client, from the bank of the consent to another.

    The answer says that the order was taken. The same `Idempotency-Key` with the same order is the same
    transfer, and tells how it stands.
    """

    @extend_schema(
        tags=["multibank"],
        request=PartnerTransferInput,
        parameters=[KEY],
        responses={
            200: PartnerTransferOutput,
            400: OpenApiResponse(description="Unsupported bank, different currencies, insufficient funds, …"),
            403: REFUSED,
            404: OpenApiResponse(description="Account not found"),
            409: OpenApiResponse(description="The key was used for another order."),
            429: TOO_MANY,
        },
    )
    def post(self, request: Request) -> Response:
        data = inputs.body(request, PartnerTransferInput)
        order = partner_actions.PartnerOrder(
            from_account=data["from_account"],
            to_bank=data["to_bank"],
            to_account=data["to_account"],
            amount=data["amount"],
            currency=data["currency"].upper(),
            purpose=(data.get("description") or "").strip(),
            key=key_of(request),
        )
        access = multibank.Access(
            partner=partner_of(request), consent_id=data["consent_id"], bank_code=data["from_bank"]
        )
        with _refusals():
            transfer = partner_actions.make_partner_transfer(access=access, order=order, now=timezone.now())
        return Response(PartnerTransferOutput(transfer).data)


class FiguresView(PartnerView):
    """Counts and sums of the caller's own bank."""

    @extend_schema(
        tags=["multibank"],
        parameters=[FiguresQuery],
        responses={
            200: FiguresOutput,
            403: OpenApiResponse(description="Another bank's figures"),
            429: TOO_MANY,
        },
    )
    def get(self, request: Request) -> Response:
        bank_code = inputs.query(request, FiguresQuery)["bank_code"].lower()
        if bank_code != partner_of(request).code:
            raise exceptions.PermissionDenied("A bank sees its own figures only")
        return Response(FiguresOutput(queries.figures_of(bank_code=bank_code)).data)


def _issued(request: Request, *, bank_code: str, **claims: str) -> str:
    user = signed_in(request)
    slow_down(TOKENS, str(user.pk))
    try:
        return bank_tokens.issue(user=user, bank_code=bank_code, now=timezone.now(), **claims)
    except bank_tokens.NotTheirBanker as error:
        raise exceptions.PermissionDenied(str(error)) from error
    except bank_tokens.UnknownPartner as error:
        raise exceptions.NotFound("Partner bank not found") from error


def _opened(request: Request, data: dict[str, Any], *, scope: str) -> multibank.Opened:
    access = multibank.Access(
        partner=partner_of(request),
        consent_id=data["consent_id"],
        bank_code=data["target_bank"],
        client_id=data["client_id"],
    )
    with _refusals():
        return multibank.enter(access, scope=scope, now=timezone.now())


@contextmanager
def _refusals() -> Iterator[None]:
    """Why a consent does not open this, or an order cannot be taken, each with its status."""
    try:
        yield
    except (multibank.InvalidConsent, multibank.ScopeMissing) as error:
        raise exceptions.PermissionDenied(str(error)) from error
    except actions.UnsupportedBank as error:
        raise BrokenRule("Unsupported bank") from error
    except transfer_orders.AccountNotFound as error:
        raise exceptions.NotFound("Account not found") from error
    except transfer_orders.IdempotencyConflict as error:
        raise Conflict(str(error)) from error
    except transfer_orders.InsufficientFunds as error:  # what there is, only the balances' scope opens
        raise BrokenRule("Insufficient funds") from error
    except transfer_orders.OverDayLimit as error:  # what is left tells of the client's other transfers
        raise BrokenRule("Over the client's limit of the day") from error
