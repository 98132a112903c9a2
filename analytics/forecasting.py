"""Questions of the forecast: what it rests on, read from rows, and the forecast itself.

It looks at the money that is spent from: open current, savings and card accounts in rubles. Moves
between them cancel out; what leaves them for deposits, loans and cash is an assumption by itself.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

from django.db.models import Count, Max, Sum

from analytics import reports
from analytics.forecast import month, outlook
from analytics.forecast.month import Left, Pace
from analytics.forecast.outlook import HORIZONS, History, Item, Outlook
from analytics.models import RecurringSeries
from analytics.recurring import queries as recurring
from analytics.spans import plus_months
from banking.models import Account, Category, DayTotal, Transaction
from banking.queries import accounts as account_queries
from banking.queries import sums
from banking.queries.accounts import HOME_CURRENCY
from banking.queries.transaction_filter import TransactionFilter
from financehub.money import ZERO
from financehub.periods import Period, month_of

if TYPE_CHECKING:
    from financehub.users.models import User

HISTORY_DAYS = 180
SPENT_FROM = {Account.Kind.CASH, Account.Kind.CURRENT, Account.Kind.SAVINGS, Account.Kind.CARD}
BY = ("date", "category_id", "currency", "kind")

Days = dict[date, Decimal]


@dataclass(frozen=True)
class Flows:
    """What came and went day by day, recurring rows apart; `received` and `paid` are of this month.

    `received` is every income, `paid` recurring payments only.
    """

    spent: dict[date, dict[str, Decimal]]
    incomes: Days
    outward: Days
    received: Decimal
    paid: Decimal


@dataclass(frozen=True)
class Known:
    """What is known of a person on a day; `items` are expected from today on."""

    today: date
    opening: Decimal
    accounts: tuple[int, ...]
    since: date | None
    flows: Flows
    items: tuple[Item, ...]

    @cached_property
    def history(self) -> History:
        start = max(self.since or self.today, self.today - timedelta(days=HISTORY_DAYS))
        flows = self.flows
        return History(Period(min(start, self.today), self.today), flows.spent, flows.incomes, flows.outward)

    def outlook(self, *, days: int, off: Collection[str] = ()) -> Outlook:
        """The forecast over some days, without the assumptions that are off."""
        return outlook.outlook(
            history=self.history,
            items=self.items,
            opening=self.opening,
            today=self.today,
            days=days,
            off=off,
        )

    @cached_property
    def left(self) -> Left | None:
        """What is left of the month; None while too little is known of what recurs."""
        if outlook.missing_days(self.history.period, HORIZONS[0]):
            return None
        return month.left(
            received=self.flows.received,
            paid=self.flows.paid,
            spent=self.pace.spent[-1],
            items=self.items,
            today=self.today,
        )

    @cached_property
    def pace(self) -> Pace:
        totals = {day: sum(parts.values(), ZERO) for day, parts in self.flows.spent.items()}
        return month.pace(spent=totals, since=self.since, today=self.today)


def spendable(accounts: Iterable[Account]) -> list[Account]:
    """The accounts that the forecast is of."""
    return [
        account
        for account in accounts
        if account.kind in SPENT_FROM
        and account.currency == HOME_CURRENCY
        and account.closed_at is None
        and account.balance_as_of is not None
    ]


def known(*, user: "User", today: date, accounts: Iterable[Account] | None = None) -> Known | None:
    """What the forecast of a person rests on; None without an account to spend from."""
    found = spendable(account_queries.accounts_of(user=user) if accounts is None else accounts)
    if not found:
        return None
    ids = frozenset(account.pk for account in found)
    since = reports.history_start(user=user, wanted=TransactionFilter(accounts=ids))
    window = Period(_loaded_from(today), today + timedelta(days=1))
    every = sums.sums(user=user, wanted=TransactionFilter(period=window, accounts=ids), by=BY)
    return Known(
        today=today,
        opening=sum((account.net_amount for account in found), ZERO),
        accounts=tuple(sorted(ids)),
        since=since,
        flows=_flows(every, _recurring(user, ids, window), this_month=month_of(today)),
        items=_items(user, ids, today),
    )


def version(*, user: "User", today: date, accounts: Iterable[Account]) -> str:
    """Another text whenever anything that a forecast rests on did: rows, series, or the accounts.

    Totals of days are never changed, only deleted and made anew, so their largest key tells of rows.
    """
    kept = DayTotal.objects.for_user(user).filter(date__gte=_loaded_from(today))
    rows = kept.aggregate(Max("pk"), Count("pk"))
    series = RecurringSeries.objects.for_user(user).aggregate(
        *(Count("pk"), Max("pk"), Sum("amount"), Sum("sightings"), Max("last_seen"), Max("decided_at")),
        *(Max("changes__pk"), Max("changes__undone_at")),
    )
    held = [(one.pk, one.kind, one.net_amount, one.last_synced_at) for one in accounts]
    state = repr((today, sorted(rows.items()), sorted(series.items()), held))
    return sha256(state.encode()).hexdigest()


def _loaded_from(today: date) -> date:
    """Far enough back for the habits and for the usual pace of a month."""
    return min(today - timedelta(days=HISTORY_DAYS), plus_months(today.replace(day=1), -month.MOST_MONTHS))


def _recurring(
    user: "User", accounts: Collection[int], window: Period
) -> dict[tuple[date, int, str], Decimal]:
    """What the ruble rows of series come to, by day, category and kind."""
    rows = Transaction.objects.for_user(user).counted().booked_in(window)
    rows = rows.filter(account__in=accounts, currency=HOME_CURRENCY)
    found = (
        rows.filter(pk__in=recurring.recurring_rows(user=user))
        .values_list("booking_date", "category_id", "kind")
        .annotate(total=Sum("amount"))
        .order_by()
    )
    return {(day, category, kind): total for day, category, kind, total in found}


def _items(user: "User", accounts: Collection[int], today: date) -> tuple[Item, ...]:
    """What is due in the longest forecast, and in this month, on these accounts."""
    period = Period(today, today + timedelta(days=HORIZONS[-1] + 1))
    elsewhere = RecurringSeries.objects.for_user(user).exclude(account__in=accounts)
    left_out = set(elsewhere.values_list("pk", flat=True))
    return tuple(
        Item(
            day=one.day,
            amount=one.amount,
            low=min(one.low, one.high, one.amount),
            high=max(one.low, one.high, one.amount),
            name=one.name,
            series_id=one.series_id,
            is_confirmed=one.confirmed,
        )
        for one in recurring.expected(user=user, period=period)
        if one.currency == HOME_CURRENCY and one.series_id not in left_out
    )


def _flows(
    every: sums.Sums, again_of: Mapping[tuple[date, int, str], Decimal], *, this_month: Period
) -> Flows:
    """The sums by what the forecast does with them, recurring rows apart."""
    slugs = _top_slugs({category for _, category, _, _ in every})
    spent: dict[date, dict[str, Decimal]] = defaultdict(dict)
    days: dict[str, Days] = {Category.Kind.INCOME: {}, Category.Kind.TRANSFER: {}}
    received = paid = ZERO
    for (day, category, currency, kind), part in every.items():
        if currency != HOME_CURRENCY:
            continue
        again = again_of.get((day, category, kind), ZERO)
        amount = part.amount - again
        if kind == Category.Kind.EXPENSE:
            group = slugs[category]
            spent[day][group] = spent[day].get(group, ZERO) - amount
        else:
            days[kind][day] = days[kind].get(day, ZERO) + amount
        if day in this_month:
            received += part.amount if kind == Category.Kind.INCOME else ZERO
            paid -= again if kind == Category.Kind.EXPENSE else ZERO
    return Flows(dict(spent), days[Category.Kind.INCOME], days[Category.Kind.TRANSFER], received, paid)


def _top_slugs(ids: Collection[int]) -> dict[int, str]:
    """The slug of the top-level category above each."""
    found = Category.objects.select_related("parent").in_bulk(ids)
    return {pk: (category.parent or category).slug for pk, category in found.items()}
