"""The query of a list of transactions, put to the same filter as the pages use."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from banking.api import wire
from banking.categories.rules import normalise
from banking.queries import transactions
from banking.queries.transactions import TransactionFilter

if TYPE_CHECKING:
    from banking.models.transaction import TransactionQuerySet
    from financehub.users.models import User

# A hundred rows share few accounts and categories: reading those apart costs half as much as joining
# them to every row. What the wire does not show is not read at all.
SHARED = ("account__bank", "category__parent")
UNSEEN = ("raw", "search_text", "content_hash")


def rows_of(*, user: "User", query: dict[str, Any]) -> "TransactionQuerySet":
    """The person's rows that a validated query asks for, newest first."""
    wanted = TransactionFilter(
        words=tuple(normalise(query.get("q", "")).split()),
        account_id=query.get("account_id"),
        category_ids=frozenset({query["category_id"]}) if "category_id" in query else None,
    )
    rows = _of_type(transactions.matching(user=user, wanted=wanted), query.get("transaction_type", ""))
    rows = _between(rows, query.get("from_date"), query.get("to_date"))
    return rows.defer(*UNSEEN).prefetch_related(*SHARED).newest_first()


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
