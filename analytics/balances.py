"""Questions about what a person owned and owed: sums of stored daily balances, never of guesses.

A balance is stored for days with movement only, so a day has the latest one at or before it. An
account whose first known balance is later makes the day unknown, unless the bank says that it was
opened later still. The present is what the banks name now, holds taken off, as everywhere else.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Max

from banking.models import Account, DailyBalance
from banking.models.month_total import FirstOfMonth
from banking.queries import accounts as account_queries
from banking.queries.transaction_filter import TransactionFilter
from financehub.money import ZERO
from financehub.periods import local_date, next_month

if TYPE_CHECKING:
    from financehub.users.models import User

History = tuple[list[date], list[Decimal]]


@dataclass(frozen=True, slots=True)
class Worth:
    """What accounts came to when a day ended; `unknown` of them cannot be told, and then there is no sum."""

    day: date
    assets: Decimal = ZERO
    debts: Decimal = ZERO
    unknown: int = 0

    @property
    def net(self) -> Decimal | None:
        return None if self.unknown else self.assets + self.debts


def accounts_in(*, user: "User", wanted: TransactionFilter) -> list[Account]:
    """The accounts of a filter, closed ones too, without those that no balance is known of."""
    return [
        account
        for account in account_queries.accounts_of(user=user, closed=True)
        if account.balance_as_of is not None
        and (not wanted.accounts or account.pk in wanted.accounts)
        and (not wanted.banks or account.bank.code in wanted.banks)
    ]


def worth_now(accounts: Iterable[Account], *, today: date) -> dict[str, Worth]:
    """What open accounts come to now, currency by currency, rubles first."""
    found: dict[str, Worth] = {}
    for account in sorted(accounts, key=lambda one: (one.currency != "RUB", one.currency)):
        if account.closed_at is None:
            before = found.get(account.currency, Worth(today))
            found[account.currency] = _plus(before, account.net_amount)
    return found


def worth(accounts: Sequence[Account], *, days: Sequence[date], today: date) -> list[Worth]:
    """What accounts of one currency came to at month ends, and today when it is asked for."""
    histories = _histories(accounts)
    return [_on_day(day, accounts, histories) if day < today else _today(accounts, today) for day in days]


def month_ends(months: Iterable[date], *, today: date) -> list[date]:
    """The last days of months, the present one up to today."""
    return [min(next_month(month) - timedelta(days=1), today) for month in months]


def _today(accounts: Sequence[Account], today: date) -> Worth:
    found = list(worth_now(accounts, today=today).values())
    return found[0] if found else Worth(today)


def _on_day(day: date, accounts: Iterable[Account], histories: Mapping[int, History]) -> Worth:
    found = Worth(day)
    for account in accounts:
        if _does_not_exist(account, day):
            continue
        days, amounts = histories.get(account.pk, ([], []))
        place = bisect_right(days, day)
        found = _plus(found, amounts[place - 1] if place else None)
    return found


def _does_not_exist(account: Account, day: date) -> bool:
    if account.closed_at is not None and day >= local_date(account.closed_at):
        return True
    return account.opened_on is not None and day < account.opened_on


def _plus(worth: Worth, amount: Decimal | None) -> Worth:
    if amount is None:
        return Worth(worth.day, worth.assets, worth.debts, worth.unknown + 1)
    return Worth(worth.day, worth.assets + max(amount, ZERO), worth.debts + min(amount, ZERO), worth.unknown)


def _histories(accounts: Iterable[Account]) -> dict[int, History]:
    """The last balance of every month of each account, oldest first."""
    stored = DailyBalance.objects.filter(account__in=[account.pk for account in accounts])
    lasts = set(
        stored.annotate(month=FirstOfMonth("date"))
        .values_list("account_id", "month")
        .annotate(last=Max("date"))
        .order_by()
        .values_list("account_id", "last")
    )
    lines = (
        stored.filter(date__in={day for _, day in lasts})
        .order_by("account_id", "date")
        .values_list("account_id", "date", "amount")
    )
    found: dict[int, History] = {}
    for pk, day, amount in lines:
        if (pk, day) in lasts:
            days, amounts = found.setdefault(pk, ([], []))
            days.append(day)
            amounts.append(amount)
    return found
