"""`/transactions/{id}/split`: a row in parts, and in one piece again."""

from typing import Any

from django.db import transaction as database
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from banking import splitting, tagging
from banking.api import filters
from banking.api.split_serializers import SplitInput, SplitOutput
from banking.api.transactions import NOT_FOUND, TRANSACTION_ID, category_of, row_of
from banking.models import Transaction
from banking.splitting import Part
from financehub.api import inputs
from financehub.users.identity import signed_in
from financehub.users.models import User

ANSWERS = {
    200: SplitOutput,
    400: OpenApiResponse(description="The parts do not make up the row, or the row cannot be divided"),
    404: OpenApiResponse(description="Transaction not found, or Category not found"),
}


class SplitView(APIView):
    """The parts in which a row is counted instead of as a whole."""

    @extend_schema(tags=["transactions"], parameters=[TRANSACTION_ID], request=SplitInput, responses=ANSWERS)
    def post(self, request: Request, transaction_id: str) -> Response:
        """Divide a row into 2 to 20 parts, by amounts or by per cent; parts of before give way."""
        user, row = signed_in(request), row_of(request, transaction_id)
        wanted = inputs.body(request, SplitInput)
        with database.atomic():
            parts = _parts(user, row, wanted["parts"])
            splitting.split(user=user, row=row, wanted=parts, now=timezone.now())
        return _answer(request, transaction_id)

    @extend_schema(
        tags=["transactions"], parameters=[TRANSACTION_ID], responses={200: SplitOutput, 404: NOT_FOUND}
    )
    def delete(self, request: Request, transaction_id: str) -> Response:
        """Make it one row again; a row that is not divided stays as it is."""
        row = row_of(request, transaction_id)
        splitting.unsplit(user=signed_in(request), row=row, now=timezone.now())
        return _answer(request, transaction_id)


def _parts(user: User, row: Transaction, said: list[dict[str, Any]]) -> list[Part]:
    if "percent" in said[0]:
        percents = [part["percent"] for part in said]
        sizes = splitting.sizes_of(row.amount, percents, currency=row.currency)
    else:
        sizes = [part["amount"] for part in said]
    return [
        Part(
            size,
            category_of(user, part["category_id"]) if "category_id" in part else row.category,
            part["note"],
            tuple(tagging.named(user=user, names=part["tags"])),
        )
        for size, part in zip(sizes, said, strict=True)
    ]


def _answer(request: Request, transaction_id: str) -> Response:
    row = row_of(request, transaction_id)
    parts = filters.for_output(Transaction.objects.filter(part_of=row).order_by("pk"))
    return Response(SplitOutput({"transaction": row, "parts": parts}).data)
