"""What dividing a row takes and answers, field by field."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from banking.api.serializers import TagNamesField, TransactionOutput
from banking.parts import FEWEST, MOST
from financehub.api.fields import IdField

SMALLEST = Decimal("0.01")


class PartInput(serializers.Serializer[Any]):
    """A part; without a category it keeps that of the row."""

    amount = serializers.DecimalField(
        max_digits=14, decimal_places=2, min_value=SMALLEST, required=False, help_text="Without a sign."
    )
    percent = serializers.DecimalField(
        max_digits=5, decimal_places=2, min_value=SMALLEST, max_value=Decimal(100), required=False
    )
    category_id = IdField(required=False)
    note = serializers.CharField(default="", allow_blank=True, max_length=500)
    tags = TagNamesField(default=list)


class SplitInput(serializers.Serializer[Any]):
    """The parts, all by amount or all by per cent; together they are the whole row.

    Amounts from per cents are rounded half to even, and the last part takes what that leaves.
    """

    parts = serializers.ListField(child=PartInput(), min_length=FEWEST, max_length=MOST)

    def validate_parts(self, parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        said = {tuple(name for name in ("amount", "percent") if name in part) for part in parts}
        if said not in ({("amount",)}, {("percent",)}):
            raise serializers.ValidationError("Either an amount in each part or a per cent in each.")
        return parts


class SplitOutput(serializers.Serializer[Any]):
    """The row and its parts, none where it is in one piece."""

    transaction = TransactionOutput()
    parts = TransactionOutput(many=True)
