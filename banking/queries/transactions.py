"""Questions about the rows that a filter lets through: pages by keyset, totals, days."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from django.db.models import Count, Q, Sum
from django.db.models.functions import Abs

from banking.models import Category, DayTotal, Transaction
from banking.queries import tags
from banking.queries.transaction_filter import TransactionFilter, booked_in, matching
from banking.totals import COUNTS
from financehub.errors import DomainError
from financehub.fields import from_units, to_units
from financehub.money import ZERO
from financehub.periods import Period

if TYPE_CHECKING:
    from banking.models.transaction import TransactionQuerySet
    from financehub.users.models import User

PAGE_SIZE = 50
MOST_DELETED = 200
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LONGEST_CURSOR = 40
LARGEST_NUMBER = 2**63 - 1  # a database knows no larger one
YEARS = range(1900, 2200)  # of rows; nearer to the ends of the calendar no zone can be applied


class InvalidCursor(DomainError):
    """The place in a list does not read as one."""

    code = "invalid_cursor"


class Order(StrEnum):
    """The orders of a list, named as the URL names them. Amounts are ordered by their size."""

    NEWEST = "-date"
    OLDEST = "date"
    LARGEST = "-amount"
    SMALLEST = "amount"

    @property
    def is_by_date(self) -> bool:
        return self in {Order.NEWEST, Order.OLDEST}

    @property
    def column(self) -> str:
        return "booked_at" if self.is_by_date else "size"

    @property
    def mark(self) -> str:
        """What stands before a column to order by it downwards."""
        return "-" if self.startswith("-") else ""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row shown; the next page begins behind it."""

    booked_at: datetime
    pk: int

    def __str__(self) -> str:
        return f"{(self.booked_at - EPOCH) // MICROSECOND}-{self.pk}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The cursor that `str` wrote; raises InvalidCursor."""
        moment, pk = _two_numbers(text)
        try:
            booked_at = EPOCH + moment * MICROSECOND
        except OverflowError as error:
            raise InvalidCursor from error
        if booked_at.year not in YEARS:
            raise InvalidCursor
        return cls(booked_at, pk)


@dataclass(frozen=True, slots=True)
class SizeCursor:
    """The last row shown of a list by the size of amounts."""

    size: Decimal
    pk: int

    def __str__(self) -> str:
        return f"{to_units(self.size)}-{self.pk}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The cursor that `str` wrote; raises InvalidCursor."""
        units, pk = _two_numbers(text)
        return cls(from_units(units), pk)


def cursor_of(text: str, order: Order) -> Cursor | SizeCursor:
    """The place that a URL names in a list of this order; raises InvalidCursor."""
    return Cursor.parse(text) if order.is_by_date else SizeCursor.parse(text)


def _two_numbers(text: str) -> tuple[int, int]:
    first, _, second = text.rpartition("-")
    try:
        numbers = int(first), int(second)
    except ValueError as error:
        raise InvalidCursor from error
    if len(text) > LONGEST_CURSOR or max(map(abs, numbers)) > LARGEST_NUMBER:
        raise InvalidCursor
    return numbers


@dataclass(frozen=True, slots=True)
class TransactionRow:
    """What a list needs of a transaction: plain values, for fifty models cost more than their page."""

    pk: int
    booked_at: datetime
    booking_date: date
    amount: Decimal
    currency: str
    status: str
    kind: str
    description: str
    merchant_name: str
    counterparty: str
    note: str
    is_refund: bool
    missing_since: datetime | None
    excluded: bool
    reviewed_at: datetime | None
    category_reason: str
    account_id: int
    pair_account_id: int | None
    category_slug: str
    category_name_ru: str
    category_name_en: str
    category_icon: str
    category_hue: int
    part_of_id: int | None
    tags: tuple[str, ...] = ()


ROW_COLUMNS = (
    "pk",
    "booked_at",
    "booking_date",
    "amount",
    "currency",
    "status",
    "kind",
    "description",
    "merchant_name",
    "counterparty",
    "note",
    "is_refund",
    "missing_since",
    "excluded",
    "reviewed_at",
    "category_reason",
    "account_id",
    "transfer_pair__account_id",
    "category__slug",
    "category__name_ru",
    "category__name_en",
    "category__icon",
    "category__hue",
    "part_of_id",
)


@dataclass(frozen=True, slots=True)
class TransactionPage:
    """One page of a list, the place behind it (None at the end), and what its days come to."""

    rows: tuple[TransactionRow, ...]
    next: Cursor | SizeCursor | None
    day_totals: Mapping[date, Mapping[str, Decimal]]


@dataclass(frozen=True, slots=True)
class CurrencyFlow:
    """Money in and out in one currency; spending is positive, refunds already taken off it."""

    currency: str
    income: Decimal = ZERO
    spending: Decimal = ZERO

    @property
    def net(self) -> Decimal:
        return self.income - self.spending


@dataclass(frozen=True, slots=True)
class FilteredTotals:
    """What a whole filtered set comes to; transfers between own accounts are neither income nor spending."""

    count: int = 0
    transfers: int = 0
    not_counted: int = 0
    flows: tuple[CurrencyFlow, ...] = field(default=())


def transaction_page(
    *,
    user: "User",
    wanted: TransactionFilter,
    order: Order = Order.NEWEST,
    after: Cursor | SizeCursor | None = None,
    size: int = PAGE_SIZE,
) -> TransactionPage:
    """The rows behind a cursor; in an order by date with the totals of the days they touch."""
    rows = ordered(matching(user=user, wanted=wanted), order)
    if after is not None:
        rows = _behind(rows, after, order)
    found = [TransactionRow(*values) for values in rows.values_list(*ROW_COLUMNS)[: size + 1]]
    shown = _with_tags(found[:size])
    return TransactionPage(
        rows=shown,
        next=_place(shown[-1], order) if len(found) > size else None,
        day_totals=_day_totals(user=user, wanted=wanted, rows=shown) if order.is_by_date else {},
    )


def _with_tags(rows: list[TransactionRow]) -> tuple[TransactionRow, ...]:
    named = tags.names_on(row.pk for row in rows)
    return tuple(replace(row, tags=named[row.pk]) if row.pk in named else row for row in rows)


def ordered(rows: "TransactionQuerySet", order: Order) -> "TransactionQuerySet":
    """Rows in one of the orders of lists; equal places are told apart by the id."""
    if not order.is_by_date:
        rows = rows.annotate(size=Abs("amount"))
    return rows.order_by(f"{order.mark}{order.column}", f"{order.mark}id")


def _place(row: TransactionRow, order: Order) -> Cursor | SizeCursor:
    return Cursor(row.booked_at, row.pk) if order.is_by_date else SizeCursor(abs(row.amount), row.pk)


def _behind(rows: "TransactionQuerySet", after: Cursor | SizeCursor, order: Order) -> "TransactionQuerySet":
    """The rows after a place, whichever way the list runs."""
    way = "lt" if order.mark else "gt"
    place = after.booked_at if isinstance(after, Cursor) else after.size
    behind = Q(**{f"{order.column}__{way}": place}) | Q(**{f"pk__{way}": after.pk})
    return rows.filter(behind, **{f"{order.column}__{way}e": place})


def _day_totals(
    *, user: "User", wanted: TransactionFilter, rows: tuple[TransactionRow, ...]
) -> Mapping[date, Mapping[str, Decimal]]:
    """What the days of a page come to in the whole filtered set, each currency by itself."""
    if not rows:
        return {}
    days = {row.booking_date for row in rows}
    around = Period(min(days), max(days) + timedelta(days=1))
    sums = (
        booked_in(matching(user=user, wanted=wanted), around)
        .counted()
        .without_transfers()
        .values_list("booking_date", "currency")
        .annotate(total=Sum("amount"))
        .order_by("booking_date", "currency")
    )
    totals: dict[date, dict[str, Decimal]] = {}
    for day, currency, total in sums:
        totals.setdefault(day, {})[currency] = total
    return totals


def filtered_totals(*, user: "User", wanted: TransactionFilter) -> FilteredTotals:
    """Count, income, spending and net of every row that a filter lets through, not of one page."""
    kept = kept_totals(user=user, wanted=wanted)
    return kept if kept is not None else totals_of(matching(user=user, wanted=wanted))


def kept_totals(*, user: "User", wanted: TransactionFilter) -> FilteredTotals | None:
    """The same from the totals of days, at a cost that does not grow; None if the filter asks for more.

    The totals of days know days, kinds and currencies only.
    """
    if replace(wanted, period=None, kinds=frozenset()) != TransactionFilter():
        return None
    days = DayTotal.objects.for_user(user)
    if wanted.period is not None:
        days = days.booked_in(wanted.period)
    if wanted.kinds:
        days = days.filter(kind__in=wanted.kinds)
    sums = (
        days.values_list("currency", "kind")
        .annotate(number=Sum("rows"), counting=Sum("counted"), total=Sum("amount"))
        .order_by("currency", "kind")
    )
    return totals_from(sums)


def totals_of(rows: "TransactionQuerySet") -> FilteredTotals:
    """The same for rows however they were chosen."""
    return totals_from(
        rows.values_list("currency", "kind")
        .annotate(
            number=Count("pk"),
            counting=Count("pk", filter=COUNTS),
            total=Sum("amount", filter=COUNTS),
        )
        .order_by("currency", "kind")
    )


def totals_from(sums: Iterable[tuple[str, str, int, int, Decimal | None]]) -> FilteredTotals:
    """Totals from lines of: currency, kind, how many rows, how many of them count, their sum."""
    count = transfers = not_counted = 0
    by_currency: dict[str, dict[str, Decimal]] = {}
    for currency, kind, rows, counted, total in sums:
        count += rows
        not_counted += rows - counted
        if kind == Category.Kind.TRANSFER:
            transfers += counted
        elif counted:
            by_currency.setdefault(currency, {})[kind] = total or ZERO
    return FilteredTotals(
        count=count,
        transfers=transfers,
        not_counted=not_counted,
        flows=tuple(
            _flow(currency, kinds) for currency, kinds in sorted(by_currency.items(), key=_rubles_first)
        ),
    )


def _flow(currency: str, kinds: Mapping[str, Decimal]) -> CurrencyFlow:
    return CurrencyFlow(
        currency=currency,
        income=kinds.get(Category.Kind.INCOME, ZERO),
        spending=-kinds.get(Category.Kind.EXPENSE, ZERO),
    )


def _rubles_first(entry: tuple[str, object]) -> tuple[bool, str]:
    return entry[0] != "RUB", entry[0]


def transaction_of(*, user: "User", pk: int, deleted: bool = False) -> Transaction:
    """One transaction with everything its page shows; raises Transaction.DoesNotExist for anyone else's.

    With `deleted`, it may be one that the person deleted.
    """
    rows = Transaction.objects.filter(user=user) if deleted else Transaction.objects.for_user(user)
    places = ("account__bank", "category__parent", "transfer_pair__account__bank", "part_of")
    return rows.select_related(*places).prefetch_related("tags").get(pk=pk)


def deleted_rows(*, user: "User", most: int = MOST_DELETED) -> tuple[TransactionRow, ...]:
    """The rows that the person deleted, the last deleted first."""
    rows = Transaction.objects.filter(user=user).deleted().order_by("-deleted_at", "-id")
    return tuple(TransactionRow(*values) for values in rows.values_list(*ROW_COLUMNS)[:most])


def parts_of(*, row: Transaction) -> tuple[TransactionRow, ...]:
    """The rows that stand in the place of a divided one, in its order."""
    if not row.parts:
        return ()
    found = Transaction.objects.filter(part_of=row).order_by("pk").values_list(*ROW_COLUMNS)
    return _with_tags([TransactionRow(*values) for values in found])


def transaction_row(*, user: "User", pk: int) -> TransactionRow:
    """One transaction as a list shows it; raises Transaction.DoesNotExist for anyone else's."""
    row = TransactionRow(*Transaction.objects.for_user(user).values_list(*ROW_COLUMNS).get(pk=pk))
    return _with_tags([row])[0]
