"""Questions of the first screen: this month against the last, where it went, what needs a look."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from banking.models import Category, Transaction
from banking.queries.accounts import HOME_CURRENCY
from banking.queries.transactions import CurrencyFlow
from financehub.money import ZERO
from financehub.periods import Period, last_days, month_of

if TYPE_CHECKING:
    from banking.models.transaction import TransactionQuerySet
    from financehub.users.models import User

TOP = 5
UNCATEGORISED_DAYS = 30


@dataclass(frozen=True, slots=True)
class MonthFlow:
    """Rubles in and out this month so far, and on the same days of the month before.

    `others` are the flows of this month in other currencies, never added to the rubles.
    """

    period: Period
    before_period: Period
    now: CurrencyFlow
    before: CurrencyFlow
    others: tuple[CurrencyFlow, ...]


@dataclass(frozen=True, slots=True)
class CategorySpending:
    """What a top-level category took, with everything under it; refunds taken off."""

    category: Category
    amount: Decimal


def month_so_far(today: date) -> Period:
    """From the first of the month up to and with today."""
    return Period(today.replace(day=1), today + timedelta(days=1))


def same_days_before(today: date) -> Period:
    """The same days of the month before, fewer when that month is shorter."""
    month = month_of(today.replace(day=1) - timedelta(days=1))
    return Period(month.start, min(month.start + timedelta(days=today.day), month.end))


def month_flow(*, user: "User", today: date) -> MonthFlow:
    """Income and spending of this month so far, transfers between own accounts in neither."""
    now, before = month_so_far(today), same_days_before(today)
    sums = _sums(user=user, now=now, before=before)
    others = sorted({currency for currency, _, is_now in sums if is_now and currency != HOME_CURRENCY})
    return MonthFlow(
        period=now,
        before_period=before,
        now=_flow(sums, HOME_CURRENCY, is_now=True),
        before=_flow(sums, HOME_CURRENCY, is_now=False),
        others=tuple(_flow(sums, currency, is_now=True) for currency in others),
    )


def _sums(*, user: "User", now: Period, before: Period) -> Mapping[tuple[str, str, bool], Decimal]:
    """Sums by currency, kind, and whether they are of this month."""
    rows = Transaction.objects.for_user(user).counted().without_transfers()
    both = (rows.booked_in(before), rows.booked_in(now))
    return {
        (currency, kind, is_now): total
        for is_now, part in zip((False, True), both, strict=True)
        for currency, kind, total in part.values_list("currency", "kind")
        .annotate(total=Sum("amount"))
        .order_by("currency", "kind")
    }


def _flow(sums: Mapping[tuple[str, str, bool], Decimal], currency: str, *, is_now: bool) -> CurrencyFlow:
    return CurrencyFlow(
        currency=currency,
        income=sums.get((currency, Category.Kind.INCOME, is_now), ZERO),
        spending=-sums.get((currency, Category.Kind.EXPENSE, is_now), ZERO),
    )


def top_spending(*, user: "User", period: Period, most: int = TOP) -> list[CategorySpending]:
    """The top-level categories that took most rubles of a period, largest first."""
    sums = (
        _ruble_expenses(user=user, period=period)
        .values(root=Coalesce(F("category__parent_id"), F("category_id")))
        .annotate(total=Sum("amount"))
        .filter(total__lt=ZERO)
        .order_by("total", "root")
        .values_list("root", "total")
    )
    largest = list(sums[:most])
    categories = Category.objects.in_bulk([root for root, _ in largest])
    return [CategorySpending(categories[root], -total) for root, total in largest]


def _ruble_expenses(*, user: "User", period: Period) -> "TransactionQuerySet":
    rows = Transaction.objects.for_user(user).counted().expenses()
    return rows.booked_in(period).filter(currency=HOME_CURRENCY)


def uncategorised_period(today: date) -> Period:
    """How far back the count of rows without a category looks."""
    return last_days(today, UNCATEGORISED_DAYS)


def uncategorised_count(*, user: "User", today: date) -> int:
    """Recent rows whose category nothing could tell."""
    rows = Transaction.objects.for_user(user).booked_in(uncategorised_period(today))
    return rows.filter(category_reason=Transaction.Reason.DEFAULT).count()
