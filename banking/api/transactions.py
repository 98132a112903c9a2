"""`/transactions` and `/categories`: the rows, and what a person may say about them."""

from typing import Any

from django.db import transaction as database
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from banking import categorising, edits, tagging
from banking.api import filters
from banking.api.rule_serializers import CategoryChange, KnownCategoryOutput
from banking.api.serializers import (
    TransactionChange,
    TransactionFilterQuery,
    TransactionOutput,
    TransactionQuery,
    TransactionTotalsOutput,
)
from banking.models import Category, Transaction
from banking.queries import categories, transactions
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


def row_of(request: Request, transaction_id: str) -> Transaction:
    """The person's row that the address names; raises NotFound."""
    pk = inputs.path_number(transaction_id, name="transaction_id")
    try:
        return transactions.transaction_of(user=signed_in(request), pk=pk)
    except Transaction.DoesNotExist as error:
        raise exceptions.NotFound("Transaction not found") from error


def category_of(user: User, pk: int) -> Category:
    """A category that the person may choose; raises NotFound."""
    category = Category.objects.for_user(user).select_related("parent").filter(pk=pk).first()
    if category is None:
        raise exceptions.NotFound("Category not found")
    return category
