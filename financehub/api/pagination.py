"""A piece of a long list. The wire knows no envelope: a list is a bare array."""

from typing import TypeVar

from django.db.models import Model, QuerySet
from rest_framework import serializers

MOST_ROWS = 1000
DEEPEST_OFFSET = 2**31  # beyond any list of ours, within any database's integers

Row = TypeVar("Row", bound=Model)


class PageQuery(serializers.Serializer[None]):
    """Which piece: so many rows, after skipping so many."""

    limit = serializers.IntegerField(min_value=1, max_value=MOST_ROWS, default=100)
    offset = serializers.IntegerField(min_value=0, default=0)


def piece(rows: QuerySet[Row], *, limit: int, offset: int) -> QuerySet[Row]:
    """The asked-for rows; an offset past the end of everything is as good as the end."""
    start = min(offset, DEEPEST_OFFSET)
    return rows[start : start + limit]
