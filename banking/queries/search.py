"""Queries: the condition that rows contain words, through the index of three-letter pieces where it helps."""

from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Q

from banking.models import Transaction
from banking.search_index import SHORTEST, newest_row

if TYPE_CHECKING:
    from financehub.users.models import User

RARE = 2_000  # rows that are named one by one; of more, a list is found sooner by reading in its order


def containing(words: tuple[str, ...], *, user: "User") -> Q:
    """That a row's text contains every word; a word is normalised: letters, digits and spaces.

    What is rare is asked of the index here and named by its ids: beside an order and a limit neither
    database would choose that by itself.
    """
    read = Q(*(Q(search_text__contains=word) for word in words))
    pieces = [word for word in words if len(word) >= SHORTEST]
    if not pieces:
        return read
    first = _first_on_sqlite if connection.vendor == "sqlite" else _first
    ids = first(user, pieces)
    return read if len(ids) > RARE else read & Q(pk__in=ids)


def _first(user: "User", words: list[str], *, since: int = 0) -> list[int]:
    found = Transaction.objects.for_user(user).filter(*(Q(search_text__contains=word) for word in words))
    if since:
        found = found.filter(pk__gt=since)
    return list(found.values_list("pk", flat=True)[: RARE + 1])


def _first_on_sqlite(user: "User", words: list[str]) -> list[int]:
    """Rows that the index knows, anybody's, for it does not know people; and the person's since."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rowid FROM banking_transaction_search WHERE search_text MATCH %s LIMIT %s",
            [" ".join(f'"{word}"' for word in words), RARE + 1],
        )
        known = [pk for (pk,) in cursor.fetchall()]
    return known + _first(user, words, since=newest_row())
