"""Rows that come again, as a bank would send them."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from analytics.models import RecurringSeries
from analytics.recurring import keeping
from banking.models import Account, Transaction
from financehub.periods import MOSCOW, local_date
from tests.factories import NOW, TransactionFactory, category, store_transactions

TODAY = local_date(NOW)
Pay = Callable[..., list[Transaction]]


def row(account: Account, day: date, amount: str | int, merchant: str, **fields: Any) -> Transaction:
    """A row that is not stored yet."""
    slug = fields.pop("slug", "subscriptions-video" if Decimal(amount) < 0 else "income-salary")
    chosen = category(slug)
    shared = {"merchant_name": merchant, "description": merchant.upper(), "category": chosen}
    return TransactionFactory.build(
        account=account,
        amount=Decimal(amount),
        booked_at=datetime.combine(day, time(12), tzinfo=MOSCOW),
        **(shared | fields),
    )


@pytest.fixture
def pay(rubles: Account) -> Pay:
    """Store rows of one payee on some days, and look for series again."""

    def stored(merchant: str, days: Iterable[date], *amounts: str | int, **fields: Any) -> list[Transaction]:
        days = list(days)
        prices = amounts if len(amounts) == len(days) else amounts * len(days)
        account = fields.pop("account", rubles)
        rows = [row(account, day, price, merchant, **fields) for day, price in zip(days, prices, strict=True)]
        store_transactions(account.user, rows)
        keeping.refresh(user_id=account.user_id, today=TODAY)
        return rows

    return stored


def monthly(day: int, first: tuple[int, int], months: int) -> list[date]:
    """A day of so many months, from a year and month on; days up to the 28th."""
    start = first[0] * 12 + first[1] - 1
    return [date(number // 12, number % 12 + 1, day) for number in range(start, start + months)]


def only_series() -> RecurringSeries:
    """The one series that was found."""
    return RecurringSeries.objects.get()
