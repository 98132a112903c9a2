"""How amounts, moments, flags and words are written on the wire and read from it."""

import re
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

CENT = Decimal("0.01")
LARGEST_ID = 2**63 - 1
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@extend_schema_field({"type": "number", "example": 1234.56})
class AmountField(serializers.Field[Decimal, Any, Decimal, Any]):
    """An amount on its way out: a JSON number with at most two decimals."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, **options)

    def to_representation(self, value: Decimal) -> Decimal:
        return value.quantize(CENT, ROUND_HALF_EVEN)


@extend_schema_field(OpenApiTypes.DATETIME)
class MomentField(serializers.DateTimeField):
    """A moment on its way out: ISO 8601 in UTC, with its Z."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, default_timezone=UTC, **options)


@extend_schema_field({"type": "integer", "minimum": 0, "maximum": 1})
class FlagField(serializers.Field[bool, Any, int, Any]):
    """A yes or no that the wire writes as 1 or 0."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, **options)

    def to_representation(self, value: bool) -> int:
        return int(value)


class IdField(serializers.IntegerField):
    """The number of a row. One that no database can hold would crash the query that looks for it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=LARGEST_ID, **options)


class AnyCaseChoiceField(serializers.ChoiceField):
    """One of a few words, in whatever case the client writes it."""

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(data.lower() if isinstance(data, str) else data)


@extend_schema_field(
    {"type": "string", "example": "2026-11-23", "description": "A day, or a moment in ISO 8601."}
)
class DayOrMomentField(serializers.Field[date | datetime, str, str, Any]):
    """A border of a period: a day, or a moment; a moment without a zone is Moscow's."""

    def to_internal_value(self, data: Any) -> date | datetime:
        if isinstance(data, str) and DAY.fullmatch(data):
            return serializers.DateField().to_internal_value(data)
        field = serializers.DateTimeField()
        try:
            return field.to_internal_value(data)
        except OverflowError:  # at the ends of the calendar, where no zone can be applied
            field.fail("overflow")
