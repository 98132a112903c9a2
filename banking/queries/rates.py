"""Questions about exchange rates: what sums in several currencies come to in rubles, on their own days.

An amount is valued at the rate of its own day or the last one published before it, ten days back at
most. Where one is missing there is no sum at all: a part of it would pass for the whole.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from banking.models import Category, ExchangeRate
from banking.queries import sums
from banking.queries.accounts import HOME_CURRENCY, Total
from banking.queries.transaction_filter import TransactionFilter
from financehub.money import ZERO, Money, quantize
from financehub.periods import Period

if TYPE_CHECKING:
    from financehub.users.models import User

OLDEST = timedelta(days=10)
ONE = Decimal(1)


@dataclass(frozen=True, slots=True, order=True)
class DatedRate:
    """Rubles for one unit, published on a day by a source."""

    day: date
    currency: str
    rate: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class HomeSum:
    """What amounts come to in rubles, by which rates; None when the rates of `missing` are not known."""

    amount: Decimal | None
    rates: tuple[DatedRate, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HomeFlow:
    """Money in and out of all currencies in rubles, each row at the rate of its own day."""

    income: HomeSum
    spending: HomeSum


@dataclass(frozen=True, slots=True)
class RateBook:
    """The rates of some currencies over some days, oldest first."""

    _lists: Mapping[str, tuple[list[date], list[DatedRate]]] = field(default_factory=dict)

    def on(self, currency: str, day: date) -> DatedRate | None:
        """The rate that holds on a day, unless it is too old."""
        days, rates = self._lists.get(currency, ([], []))
        place = bisect_right(days, day)
        if not place or day - days[place - 1] > OLDEST:
            return None
        return rates[place - 1]

    def price(self, source: str, target: str, day: date) -> Decimal | None:
        """What one unit of a currency was worth in another on a day; None when a rate is not known."""
        given, taken = (self._rubles(currency, day) for currency in (source, target))
        return given / taken if given is not None and taken is not None else None

    def _rubles(self, currency: str, day: date) -> Decimal | None:
        if currency == HOME_CURRENCY:
            return ONE
        rate = self.on(currency, day)
        return rate.rate if rate else None

    def value(self, amounts: Iterable[tuple[date, Money]]) -> HomeSum:
        """Amounts of different days and currencies as one sum in rubles."""
        total, used, missing = ZERO, set[DatedRate](), set[str]()
        for day, money in amounts:
            if money.currency == HOME_CURRENCY:
                total += money.amount
            elif (rate := self.on(money.currency, day)) is not None:
                total += money.amount * rate.rate
                used.add(rate)
            elif money.amount:
                missing.add(money.currency)
        if missing:
            return HomeSum(None, missing=tuple(sorted(missing)))
        return HomeSum(quantize(total, HOME_CURRENCY), tuple(sorted(used)))


def book(currencies: Collection[str], period: Period) -> RateBook:
    """What must be known to value amounts in these currencies on the days of a period."""
    wanted = sorted(set(currencies) - {HOME_CURRENCY})
    if not wanted:
        return RateBook()
    published = Period(period.start - OLDEST, period.end)
    found: dict[str, tuple[list[date], list[DatedRate]]] = {}
    rows = ExchangeRate.objects.of(wanted).published_in(published).order_by("date")
    for day, currency, rate, source in rows.values_list("date", "currency", "rate", "source"):
        days, rates = found.setdefault(currency, ([], []))
        days.append(day)
        rates.append(DatedRate(day, currency, rate, source))
    return RateBook(found)


def total_in_home(total: Total, *, today: date) -> HomeSum | None:
    """A total of the present with its other currencies added; None when it has no others."""
    if not total.others:
        return None
    amounts = [Money(total.amount, HOME_CURRENCY), *total.others]
    rates = book([money.currency for money in total.others], Period(today, today + timedelta(days=1)))
    return rates.value((today, money) for money in amounts)


def flow_in_home(*, user: "User", wanted: TransactionFilter) -> HomeFlow:
    """What the rows of a filter come to in rubles; transfers between own accounts are in neither sum."""
    assert wanted.period is not None  # noqa: S101  rows are valued on known days
    found = sums.sums(user=user, wanted=wanted, by=("date", "currency", "kind"))
    rates = book({currency for _, currency, _ in found}, wanted.period)

    def side(kind: str, sign: Decimal) -> HomeSum:
        return rates.value(
            (day, Money(sign * part.amount, currency))
            for (day, currency, its_kind), part in found.items()
            if its_kind == kind
        )

    return HomeFlow(side(Category.Kind.INCOME, ONE), side(Category.Kind.EXPENSE, -ONE))
