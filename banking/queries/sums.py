"""The figure layer: what any filter's rows come to, by whatever is asked, from kept totals where they serve.

Dashboard, analytics and the API ask here, so that the same filter gives the same sums. Days without
any other condition come from the totals of days; whole months under an account, a bank or a
category from the totals of months, and only the days at the edges of the period from rows; anything
else from rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Sum

from banking.models import DayTotal, MonthTotal
from banking.models.month_total import FirstOfMonth
from banking.queries import transactions
from banking.queries.transactions import CurrencyFlow, TransactionFilter
from banking.totals import COUNTS
from financehub.money import ZERO
from financehub.periods import Period, next_month

if TYPE_CHECKING:
    from decimal import Decimal

    from banking.models.transaction import TransactionQuerySet
    from financehub.users.models import User

MONTHS_KNOW = {"period", "kind", "account_id", "bank_code", "category_ids"}
DAYS_KNOW = {"period", "kind"}
DAY_KEYS = {"date", "currency", "kind"}


@dataclass(frozen=True, slots=True)
class GroupSum:
    """How many rows a group has, how many of them count, and what those come to, signed."""

    rows: int = 0
    counted: int = 0
    amount: "Decimal" = ZERO

    def __add__(self, other: "GroupSum") -> "GroupSum":
        return GroupSum(self.rows + other.rows, self.counted + other.counted, self.amount + other.amount)


Sums = dict[tuple[Any, ...], GroupSum]


def sums(*, user: "User", wanted: TransactionFilter, by: tuple[str, ...]) -> Sums:
    """What the rows of a filter come to, for each value of `by`.

    The keys are among date, month, currency, kind, category_id, account_id and merchant_name.
    """
    if set(by) <= DAY_KEYS and _asks_only(wanted, DAYS_KNOW):
        return _of_days(user, wanted, by)
    if not {"date", "merchant_name"} & set(by) and _asks_only(wanted, MONTHS_KNOW):
        return _of_months(user, wanted, by)
    return _of_rows(transactions.matching(user=user, wanted=wanted), by)


def whole_months(period: Period) -> tuple[Period | None, tuple[Period, ...]]:
    """The calendar months that lie in a period as a whole, and the days before and after them."""
    first = period.start if period.start.day == 1 else next_month(period.start)
    last = period.end.replace(day=1)
    if first >= last:
        return None, (period,)
    edges = (Period(period.start, first), Period(last, period.end))
    return Period(first, last), tuple(edge for edge in edges if edge.days)


def _asks_only(wanted: TransactionFilter, known: set[str]) -> bool:
    nothing = TransactionFilter()
    return replace(wanted, **{name: getattr(nothing, name) for name in known}) == nothing


def _of_days(user: "User", wanted: TransactionFilter, by: tuple[str, ...]) -> Sums:
    kept = DayTotal.objects.for_user(user)
    if wanted.period is not None:
        kept = kept.booked_in(wanted.period)
    if wanted.kind:
        kept = kept.filter(kind=wanted.kind)
    return _read(kept.values_list(*by).annotate(Sum("rows"), Sum("counted"), Sum("amount")).order_by())


def _of_months(user: "User", wanted: TransactionFilter, by: tuple[str, ...]) -> Sums:
    whole, edges = whole_months(wanted.period) if wanted.period else (None, ())
    found: Sums = {}
    if whole or not wanted.period:
        kept = _kept_months(user, wanted, whole)
        found = _read(kept.values_list(*by).annotate(Sum("rows"), Sum("counted"), Sum("amount")).order_by())
    for edge in edges:
        rows = transactions.matching(user=user, wanted=replace(wanted, period=edge))
        for key, part in _of_rows(rows, by).items():
            found[key] = found.get(key, GroupSum()) + part
    return found


def _kept_months(user: "User", wanted: TransactionFilter, whole: Period | None) -> Any:
    kept = MonthTotal.objects.for_user(user)
    if whole is not None:
        kept = kept.within(whole)
    if wanted.kind:
        kept = kept.filter(kind=wanted.kind)
    if wanted.account_id is not None:
        kept = kept.filter(account_id=wanted.account_id)
    if wanted.bank_code:
        kept = kept.filter(account__bank__code=wanted.bank_code)
    if wanted.category_ids is not None:
        kept = kept.filter(category_id__in=wanted.category_ids)
    return kept


def _of_rows(rows: "TransactionQuerySet", by: tuple[str, ...]) -> Sums:
    """The same from rows."""
    named = {"date": F("booking_date"), "month": FirstOfMonth("booking_date")}
    keys = {name: named[name] for name in by if name in named}
    return _read(
        rows.annotate(**keys)
        .values_list(*by)
        .annotate(number=Count("pk"), counting=Count("pk", filter=COUNTS), total=Sum("amount", filter=COUNTS))
        .order_by()
    )


def _read(lines: Iterable[tuple[Any, ...]]) -> Sums:
    return {tuple(key): GroupSum(rows, counted, amount or ZERO) for *key, rows, counted, amount in lines}


def flows(*, user: "User", wanted: TransactionFilter) -> tuple[CurrencyFlow, ...]:
    """Money in and out, rubles first; transfers between own accounts are in neither."""
    found = sums(user=user, wanted=wanted, by=("currency", "kind"))
    lines = (
        (currency, kind, part.rows, part.counted, part.amount)
        for (currency, kind), part in sorted(found.items())
    )
    return transactions.totals_from(lines).flows
