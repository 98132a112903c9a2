"""Questions about transactions: one filter, its pages by keyset, its totals, its days."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Self

from django.db.models import Count, Q, Sum

from banking.models import Category, DayTotal, Transaction
from financehub.errors import DomainError
from financehub.money import ZERO
from financehub.periods import Period, start_of_day

if TYPE_CHECKING:
    from banking.models.transaction import TransactionQuerySet
    from financehub.users.models import User

PAGE_SIZE = 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LONGEST_CURSOR = 40
# A booking date is the day of the booking time, or the bank's own word for it: at most a day away.
DAY_SLACK = timedelta(days=2)


class InvalidCursor(DomainError):
    """The place in a list does not read as one."""

    code = "invalid_cursor"


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
        moment, _, pk = text.rpartition("-")
        try:
            if len(text) > LONGEST_CURSOR:
                raise InvalidCursor
            return cls(EPOCH + int(moment) * MICROSECOND, int(pk))
        except (ValueError, OverflowError) as error:
            raise InvalidCursor from error


@dataclass(frozen=True, slots=True)
class TransactionFilter:
    """Which rows are wanted; every field left alone lets everything through."""

    words: tuple[str, ...] = ()
    period: Period | None = None
    account_id: int | None = None
    bank_code: str = ""
    category_ids: frozenset[int] | None = None
    uncategorised: bool = False
    kind: str = ""
    shop: str = ""
    weekday: int | None = None
    status: str = ""
    missing: bool = False
    lowest: Decimal | None = None
    highest: Decimal | None = None


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
    category_reason: str
    account_id: int
    pair_account_id: int | None
    category_slug: str
    category_name_ru: str
    category_name_en: str
    category_icon: str
    category_hue: int


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
    "category_reason",
    "account_id",
    "transfer_pair__account_id",
    "category__slug",
    "category__name_ru",
    "category__name_en",
    "category__icon",
    "category__hue",
)


@dataclass(frozen=True, slots=True)
class TransactionPage:
    """One page of a list, the place behind it (None at the end), and what its days come to."""

    rows: tuple[TransactionRow, ...]
    next: Cursor | None
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


def matching(*, user: "User", wanted: TransactionFilter) -> "TransactionQuerySet":
    """The person's rows that a filter lets through."""
    rows = Transaction.objects.for_user(user)
    if wanted.period is not None:
        rows = _booked_in(rows, wanted.period)
    if wanted.account_id is not None:
        rows = rows.filter(account_id=wanted.account_id)
    if wanted.bank_code:
        rows = rows.filter(account__bank__code=wanted.bank_code)
    if wanted.category_ids is not None:
        rows = rows.filter(category_id__in=wanted.category_ids)
    if wanted.uncategorised:
        rows = rows.filter(category_reason=Transaction.Reason.DEFAULT)
    if wanted.shop:
        rows = rows.filter(merchant_name=wanted.shop)
    if wanted.weekday is not None:
        rows = rows.filter(booking_date__iso_week_day=wanted.weekday)
    for word in wanted.words:
        rows = rows.filter(search_text__contains=word)
    return _of_size(_of_state(rows, wanted), wanted)


def _of_state(rows: "TransactionQuerySet", wanted: TransactionFilter) -> "TransactionQuerySet":
    """Rows of one kind, of one status, or those that the bank took back."""
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.status:
        rows = rows.filter(status=wanted.status)
    if wanted.missing:
        rows = rows.exclude(missing_since=None)
    return rows


def _booked_in(rows: "TransactionQuerySet", period: Period) -> "TransactionQuerySet":
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


def transaction_page(
    *, user: "User", wanted: TransactionFilter, after: Cursor | None = None, size: int = PAGE_SIZE
) -> TransactionPage:
    """The rows behind a cursor, newest first, with the totals of the days they touch."""
    rows = matching(user=user, wanted=wanted).newest_first()
    if after is not None:
        rows = rows.filter(
            Q(booked_at__lt=after.booked_at) | Q(pk__lt=after.pk), booked_at__lte=after.booked_at
        )
    found = [TransactionRow(*values) for values in rows.values_list(*ROW_COLUMNS)[: size + 1]]
    shown = tuple(found[:size])
    last = Cursor(shown[-1].booked_at, shown[-1].pk) if len(found) > size else None
    return TransactionPage(
        rows=shown, next=last, day_totals=_day_totals(user=user, wanted=wanted, rows=shown)
    )


def _day_totals(
    *, user: "User", wanted: TransactionFilter, rows: tuple[TransactionRow, ...]
) -> Mapping[date, Mapping[str, Decimal]]:
    """What the days of a page come to in the whole filtered set, each currency by itself."""
    if not rows:
        return {}
    days = {row.booking_date for row in rows}
    around = Period(min(days), max(days) + timedelta(days=1))
    sums = (
        _booked_in(matching(user=user, wanted=wanted), around)
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
    return kept if kept is not None else _summed_totals(matching(user=user, wanted=wanted))


def kept_totals(*, user: "User", wanted: TransactionFilter) -> FilteredTotals | None:
    """The same from the totals of days, at a cost that does not grow; None if the filter asks for more.

    The totals of days know days, kinds and currencies only.
    """
    if replace(wanted, period=None, kind="") != TransactionFilter():
        return None
    days = DayTotal.objects.for_user(user)
    if wanted.period is not None:
        days = days.booked_in(wanted.period)
    if wanted.kind:
        days = days.filter(kind=wanted.kind)
    sums = (
        days.values_list("currency", "kind")
        .annotate(number=Sum("rows"), counting=Sum("counted"), total=Sum("amount"))
        .order_by("currency", "kind")
    )
    return totals_from(sums)


def _summed_totals(rows: "TransactionQuerySet") -> FilteredTotals:
    counts = Q(missing_since=None) & ~Q(status=Transaction.Status.DECLINED)
    return totals_from(
        rows.values_list("currency", "kind")
        .annotate(
            number=Count("pk"),
            counting=Count("pk", filter=counts),
            total=Sum("amount", filter=counts),
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


def transaction_of(*, user: "User", pk: int) -> Transaction:
    """One transaction with everything its page shows; raises Transaction.DoesNotExist for anyone else's."""
    return (
        Transaction.objects.for_user(user)
        .select_related("account__bank", "category__parent", "transfer_pair__account__bank")
        .get(pk=pk)
    )


def transaction_row(*, user: "User", pk: int) -> TransactionRow:
    """One transaction as a list shows it; raises Transaction.DoesNotExist for anyone else's."""
    return TransactionRow(*Transaction.objects.for_user(user).values_list(*ROW_COLUMNS).get(pk=pk))
