"""Questions about accounts: what a person has, per bank and in all, and what an account held each day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from banking.models import Account, DailyBalance, Transaction
from financehub.formats import account_tail
from financehub.money import ZERO, Money, total_by_currency
from financehub.periods import Period, local_date, start_of_day

if TYPE_CHECKING:
    from financehub.users.models import User

HOME_CURRENCY = "RUB"
STALE_AFTER = timedelta(hours=24)
KIND_ORDER: tuple[str, ...] = (
    Account.Kind.CASH,
    Account.Kind.CURRENT,
    Account.Kind.SAVINGS,
    Account.Kind.DEPOSIT,
    Account.Kind.CARD,
    Account.Kind.LOAN,
)


@dataclass(frozen=True, slots=True)
class Total:
    """What a person has, debts taken off: one currency, and beside it every other by itself.

    `stale_amount` is the part of `amount` that rests on balances older than a day, the oldest of
    them of `stale_since`; `unread` counts accounts that no balance is known of yet.
    """

    amount: Decimal
    others: tuple[Money, ...]
    stale_amount: Decimal = ZERO
    stale_since: date | None = None
    unread: int = 0


def accounts_of(*, user: "User", closed: bool = False) -> list[Account]:
    """The open accounts, or the closed ones too: by bank, then by kind, then in the bank's own order."""
    accounts = Account.objects.for_user(user).with_bank().order_by("bank_id", "pk")
    if not closed:
        accounts = accounts.open()
    return sorted(
        accounts, key=lambda account: (account.bank_id, KIND_ORDER.index(Account.Kind(account.kind)))
    )


def account_of(*, user: "User", pk: int) -> Account:
    """One account, closed ones too; raises Account.DoesNotExist for anyone else's."""
    return Account.objects.for_user(user).with_bank().get(pk=pk)


def manual_accounts_of(*, user: "User") -> list[Account]:
    """The open accounts that the person keeps by hand."""
    return [account for account in accounts_of(user=user) if account.is_manual]


def removed_accounts_of(*, user: "User") -> list[Account]:
    """The banks' accounts that the person removed and that no synchronisation brings back."""
    removed = Account.objects.filter(user=user).removed().with_bank()
    return list(removed.order_by("-removed_at", "pk"))


def removed_account_of(*, user: "User", pk: int) -> Account:
    """One of them; raises Account.DoesNotExist for any other."""
    return Account.objects.filter(user=user).removed().with_bank().get(pk=pk)


def total_of(accounts: Iterable[Account], *, now: datetime, currency: str = HOME_CURRENCY) -> Total:
    """Add accounts up, currency by currency, and say how much of the sum is old."""
    accounts = list(accounts)
    sums = total_by_currency(Money(account.net_amount, account.currency) for account in accounts)
    stale = [account for account in accounts if account.currency == currency and is_stale(account, now=now)]
    return Total(
        amount=sums.pop(currency, ZERO),
        others=tuple(Money(amount, other) for other, amount in sorted(sums.items())),
        stale_amount=sum((account.net_amount for account in stale), ZERO),
        stale_since=min((local_date(at) for account in stale if (at := account.balance_as_of)), default=None),
        unread=sum(account.balance_as_of is None for account in accounts),
    )


def full_name(account: Account) -> str:
    """What tells an account apart in a list of choices: where it is, its last digits, its name."""
    if account.is_manual:
        return f"{account.place}: {account.name}"
    return f"{account.place} {account_tail(account.number or account.external_id)} {account.name}"


def is_stale(account: Account, *, now: datetime) -> bool:
    """Whether the bank's balance is known, but older than a day; the person's own book is never late."""
    if account.is_manual or account.balance_as_of is None:
        return False
    return account.balance_as_of < now - STALE_AFTER


def rows_in(*, account: Account) -> int:
    """How many rows an account has, deleted ones too."""
    return Transaction.objects.filter(account=account).count()


def balance_history(*, account: Account, period: Period) -> list[tuple[date, Decimal]]:
    """What an account held at the end of each day of a period.

    Days without movement are not stored and carry the last known balance; days before the first
    known one are left out.
    """
    stored = DailyBalance.objects.filter(account=account, date__lt=period.end).order_by("date")
    before = stored.filter(date__lt=period.start).values_list("amount", flat=True).last()
    known = dict(stored.filter(date__gte=period.start).values_list("date", "amount"))
    return _each_day(period, before, known)


def balance_histories(*, accounts: Iterable[Account], period: Period) -> dict[int, list[Decimal]]:
    """The same of many accounts, without the days: two queries for all of them."""
    ids = [account.pk for account in accounts]
    earlier = DailyBalance.objects.filter(account=OuterRef("pk"), date__lt=period.start).order_by("-date")
    before = Account.objects.filter(pk__in=ids).values_list("pk", Subquery(earlier.values("amount")[:1]))
    known: dict[int, dict[date, Decimal]] = {pk: {} for pk in ids}
    stored = DailyBalance.objects.filter(
        account__in=ids, date__gte=period.start, date__lt=period.end
    ).values_list("account_id", "date", "amount")
    for pk, day, amount in stored:
        known[pk][day] = amount
    return {pk: [amount for _, amount in _each_day(period, first, known[pk])] for pk, first in before}


def _each_day(
    period: Period, before: Decimal | None, known: Mapping[date, Decimal]
) -> list[tuple[date, Decimal]]:
    history: list[tuple[date, Decimal]] = []
    balance = before
    for offset in range(period.days):
        day = period.start + timedelta(days=offset)
        balance = known.get(day, balance)
        if balance is not None:
            history.append((day, balance))
    return history


def first_balance_on(*, account: Account) -> date | None:
    """The first day that a balance is known of."""
    return (
        DailyBalance.objects.filter(account=account).order_by("date").values_list("date", flat=True).first()
    )


def home_total_on(*, user: "User", day: date) -> Decimal | None:
    """What the person's ruble accounts came to when a day ended; None when one of them is unknown.

    Accounts that were closed later belong to that day, and those opened later do not: money that only
    went from one into the other has changed nothing. One kept by hand held its opening balance before
    anybody wrote it down here.
    """
    latest = DailyBalance.objects.filter(account=OuterRef("pk"), date__lte=day).order_by("-date")
    was_open = Q(closed_at=None) | Q(closed_at__gte=start_of_day(day + timedelta(days=1)))
    accounts = Account.objects.for_user(user).filter(was_open, currency=HOME_CURRENCY)
    accounts = accounts.exclude(opened_on__gt=day, connection__isnull=False)
    held = Coalesce(Subquery(latest.values("amount")[:1]), "opening_balance")
    then = list(accounts.values_list(held, flat=True))
    known = [amount for amount in then if amount is not None]
    return sum(known, ZERO) if known and len(known) == len(then) else None
