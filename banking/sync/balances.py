"""Sync, step 4: what an account held at the end of each day.

The bank names one balance, today's. Earlier days follow from it: the balance before a day is the
balance after it less what was booked on it. Only days on which something was booked, and today,
are stored; a day between two of them held what the earlier one did.
"""

from datetime import date, datetime
from decimal import Decimal

from django.db.models import Sum

from banking.models import Account, DailyBalance, Transaction
from banking.sync.accounts import own_balance
from financehub.money import ZERO
from financehub.periods import local_date


def store_daily_balances(account: Account, *, now: datetime) -> int:
    """Bring the account's daily balances in step with its rows and its balance; count what changed."""
    if account.balance_booked is None:
        return 0
    wanted = _daily_balances(account, today=local_date(now))
    stored = {row.date: row for row in DailyBalance.objects.filter(account=account)}
    changed = [
        DailyBalance(account=account, date=day, amount=amount, source=source)
        for day, (amount, source) in wanted.items()
        if day not in stored or (stored[day].amount, stored[day].source) != (amount, source)
    ]
    obsolete = [row.pk for day, row in stored.items() if day not in wanted]
    if obsolete:
        DailyBalance.objects.filter(pk__in=obsolete).delete()
    if changed:
        DailyBalance.objects.bulk_create(
            changed,
            batch_size=500,
            update_conflicts=True,
            unique_fields=["account", "date"],
            update_fields=["amount", "source"],
        )
    return len(changed) + len(obsolete)


def _daily_balances(account: Account, *, today: date) -> dict[date, tuple[Decimal, str]]:
    booked_by_day = dict(
        Transaction.objects.filter(account=account, status=Transaction.Status.BOOKED, missing_since=None)
        .order_by("-booking_date")
        .values_list("booking_date")
        .annotate(total=Sum("amount"))
    )
    balance = own_balance(account)
    days = {today: (balance, DailyBalance.Source.REPORTED.value)}
    balance -= booked_by_day.pop(today, ZERO)
    for day, total in booked_by_day.items():
        if day > today:  # booked ahead of time: already in the bank's balance
            balance -= total
            continue
        days[day] = (balance, DailyBalance.Source.DERIVED.value)
        balance -= total
    return days
