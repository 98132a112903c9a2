"""Questions about what a person owned and owed: sums of stored daily balances, never of guesses.

A balance is stored for days with movement only, so a day has the latest one at or before it. An
account whose first known balance is later makes the day unknown, unless the bank says that it was
opened later still. The present is what the banks name now, holds taken off, as everywhere else.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Max

from banking.models import Account, DailyBalance
from banking.models.month_total import FirstOfMonth
from banking.queries import accounts as account_queries
from banking.queries.accounts import HOME_CURRENCY
from banking.queries.rates import RateBook
from banking.queries.transaction_filter import TransactionFilter
from financehub.money import ZERO, quantize
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


def worth_in_home(
    accounts: Sequence[Account], *, days: Sequence[date], today: date, rates: RateBook
) -> list[Worth]:
    """What accounts of all currencies came to in rubles, at the rate of each day.

    The accounts of a currency without a rate on a day are unknown on that day.
    """
    found = [Worth(day) for day in days]
    for currency, group in _by_currency(accounts).items():
        each = worth(group, days=days, today=today)
        found = [
            _joined(sum_, one, _factor(currency, one.day, rates), len(group))
            for sum_, one in zip(found, each, strict=True)
        ]
    return found


def _by_currency(accounts: Iterable[Account]) -> dict[str, list[Account]]:
    groups: dict[str, list[Account]] = {}
    for account in accounts:
        groups.setdefault(account.currency, []).append(account)
    return groups


def _factor(currency: str, day: date, rates: RateBook) -> Decimal | None:
    if currency == HOME_CURRENCY:
        return Decimal(1)
    rate = rates.on(currency, day)
    return None if rate is None else rate.rate


def _joined(total: Worth, one: Worth, factor: Decimal | None, accounts: int) -> Worth:
    """A currency added to what others came to; one without a rate matters only where there is something."""
    if factor is None:
        nothing = not (one.unknown or one.assets or one.debts)
        return total if nothing else replace(total, unknown=total.unknown + accounts)
    return Worth(
        total.day,
        total.assets + quantize(one.assets * factor, HOME_CURRENCY),
        total.debts + quantize(one.debts * factor, HOME_CURRENCY),
        total.unknown + one.unknown,
    )


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
