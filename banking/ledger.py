"""Keeps the balance of a manual account in step with its rows; every writer of such rows calls it.

No bank names what such an account holds: it follows from the opening balance and the rows. Call it
inside the transaction that changed the rows.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Sum

from banking.models import Account, DailyBalance, Transaction
from banking.signals import account_settled
from banking.sync import balances
from financehub.money import ZERO

SETTLED_FIELDS = ("balance_booked", "balance_available", "net_amount", "balance_as_of", "opened_on")


def settle_all(*, accounts: Iterable[int], now: datetime) -> None:
    """The manual ones among some accounts, each as `settle` does."""
    for account in Account.objects.filter(pk__in=set(accounts), connection=None).order_by("pk"):
        settle(account=account, now=now)


def settle(*, account: Account, now: datetime) -> None:
    """Compute what a manual account held at the end of each day with rows, and holds now.

    Rows from before the opening day lie behind the opening balance: they tell what the account held
    earlier and leave the present as it is.
    """
    if account.opening_balance is None or account.opening_on is None:
        raise ValueError(f"account {account.pk} is a bank's")
    sums = _by_day(account)
    earlier = sum((total for day, total in sums.items() if day < account.opening_on), ZERO)
    balance = account.opening_balance - earlier
    days: balances.DailyBalances = {}
    for day in sorted({account.opening_on, *sums}):
        balance += sums.get(day, ZERO)
        days[day] = (balance, DailyBalance.Source.DERIVED.value)
    account.balance_booked = account.balance_available = account.net_amount = balance
    account.balance_as_of, account.opened_on = now, min(days)
    account.save(update_fields=SETTLED_FIELDS)
    balances.keep(account, days)
    account_settled.send(sender=Account, account=account)


def _by_day(account: Account) -> dict[date, Decimal]:
    rows = Transaction.objects.whole().filter(
        account=account, deleted_at=None, status=Transaction.Status.BOOKED, currency=account.currency
    )
    return dict(rows.order_by().values_list("booking_date").annotate(total=Sum("amount")))
