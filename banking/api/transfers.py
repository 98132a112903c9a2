"""`/accounts/transfer` and `/payments/transfers`: money between a person's own accounts."""

import re
import uuid

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from banking import actions
from banking.api.failures import BrokenRule, Conflict
from banking.api.transfer_serializers import (
    InterbankTransferOutput,
    InternalTransferOutput,
    MadeTransferOutput,
    TransferInput,
)
from banking.models import Transfer
from banking.models.transfer import LONGEST_KEY
from banking.presenters import transfers as presenters
from banking.queries import transfers
from banking.services.transfer_orders import AccountNotFound, IdempotencyConflict, Order
from financehub.api import inputs, pagination
from financehub.api.errors import InvalidInput
from financehub.api.pagination import PageQuery
from financehub.users.identity import signed_in

KEY_HEADER = "Idempotency-Key"
USABLE_KEY = re.compile(rf"[!-~]{{1,{LONGEST_KEY}}}")
KEY = OpenApiParameter(
    KEY_HEADER,
    str,
    OpenApiParameter.HEADER,
    description="Made once for an order and sent with every repetition of it: the order is carried out once.",
)


class TransferView(APIView):
    """Move money between two own accounts, in one bank or between two.

    The answer 201 says that the order was taken; `status` says what became of it. A transfer that the
    bank's client must approve, or whose answer was lost on the way, is `pending` and goes on by itself.
    """

    @extend_schema(
        tags=["accounts"],
        request=TransferInput,
        parameters=[KEY],
        responses={
            201: MadeTransferOutput,
            400: OpenApiResponse(description="Same account, different currencies, insufficient funds, …"),
            404: OpenApiResponse(description="Account not found"),
            409: OpenApiResponse(description="The key was used for another order."),
        },
    )
    def post(self, request: Request) -> Response:
        data = inputs.body(request, TransferInput)
        order = Order(
            from_account_id=data["from_account_id"],
            to_account_id=data["to_account_id"],
            amount=data["amount"],
            purpose=(data.get("description") or "").strip(),
            key=key_of(request),
        )
        try:
            transfer = actions.make_transfer_now(user=signed_in(request), order=order, now=timezone.now())
        except AccountNotFound as error:
            raise exceptions.NotFound("Account not found") from error
        except IdempotencyConflict as error:
            raise Conflict(str(error)) from error
        if transfer.state == Transfer.State.REJECTED:
            raise BrokenRule(presenters.api_message(transfer))
        return Response(MadeTransferOutput(transfer).data, status=status.HTTP_201_CREATED)


class InternalTransferListView(APIView):
    """Transfers inside one bank, newest first; an administrator sees everybody's."""

    @extend_schema(tags=["payments"], parameters=[PageQuery], responses=InternalTransferOutput(many=True))
    def get(self, request: Request) -> Response:
        page = inputs.query(request, PageQuery)
        found = transfers.visible_to(signed_in(request)).inside_banks()
        return Response(InternalTransferOutput(pagination.piece(found, **page), many=True).data)


class InterbankTransferListView(APIView):
    """Transfers between two banks, newest first; an administrator sees everybody's."""

    @extend_schema(tags=["payments"], parameters=[PageQuery], responses=InterbankTransferOutput(many=True))
    def get(self, request: Request) -> Response:
        page = inputs.query(request, PageQuery)
        found = transfers.visible_to(signed_in(request)).between_banks()
        return Response(InterbankTransferOutput(pagination.piece(found, **page), many=True).data)


def key_of(request: Request) -> str:
    """The caller's key, or one that makes the order an order of its own."""
    sent = request.headers.get(KEY_HEADER)
    if sent is None:
        return str(uuid.uuid4())
    if not USABLE_KEY.fullmatch(sent):
        message = f"1 to {LONGEST_KEY} visible ASCII characters"
        raise InvalidInput({KEY_HEADER: [message]}, location="header")
    return sent
