"""The query of a list of transactions, put to the same filter as the pages use."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from banking.api import wire
from banking.categories.rules import normalise
from banking.models import Tag
from banking.queries import categories
from banking.queries.transaction_filter import Mark, TransactionFilter, matching, merchants_named
from banking.tagging import key_of

if TYPE_CHECKING:
    from banking.models.transaction import TransactionQuerySet
    from financehub.users.models import User

# A hundred rows share few accounts and categories: reading those apart costs half as much as joining
# them to every row. What the wire does not show is not read at all.
SHARED = ("account__bank", "category__parent", "tags")
UNSEEN = ("raw", "search_text", "content_hash")


def rows_of(*, user: "User", query: dict[str, Any]) -> "TransactionQuerySet":
    """The person's rows that a validated query asks for."""
    rows = matching(user=user, wanted=_wanted(user, query))
    rows = _of_type(rows, query.get("transaction_type", ""))
    return _between(rows, query.get("from_date"), query.get("to_date"))


def for_output(rows: "TransactionQuerySet") -> "TransactionQuerySet":
    """The rows with what the wire shows of them."""
    return rows.defer(*UNSEEN).prefetch_related(*SHARED)


def _wanted(user: "User", query: dict[str, Any]) -> TransactionFilter:
    category_ids, statuses = query.get("category_id", []), set(query.get("status", []))
    shop = _words(query.get("merchant", ""))
    return TransactionFilter(
        words=_words(query.get("q", "")),
        accounts=frozenset(query.get("account_id", [])),
        banks=frozenset(query.get("bank", [])),
        categories=categories.ids_under(user=user, ids=category_ids) if category_ids else frozenset(),
        uncategorised=query.get("uncategorised", False),
        kinds=frozenset(query.get("kind", [])),
        statuses=frozenset(statuses - {wire.MISSING}),
        missing=wire.MISSING in statuses,
        merchants=merchants_named(user=user, words=shop) if shop else None,
        mcc=frozenset(query.get("mcc", [])),
        marks=frozenset(map(Mark, query.get("mark", []))),
        tags=_tags(user, query["tag"]) if "tag" in query else frozenset(),
        lowest=query.get("min_amount"),
        highest=query.get("max_amount"),
    )


def _tags(user: "User", names: list[str]) -> frozenset[int]:
    """The ids of tags; a name that is nobody's matches no row, so there is always an id."""
    keys = [key_of(name) for name in names]
    known = Tag.objects.for_user(user).filter(key__in=keys).values_list("pk", flat=True)
    return frozenset(known) or frozenset({0})


def _words(text: str) -> tuple[str, ...]:
    return tuple(normalise(text).split())


def _of_type(rows: "TransactionQuerySet", word: str) -> "TransactionQuerySet":
    """By the type that the wire shows, where a refund is an income."""
    if word == wire.TRANSFER:
        return rows.transfers()
    if word == wire.INCOME:
        return rows.without_transfers().filter(amount__gt=0)
    if word == wire.EXPENSE:
        return rows.without_transfers().filter(amount__lte=0)
    return rows


def _between(
    rows: "TransactionQuerySet", start: date | datetime | None, end: date | datetime | None
) -> "TransactionQuerySet":
    """Both borders belong to the period. A day means booking days, a moment means moments."""
    if start is not None:
        rows = rows.filter(**{f"{_column(start)}__gte": start})
    if end is not None:
        rows = rows.filter(**{f"{_column(end)}__lte": end})
    return rows


def _column(border: date | datetime) -> str:
    return "booked_at" if isinstance(border, datetime) else "booking_date"
