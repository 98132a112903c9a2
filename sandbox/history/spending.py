"""The undated part of a life: what a person buys from day to day."""

from collections.abc import Iterator
from datetime import date
from random import Random

from sandbox.history.days import clock_time, moment
from sandbox.history.intents import Intent, Purchase
from sandbox.history.merchants import CASH_MACHINE, HABITS, Habit, Merchant
from sandbox.history.people import Person
from sandbox.history.schedule import exchange_rate, price_index

KOPECKS = 100
_DAYS_IN_MONTH = 30.4
_ACCOUNTS = ("salary", "household", "credit", "spare")
_ACCOUNT_WEIGHTS = (48, 24, 20, 8)
_DECLINED = 0.008
_REFUNDABLE = frozenset({"marketplace", "retail", "electronics"})
_FOREIGN = (
    Merchant("Booking", "7011", "travel", 60, 140, 320, ("BOOKING.COM AMSTERDAM NLD",)),
    Merchant("Apple", "5818", "subscription", 3, 10, 30, ("APPLE.COM/BILL",)),
    Merchant("AliExpress", "5399", "marketplace", 8, 25, 90, ("ALIEXPRESS.COM",)),
)
_FOREIGN_BASE = 84.0


def bought_today(person: Person, day: date, rng: Random) -> Iterator[Intent]:
    """Yield the day's purchases."""
    index = price_index(day)
    weekend = day.weekday() >= 5
    for habit in HABITS:
        if habit.needs and not getattr(person, habit.needs):
            continue
        if rng.random() < habit.per_month / _DAYS_IN_MONTH * (habit.weekend if weekend else 1.0):
            yield _purchase(person, day, rng, habit, index)
    if rng.random() < 0.035:
        yield _cash(person, day, rng)
    if rng.random() < 0.022:
        yield _abroad(person, day, rng)


def _purchase(person: Person, day: date, rng: Random, habit: Habit, index: float) -> Purchase:
    merchant = _favourite(habit, rng)
    refund = merchant.category in _REFUNDABLE and rng.random() < 0.09
    return Purchase(
        at=_moment_of(day, rng, habit.hours),
        account=rng.choices(_ACCOUNTS, _ACCOUNT_WEIGHTS)[0],
        merchant=merchant,
        amount=_price(merchant, rng, 1.2 * index * person.scale**0.8),
        text=_text(person, merchant, rng),
        twice=habit.name in {"transit", "coffee"} and rng.random() < 0.06,
        refund_after=rng.randrange(3, 11) if refund else None,
        declined_first=rng.random() < _DECLINED,
    )


def _cash(person: Person, day: date, rng: Random) -> Purchase:
    amount = rng.choice((1000, 2000, 3000, 5000, 10_000)) * KOPECKS
    text = _text(person, CASH_MACHINE, rng)
    return Purchase(_moment_of(day, rng, (10, 21)), "salary", CASH_MACHINE, amount, text)


def _abroad(person: Person, day: date, rng: Random) -> Purchase:
    merchant = rng.choices(_FOREIGN, (1, 5, 3))[0]
    factor = _FOREIGN_BASE / exchange_rate(person.foreign_currency, day)
    return Purchase(
        at=_moment_of(day, rng, (9, 23)),
        account="currency",
        merchant=merchant,
        amount=_price(merchant, rng, factor),
        text=merchant.texts[0],
    )


def _favourite(habit: Habit, rng: Random) -> Merchant:
    """Pick a shop; people are loyal, so the first of the list are visited more often."""
    count = len(habit.merchants)
    return habit.merchants[min(rng.randrange(count), rng.randrange(count))]


def _price(merchant: Merchant, rng: Random, factor: float) -> int:
    roubles = rng.triangular(merchant.low, merchant.high, merchant.usual) * 0.45
    roubles += merchant.usual * 0.55 * (0.7 + 0.6 * rng.random())
    kopecks = rng.choice((0, 0, 0, 90, 99, 50)) if rng.random() < 0.6 else rng.randrange(100)
    if merchant.high - merchant.low < 20:
        return merchant.usual * KOPECKS
    return int(roubles * factor) * KOPECKS + kopecks


def _text(person: Person, merchant: Merchant, rng: Random) -> str:
    number = str(rng.randrange(100, 20_000))
    template = merchant.texts[0 if rng.random() < 0.7 else rng.randrange(len(merchant.texts))]
    return template.format(n=number, town=person.latin_town, transit=person.transit_text)


def _moment_of(day: date, rng: Random, hours: tuple[int, int]) -> int:
    first, last = hours
    return moment(day, clock_time(rng.randrange(first, last), rng.randrange(60), rng.randrange(60)))
