"""`/transactions` and `/categories`: the rows, and what a person may say about them."""

from typing import Any

from django.db import transaction as database
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from banking import categorising, edits, manual, tagging
from banking.api import filters
from banking.api.failures import Conflict
from banking.api.manual_serializers import RowChange, RowInput
from banking.api.rule_serializers import CategoryChange, KnownCategoryOutput
from banking.api.serializers import (
    TransactionChange,
    TransactionFilterQuery,
    TransactionOutput,
    TransactionQuery,
    TransactionTotalsOutput,
)
from banking.api.transfers import KEY, key_of
from banking.models import Account, Category, Transaction
from banking.queries import accounts, categories, transactions
from banking.queries.transactions import Order
from financehub.api import inputs, pagination
from financehub.api.schema import path_id
from financehub.users.identity import signed_in
from financehub.users.models import User

TRANSACTION_ID = path_id("transaction_id")
CATEGORY_ID = path_id("category_id")
NOT_FOUND = OpenApiResponse(description="Transaction not found")


class TransactionListView(APIView):
    """The rows of all accounts, newest first unless asked otherwise."""

    @extend_schema(
        tags=["transactions"], parameters=[TransactionQuery], responses=TransactionOutput(many=True)
    )
    def get(self, request: Request) -> Response:
        query = inputs.query(request, TransactionQuery)
        rows = transactions.ordered(
            filters.rows_of(user=signed_in(request), query=query), Order(query["sort"])
        )
        piece = pagination.piece(filters.for_output(rows), limit=query["limit"], offset=query["offset"])
        return Response(TransactionOutput(piece, many=True).data)

    @extend_schema(
        tags=["transactions"],
        request=RowInput,
        parameters=[KEY],
        responses={
            201: TransactionOutput,
            400: OpenApiResponse(description="A bank's account, or a closed one."),
            404: OpenApiResponse(description="Account not found, or Category not found"),
            409: OpenApiResponse(description="The key was used for another transaction."),
        },
    )
    def post(self, request: Request) -> Response:
        """Write down a transaction of an account that is kept by hand."""
        data, user = inputs.body(request, RowInput), signed_in(request)
        account, entry = _account_of(user, data["account_id"]), _entry(user, data)
        try:
            row = manual.add_row(account=account, entry=entry, key=key_of(request), now=timezone.now())
        except manual.KeyReused as error:
            raise Conflict(str(error)) from error
        found = transactions.transaction_of(user=user, pk=row.pk)
        return Response(TransactionOutput(found).data, status=status.HTTP_201_CREATED)


class TransactionTotalsView(APIView):
    """What the whole filtered set comes to."""

    @extend_schema(
        tags=["transactions"], parameters=[TransactionFilterQuery], responses=TransactionTotalsOutput
    )
    def get(self, request: Request) -> Response:
        query = inputs.query(request, TransactionFilterQuery)
        rows = filters.rows_of(user=signed_in(request), query=query)
        return Response(TransactionTotalsOutput(transactions.totals_of(rows)).data)


class TransactionView(APIView):
    """One row."""

    @extend_schema(
        tags=["transactions"],
        parameters=[TRANSACTION_ID],
        responses={200: TransactionOutput, 404: NOT_FOUND},
    )
    def get(self, request: Request, transaction_id: str) -> Response:
        return Response(TransactionOutput(row_of(request, transaction_id)).data)

    @extend_schema(
        tags=["transactions"],
        parameters=[TRANSACTION_ID],
        request=TransactionChange,
        responses={
            200: TransactionOutput,
            404: OpenApiResponse(description="Transaction not found, or Category not found"),
        },
    )
    def patch(self, request: Request, transaction_id: str) -> Response:
        """Choose the category, which no reading of the bank changes again, write a note, put tags on the
        row, take it out of the figures or back into them, mark it as looked at."""
        row = row_of(request, transaction_id)
        change = inputs.body(request, TransactionChange)
        who_what_when: Any = {
            "user": signed_in(request),
            "rows": Transaction.objects.filter(pk=row.pk),
            "now": timezone.now(),
        }
        with database.atomic():
            if "category_id" in change:
                category = category_of(signed_in(request), change["category_id"])
                edits.set_category(category=category, **who_what_when)
            if "note" in change:
                edits.set_note(note=change["note"] or "", **who_what_when)
            if "tags" in change:
                tags = tagging.named(user=signed_in(request), names=change["tags"])
                edits.set_tags(tags=tags, **who_what_when)
            if "excluded" in change:
                edits.set_excluded(excluded=change["excluded"], **who_what_when)
            if change.get("reviewed"):
                edits.mark_reviewed(**who_what_when)
        return Response(TransactionOutput(row_of(request, transaction_id)).data)

    @extend_schema(
        tags=["transactions"],
        parameters=[TRANSACTION_ID],
        request=RowChange,
        responses={
            200: TransactionOutput,
            400: OpenApiResponse(description="A bank's transaction is not rewritten."),
            404: OpenApiResponse(description="Transaction not found, or Category not found"),
        },
    )
    def put(self, request: Request, transaction_id: str) -> Response:
        """Write a transaction of an account that is kept by hand anew, all of it."""
        row, user = row_of(request, transaction_id), signed_in(request)
        data = inputs.body(request, RowChange)
        manual.amend_row(transaction=row, entry=_entry(user, data), now=timezone.now())
        return Response(TransactionOutput(row_of(request, transaction_id)).data)

    @extend_schema(tags=["transactions"], parameters=[TRANSACTION_ID], responses={204: None, 404: NOT_FOUND})
    def delete(self, request: Request, transaction_id: str) -> Response:
        """Take a transaction out of every list and figure; no reading of the bank brings it back,
        `restore` does."""
        row = row_of(request, transaction_id)
        only = Transaction.objects.filter(pk=row.pk)
        edits.delete_rows(user=signed_in(request), rows=only, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class TransactionRestoreView(APIView):
    """A row that the person deleted."""

    @extend_schema(
        tags=["transactions"],
        parameters=[TRANSACTION_ID],
        request=None,
        responses={200: TransactionOutput, 404: NOT_FOUND},
    )
    def post(self, request: Request, transaction_id: str) -> Response:
        """Bring a deleted transaction back; one that stands already stays as it is."""
        row = row_of(request, transaction_id, deleted=True)
        only = Transaction.objects.filter(pk=row.pk)
        edits.restore_rows(user=signed_in(request), rows=only, now=timezone.now())
        return Response(TransactionOutput(row_of(request, transaction_id)).data)


class CategoryListView(APIView):
    """All categories of a person, parents before their children; hidden ones are marked."""

    @extend_schema(tags=["transactions"], responses=KnownCategoryOutput(many=True))
    def get(self, request: Request) -> Response:
        user = signed_in(request)
        found = Category.objects.for_user(user).select_related("parent").order_by("position", "pk")
        context = {"hidden": categories.hidden_ids(user=user)}
        return Response(KnownCategoryOutput(found, many=True, context=context).data)


class CategoryView(APIView):
    """One category, as the person is offered it."""

    @extend_schema(
        tags=["transactions"],
        parameters=[CATEGORY_ID],
        request=CategoryChange,
        responses={200: KnownCategoryOutput, 404: OpenApiResponse(description="Category not found")},
    )
    def patch(self, request: Request, category_id: str) -> Response:
        """Hide a category from the choices, or offer it again; rows keep it."""
        user = signed_in(request)
        category = category_of(user, inputs.path_number(category_id, name="category_id"))
        hidden = inputs.body(request, CategoryChange)["is_hidden"]
        categorising.set_hidden(user=user, category=category, hidden=hidden)
        context = {"hidden": categories.hidden_ids(user=user)}
        return Response(KnownCategoryOutput(category, context=context).data)


def _entry(user: User, data: dict[str, Any]) -> manual.Entry:
    """The row that valid fields describe."""
    category_id = data.get("category_id")
    return manual.Entry(
        amount=data["amount"],
        day=data["date"],
        description=data["description"],
        merchant=data.get("merchant") or "",
        mcc=data.get("mcc") or "",
        category=None if category_id is None else category_of(user, category_id),
        note=data.get("note") or "",
    )


def _account_of(user: User, pk: int) -> Account:
    try:
        return accounts.account_of(user=user, pk=pk)
    except Account.DoesNotExist as error:
        raise exceptions.NotFound("Account not found") from error


def row_of(request: Request, transaction_id: str, *, deleted: bool = False) -> Transaction:
    """The person's row that the address names, with `deleted` one that they deleted too; raises NotFound."""
    pk = inputs.path_number(transaction_id, name="transaction_id")
    try:
        return transactions.transaction_of(user=signed_in(request), pk=pk, deleted=deleted)
    except Transaction.DoesNotExist as error:
        raise exceptions.NotFound("Transaction not found") from error


def category_of(user: User, pk: int) -> Category:
    """A category that the person may choose; raises NotFound."""
    category = Category.objects.for_user(user).select_related("parent").filter(pk=pk).first()
    if category is None:
        raise exceptions.NotFound("Category not found")
    return category
