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
from financehub.periods import local_date

DailyBalances = dict[date, tuple[Decimal, str]]


def store_daily_balances(account: Account, *, is_debt: bool, now: datetime) -> int:
    """Bring the account's daily balances in step with its rows and its balance; count what changed."""
    if account.balance_booked is None:
        return 0
    balance = own_balance(account.balance_booked, is_debt=is_debt)
    return keep(account, _daily_balances(account, balance=balance, today=local_date(now)))


def keep(account: Account, wanted: DailyBalances) -> int:
    """Store these daily balances of an account and no others; count what changed."""
    stored = {
        day: (amount, source)
        for day, amount, source in DailyBalance.objects.filter(account=account).values_list(
            "date", "amount", "source"
        )
    }
    changed = [
        DailyBalance(account=account, date=day, amount=amount, source=source)
        for day, (amount, source) in wanted.items()
        if stored.get(day) != (amount, source)
    ]
    obsolete = [day for day in stored if day not in wanted]
    if obsolete:
        DailyBalance.objects.filter(account=account, date__in=obsolete).delete()
    if changed:
        DailyBalance.objects.bulk_create(
            changed,
            batch_size=500,
            update_conflicts=True,
            unique_fields=["account", "date"],
            update_fields=["amount", "source"],
        )
    return len(changed) + len(obsolete)


def _daily_balances(account: Account, *, balance: Decimal, today: date) -> DailyBalances:
    """The balance at the end of each day with bookings; rows in another currency are not in it.

    Rows that the person deleted are: the bank's balance knows nothing of that.
    """
    booked = Transaction.objects.whole().filter(
        account=account,
        currency=account.currency,
        status=Transaction.Status.BOOKED,
        missing_since=None,
    )
    by_day = booked.order_by("-booking_date").values_list("booking_date").annotate(total=Sum("amount"))
    days = {today: (balance, DailyBalance.Source.REPORTED.value)}
    for day, total in by_day:
        if day < today:
            days[day] = (balance, DailyBalance.Source.DERIVED.value)
        balance -= total  # what is booked ahead of time is already in the bank's balance
    return days
