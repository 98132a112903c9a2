"""Keeps the totals of days and months in step with the transactions; every writer of transactions calls it.

Dates are booking dates. Call it inside the transaction that changed the rows.
"""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Count, F, Q, Sum

from banking.models import DayTotal, MonthTotal, Transaction
from banking.models.month_total import FirstOfMonth
from banking.signals import rows_changed
from financehub.money import ZERO
from financehub.periods import next_month
from financehub.users.models import User

if TYPE_CHECKING:
    from banking.models.transaction import TransactionQuerySet

COUNTS = Q(missing_since=None, deleted_at=None, excluded=False) & ~Q(status=Transaction.Status.DECLINED)
BATCH = 1000


@transaction.atomic
def refresh(*, user_id: int, since: date | None, until: date | None = None) -> None:
    """Compute a person's totals anew, from the day `since` to the day `until`, both included.

    None leaves that side open. Months are computed whole. Two banks of one person may be read at
    once: the person's row is the lock.
    """
    User.objects.select_for_update(no_key=True).filter(pk=user_id).values_list("pk").first()
    _refresh_days(user_id, since, until)
    _refresh_months(user_id, since and since.replace(day=1), next_month(until) if until is not None else None)
    rows_changed.send(sender=Transaction, user_id=user_id)


def _refresh_days(user_id: int, since: date | None, until: date | None) -> None:
    kept = DayTotal.objects.filter(user_id=user_id)
    rows = Transaction.objects.shown().filter(user_id=user_id, deleted_at=None)
    if since is not None:
        kept, rows = kept.filter(date__gte=since), rows.filter(booking_date__gte=since)
    if until is not None:
        kept, rows = kept.filter(date__lte=until), rows.filter(booking_date__lte=until)
    kept.delete()
    DayTotal.objects.bulk_create(_day_totals(user_id, rows), batch_size=BATCH)


def _refresh_months(user_id: int, start: date | None, end: date | None) -> None:
    """The months from the one that begins on `start` up to, not including, the one that begins on `end`."""
    kept = MonthTotal.objects.filter(user_id=user_id)
    rows = Transaction.objects.shown().filter(user_id=user_id, deleted_at=None)
    if start is not None:
        kept, rows = kept.filter(month__gte=start), rows.filter(booking_date__gte=start)
    if end is not None:
        kept, rows = kept.filter(month__lt=end), rows.filter(booking_date__lt=end)
    kept.delete()
    MonthTotal.objects.bulk_create(_month_totals(user_id, rows), batch_size=BATCH)


def _day_totals(user_id: int, rows: "TransactionQuerySet") -> list[DayTotal]:
    sums = _sums(rows, "day", "currency", "kind", day=F("booking_date"))
    return [
        DayTotal(
            user_id=user_id,
            date=day,
            currency=currency,
            kind=kind,
            rows=number,
            counted=counted,
            amount=amount or ZERO,
        )
        for day, currency, kind, number, counted, amount in sums
    ]


def _month_totals(user_id: int, rows: "TransactionQuerySet") -> list[MonthTotal]:
    keys = ("month", "account_id", "category_id", "currency", "kind")
    sums = _sums(rows, *keys, month=FirstOfMonth("booking_date"))
    return [
        MonthTotal(
            user_id=user_id,
            month=month,
            account_id=account_id,
            category_id=category_id,
            currency=currency,
            kind=kind,
            rows=number,
            counted=counted,
            amount=amount or ZERO,
        )
        for month, account_id, category_id, currency, kind, number, counted, amount in sums
    ]


def _sums(rows: "TransactionQuerySet", *keys: str, **named: Any) -> Iterable[tuple[Any, ...]]:
    """Lines of: the keys, how many rows there are, how many count, their sum."""
    return (
        rows.annotate(**named)
        .values_list(*keys)
        .annotate(
            rows=Count("pk"),
            counted=Count("pk", filter=COUNTS),
            total=Sum("amount", filter=COUNTS),
        )
        .order_by(*keys)
    )
