"""The one filter of transactions: pages, API and exports describe what they want with it."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from banking.categories.rules import normalise
from banking.models import Transaction
from banking.queries.search import containing
from financehub.periods import Period, start_of_day

if TYPE_CHECKING:
    from banking.models.transaction import TransactionQuerySet
    from financehub.users.models import User

# A booking date is the day of the booking time, or the bank's own word for it: at most a day away.
DAY_SLACK = timedelta(days=2)


class Mark(StrEnum):
    """What a person put on a row, or did not."""

    NOTED = "noted"
    EXCLUDED = "excluded"
    REVIEWED = "reviewed"
    UNREVIEWED = "unreviewed"


_MARKED = {
    Mark.NOTED: ~Q(note=""),
    Mark.EXCLUDED: Q(excluded=True),
    Mark.REVIEWED: Q(reviewed_at__isnull=False),
    Mark.UNREVIEWED: Q(reviewed_at=None),
}


@dataclass(frozen=True, slots=True)
class TransactionFilter:
    """Which rows are wanted; every field left alone lets everything through.

    Several values of one field are alternatives, several fields must all hold. Categories are meant
    as they stand: whoever wants what is under one names that too. Every mark must be on the row. A shop
    is one by its exact name, whatever other merchants were searched for; Monday is 1.
    """

    words: tuple[str, ...] = ()
    period: Period | None = None
    accounts: frozenset[int] = frozenset()
    banks: frozenset[str] = frozenset()
    categories: frozenset[int] = frozenset()
    uncategorised: bool = False
    kinds: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    missing: bool = False
    merchants: frozenset[str] | None = None
    shop: str = ""
    mcc: frozenset[str] = frozenset()
    weekdays: frozenset[int] = frozenset()
    marks: frozenset[Mark] = frozenset()
    tags: frozenset[int] = frozenset()
    lowest: Decimal | None = None
    highest: Decimal | None = None


def matching(*, user: "User", wanted: TransactionFilter) -> "TransactionQuerySet":
    """The person's rows that a filter lets through."""
    rows = Transaction.objects.for_user(user).shown()
    if wanted.period is not None:
        rows = booked_in(rows, wanted.period)
    for column, values in _columns(wanted).items():
        rows = rows.filter(**{f"{column}__in": values})
    if wanted.shop:
        rows = rows.filter(merchant_name=wanted.shop)
    if wanted.categories or wanted.uncategorised:
        rows = rows.filter(_categorised(wanted))
    if wanted.statuses or wanted.missing:
        rows = rows.filter(_standing(wanted))
    if wanted.tags:
        rows = rows.filter(_tagged(wanted.tags))
    for mark in wanted.marks:
        rows = rows.filter(_MARKED[mark])
    if wanted.words:
        rows = rows.filter(containing(wanted.words, user=user))
    return _of_size(rows, wanted)


def _columns(wanted: TransactionFilter) -> dict[str, frozenset[int] | frozenset[str]]:
    """The columns whose values are simply listed. No merchant at all is an answer, and matches nothing."""
    listed: dict[str, frozenset[int] | frozenset[str]] = {
        "account": wanted.accounts,
        "account__bank__code": wanted.banks,
        "kind": wanted.kinds,
        "mcc": wanted.mcc,
        "booking_date__iso_week_day": wanted.weekdays,
    }
    found = {column: values for column, values in listed.items() if values}
    return found if wanted.merchants is None else found | {"merchant_name": wanted.merchants}


def _categorised(wanted: TransactionFilter) -> Q:
    named = Q(category__in=wanted.categories)
    return named | Q(category_reason=Transaction.Reason.DEFAULT) if wanted.uncategorised else named


def _standing(wanted: TransactionFilter) -> Q:
    """A row that the bank no longer shows still has the state that it was last seen in."""
    known = Q(status__in=wanted.statuses)
    return known | Q(missing_since__isnull=False) if wanted.missing else known


def _tagged(tags: frozenset[int]) -> Exists:
    """A row with several of the tags is still one row, so that no sum has it twice."""
    return Exists(Transaction.tags.through.objects.filter(transaction=OuterRef("pk"), tag__in=tags))


def booked_in(rows: "TransactionQuerySet", period: Period) -> "TransactionQuerySet":
    """The rows of a period, also bounded by the time that lists are ordered by, so that its index serves."""
    return rows.booked_in(period).filter(
        booked_at__gte=start_of_day(period.start) - DAY_SLACK,
        booked_at__lt=start_of_day(period.end) + DAY_SLACK,
    )


def _of_size(rows: "TransactionQuerySet", wanted: TransactionFilter) -> "TransactionQuerySet":
    """Amounts between two sizes, money in and money out alike."""
    if wanted.lowest is not None:
        rows = rows.filter(Q(amount__gte=wanted.lowest) | Q(amount__lte=-wanted.lowest))
    if wanted.highest is not None:
        rows = rows.filter(amount__gte=-wanted.highest, amount__lte=wanted.highest)
    return rows


def merchants_named(*, user: "User", words: tuple[str, ...]) -> frozenset[str]:
    """The shops of a person in whose names all the words occur, spelled as the banks spell them."""
    rows = Transaction.objects.for_user(user).exclude(merchant_name="").filter(containing(words, user=user))
    names = rows.order_by().values_list("merchant_name", flat=True).distinct()
    return frozenset(name for name in names if all(word in normalise(name) for word in words))
