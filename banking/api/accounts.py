"""`/accounts`: a person's accounts and the rows of one of them."""

from contextlib import suppress

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from banking import actions, manual, removal
from banking.api import filters
from banking.api.manual_serializers import AccountInput
from banking.api.serializers import AccountOutput, MessageOutput, TransactionOutput
from banking.models import Account
from banking.queries import accounts
from financehub.api import inputs, pagination
from financehub.api.pagination import PageQuery
from financehub.api.schema import path_id
from financehub.users.identity import signed_in

ACCOUNT_ID = path_id("account_id")
NOT_FOUND = OpenApiResponse(description="Account not found")


class AccountListView(APIView):
    """The open accounts of all banks."""

    @extend_schema(tags=["accounts"], responses=AccountOutput(many=True))
    def get(self, request: Request) -> Response:
        found = accounts.accounts_of(user=signed_in(request))
        return Response(AccountOutput(sorted(found, key=lambda account: account.pk), many=True).data)

    @extend_schema(
        tags=["accounts"],
        request=AccountInput,
        responses={201: AccountOutput, 400: OpenApiResponse(description="There are fifty of them already.")},
    )
    def post(self, request: Request) -> Response:
        """Open an account that is kept by hand: cash, or a bank that is not connected."""
        data = inputs.body(request, AccountInput)
        currency = data.pop("currency")
        account = manual.create_account(
            user=signed_in(request), terms=manual.Terms(**data), currency=currency, now=timezone.now()
        )
        return Response(AccountOutput(account).data, status=status.HTTP_201_CREATED)


class AccountView(APIView):
    """One account, closed ones too."""

    @extend_schema(tags=["accounts"], parameters=[ACCOUNT_ID], responses={200: AccountOutput, 404: NOT_FOUND})
    def get(self, request: Request, account_id: str) -> Response:
        return Response(AccountOutput(_account_of(request, account_id)).data)

    @extend_schema(tags=["accounts"], parameters=[ACCOUNT_ID], responses={200: MessageOutput, 404: NOT_FOUND})
    def delete(self, request: Request, account_id: str) -> Response:
        """Remove an account and its transactions. No reading of its bank brings it back, `restore` does;
        one that is kept by hand is gone."""
        removal.remove_account(account=_account_of(request, account_id), now=timezone.now())
        return Response(MessageOutput({"message": "Account deleted"}).data)


class AccountRestoreView(APIView):
    """An account of a bank that was removed."""

    @extend_schema(
        tags=["accounts"],
        parameters=[ACCOUNT_ID],
        request=None,
        responses={200: AccountOutput, 404: NOT_FOUND},
    )
    def post(self, request: Request, account_id: str) -> Response:
        """Read a removed account again; its transactions come with the next reading. One that stands
        already stays as it is."""
        pk = inputs.path_number(account_id, name="account_id")
        with suppress(Account.DoesNotExist):
            removed = accounts.removed_account_of(user=signed_in(request), pk=pk)
            actions.restore_account(account=removed, now=timezone.now())
        return Response(AccountOutput(_account_of(request, account_id)).data)


class AccountTransactionsView(APIView):
    """The rows of one account, newest first."""

    @extend_schema(
        tags=["accounts"],
        parameters=[ACCOUNT_ID, PageQuery],
        responses={
            200: TransactionOutput(many=True),
            404: OpenApiResponse(description="Account not found or access denied"),
        },
    )
    def get(self, request: Request, account_id: str) -> Response:
        page = inputs.query(request, PageQuery)
        account = _account_of(request, account_id, refusal="Account not found or access denied")
        rows = filters.rows_of(user=signed_in(request), query={"account_id": [account.pk]}).newest_first()
        piece = pagination.piece(filters.for_output(rows), **page)
        return Response(TransactionOutput(piece, many=True).data)


def _account_of(request: Request, account_id: str, *, refusal: str = "Account not found") -> Account:
    pk = inputs.path_number(account_id, name="account_id")
    try:
        return accounts.account_of(user=signed_in(request), pk=pk)
    except Account.DoesNotExist as error:
        raise exceptions.NotFound(refusal) from error
