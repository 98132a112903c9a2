"""Keeps the totals of days in step with the transactions; every writer of transactions calls it.

Dates are booking dates. Call it inside the transaction that changed the rows.
"""

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, Q, Sum

from banking.models import DayTotal, Transaction
from financehub.money import ZERO
from financehub.users.models import User

if TYPE_CHECKING:
    from banking.models.transaction import TransactionQuerySet

COUNTS = Q(missing_since=None, excluded=False) & ~Q(status=Transaction.Status.DECLINED)


@transaction.atomic
def refresh(*, user_id: int, since: date | None, until: date | None = None) -> None:
    """Compute a person's totals anew, from the day `since` to the day `until`, both included.

    None leaves that side open. Two banks of one person may be read at once: the person's row is the
    lock.
    """
    User.objects.select_for_update(no_key=True).filter(pk=user_id).values_list("pk").first()
    kept = DayTotal.objects.filter(user_id=user_id)
    rows = Transaction.objects.filter(user_id=user_id)
    if since is not None:
        kept, rows = kept.filter(date__gte=since), rows.filter(booking_date__gte=since)
    if until is not None:
        kept, rows = kept.filter(date__lte=until), rows.filter(booking_date__lte=until)
    kept.delete()
    DayTotal.objects.bulk_create(_totals(user_id, rows), batch_size=1000)


def _totals(user_id: int, rows: "TransactionQuerySet") -> list[DayTotal]:
    sums = (
        rows.values_list("booking_date", "currency", "kind")
        .annotate(
            rows=Count("pk"),
            counted=Count("pk", filter=COUNTS),
            total=Sum("amount", filter=COUNTS),
        )
        .order_by("booking_date", "currency", "kind")
    )
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
