"""How the forecast fared: each day's is stored, and compared once its day is over."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from analytics import forecasting
from analytics.forecast.outlook import HORIZONS
from analytics.models import ForecastRecord
from banking.models import Account, DailyBalance
from financehub.periods import local_date

if TYPE_CHECKING:
    from financehub.users.models import User

SHOWN = 90
CHANGED = ["target_on", "amount", "low", "high", "accounts"]


@dataclass(frozen=True, slots=True)
class Check:
    """A forecast beside what came."""

    record: ForecastRecord
    actual: Decimal

    @property
    def is_inside(self) -> bool:
        return self.record.low <= self.actual <= self.record.high

    @property
    def error(self) -> Decimal:
        return self.actual - self.record.amount


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """The forecasts of one length whose day is over, the latest first, and when the next one's is."""

    checks: tuple[Check, ...] = ()
    next_on: date | None = None

    @property
    def inside(self) -> int:
        return sum(check.is_inside for check in self.checks)

    @property
    def total(self) -> int:
        return len(self.checks)


def store(*, user: "User", today: date) -> None:
    """Keep today's forecasts of every length; a later one of the same day takes their place."""
    known = forecasting.known(user=user, today=today)
    if known is None:
        return
    found = [known.outlook(days=days) for days in HORIZONS]
    ForecastRecord.objects.bulk_create(
        [
            ForecastRecord(
                user=user,
                made_on=today,
                days=one.days,
                target_on=one.last.day,
                amount=one.last.amount,
                low=one.last.low,
                high=one.last.high,
                accounts=list(known.accounts),
            )
            for one in found
            if one.points
        ],
        update_conflicts=True,
        unique_fields=["user", "made_on", "days"],
        update_fields=CHANGED,
    )


def track_record(*, user: "User", days: int, today: date) -> TrackRecord:
    """The stored forecasts of a length beside the true balances of the same accounts."""
    records = ForecastRecord.objects.for_user(user).filter(days=days).order_by("-target_on")
    over = list(records.filter(target_on__lt=today)[:SHOWN])
    following = records.filter(target_on__gte=today).order_by("target_on").first()
    return TrackRecord(
        checks=tuple(_compared(over, user)), next_on=following.target_on if following else None
    )


def _compared(records: Sequence[ForecastRecord], user: "User") -> list[Check]:
    accounts = {account.pk: account for account in Account.objects.for_user(user)}
    named = {pk for record in records for pk in record.accounts}
    histories: dict[int, tuple[list[date], list[Decimal]]] = {}
    stored = DailyBalance.objects.filter(account__in=named & set(accounts)).order_by("date")
    for pk, day, amount in stored.values_list("account_id", "date", "amount"):
        days, amounts = histories.setdefault(pk, ([], []))
        days.append(day)
        amounts.append(amount)
    found = []
    for record in records:
        parts = [_balance(accounts.get(pk), histories.get(pk), record.target_on) for pk in record.accounts]
        if None not in parts:
            found.append(Check(record, sum((part for part in parts if part is not None), Decimal(0))))
    return found


def _balance(
    account: Account | None, history: tuple[list[date], list[Decimal]] | None, day: date
) -> Decimal | None:
    """What an account held when a day ended; unknown unless its bank was read on that day or later."""
    if account is None or history is None or account.balance_as_of is None:
        return None
    if not account.is_manual and local_date(account.balance_as_of) < day:
        return None
    days, amounts = history
    place = bisect_right(days, day)
    return amounts[place - 1] if place else None
