"""Which rhythms are found in rows and which are not: a table, then rows that nobody thought of."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.recurring.cadence import Cadence, Moved, Schedule
from analytics.recurring.detection import Found, Sighting, detect
from analytics.spans import plus_months
from sandbox.history.days import working_day_before

Series = tuple[str, int, date]  # the rhythm, the price, the next day due


def days(*texts: str) -> list[date]:
    return [date.fromisoformat(text) for text in texts]


def every(step: int, first: str, count: int) -> list[date]:
    return [date.fromisoformat(first) + timedelta(days=step * number) for number in range(count)]


def months(first: str, count: int, step: int = 1) -> list[date]:
    """The same day of months, the last one of shorter ones."""
    return [plus_months(date.fromisoformat(first), step * number) for number in range(count)]


def before_weekends(found: Iterable[date]) -> list[date]:
    return [day - timedelta(days=max(day.weekday() - 4, 0)) for day in found]


def after_weekends(found: Iterable[date]) -> list[date]:
    return [day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0) for day in found]


def rows(found: Sequence[date], *amounts: int, payee: str = "shop", start: int = 1) -> list[Sighting]:
    prices = amounts if len(amounts) == len(found) else amounts * len(found)
    return [
        Sighting(start + place, day, Decimal(price), "RUB", payee)
        for place, (day, price) in enumerate(zip(found, prices, strict=True))
    ]


def told(found: Iterable[Found]) -> list[Series]:
    return sorted((str(one.schedule.cadence), int(one.price.amount), one.schedule.due(1)) for one in found)


FOUND: dict[str, tuple[list[Sighting], list[Series]]] = {
    "weekly": (rows(every(7, "2025-09-06", 5), -500), [("weekly", -500, date(2025, 10, 11))]),
    "a day late is still weekly": (
        rows(days("2025-09-06", "2025-09-13", "2025-09-21", "2025-09-27", "2025-10-04"), -500),
        [("weekly", -500, date(2025, 10, 11))],
    ),
    "every two weeks": (
        rows(every(14, "2025-08-01", 6), -2000),
        [("fortnightly", -2000, date(2025, 10, 24))],
    ),
    "monthly": (rows(months("2025-05-11", 3), -299), [("monthly", -299, date(2025, 8, 11))]),
    "three days this way or that": (
        rows(days("2025-05-10", "2025-06-12", "2025-07-08", "2025-08-13", "2025-09-10"), -299),
        [("monthly", -299, date(2025, 10, 10))],
    ),
    "the 31st in February and April": (
        rows(months("2024-12-31", 6), -990),
        [("monthly", -990, date(2025, 6, 30))],
    ),
    "the last of February is no 28th": (
        rows(days("2024-12-30", "2025-01-30", "2025-02-28"), -990),
        [("monthly", -990, date(2025, 3, 30))],
    ),
    "one month of many without it": (
        rows([day for day in months("2024-10-05", 12) if day.month != 3], -150),
        [("monthly", -150, date(2025, 10, 5))],
    ),
    "before weekends": (
        rows(before_weekends(months("2025-01-10", 10)), 60000),
        [("monthly", 60000, date(2025, 11, 10))],
    ),
    "after weekends": (
        rows(after_weekends(months("2025-01-08", 10)), -7000),
        [("monthly", -7000, date(2025, 11, 10))],
    ),
    "wages and advance": (
        rows(months("2025-05-05", 6), 72000) + rows(months("2025-05-20", 6), 48000, start=50),
        [("monthly", 48000, date(2025, 11, 20)), ("monthly", 72000, date(2025, 11, 5))],
    ),
    "wages, advance and the bonus of December": (
        rows([working_day_before(day) for day in months("2023-11-07", 24)], 72000)
        + rows([working_day_before(day) for day in months("2023-11-22", 24)], 48000, start=50)
        + rows(days("2023-12-26", "2024-12-26"), 90000, start=90),
        [
            ("monthly", 48000, date(2025, 11, 21)),
            ("monthly", 72000, date(2025, 11, 7)),
            ("yearly", 90000, date(2025, 12, 26)),
        ],
    ),
    "wages of two equal halves": (
        rows(sorted(months("2025-05-10", 5) + months("2025-05-25", 5)), 50000),
        [("monthly", 50000, date(2025, 10, 10)), ("monthly", 50000, date(2025, 10, 25))],
    ),
    "quarterly": (rows(months("2025-01-15", 4, 3), -4200), [("quarterly", -4200, date(2026, 1, 15))]),
    "half-yearly": (rows(months("2024-02-01", 4, 6), -1800), [("half-yearly", -1800, date(2026, 2, 1))]),
    "yearly, seen twice": (rows(months("2023-11-20", 2, 12), -2300), [("yearly", -2300, date(2025, 11, 20))]),
    "yearly on 29 February": (
        rows(days("2024-02-29", "2025-02-28"), -2300),
        [("yearly", -2300, date(2026, 2, 28))],
    ),
    "a price that rose": (
        rows(months("2025-03-04", 7), *[-299] * 5, *[-449] * 2),
        [("monthly", -449, date(2025, 10, 4))],
    ),
    "a price that rose just now": (
        rows(months("2025-03-04", 7), *[-299] * 6, -399),
        [("monthly", -399, date(2025, 10, 4))],
    ),
    "amounts that vary": (
        rows(months("2025-04-11", 6), -5210, -5450, -4980, -5105, -5320, -6100),
        [("monthly", -5265, date(2025, 10, 11))],
    ),
    "two subscriptions of one shop": (
        rows(months("2025-04-04", 6), -299) + rows(months("2025-04-06", 6), -799, start=50),
        [("monthly", -799, date(2025, 10, 6)), ("monthly", -299, date(2025, 10, 4))],
    ),
    "two of one shop for one price": (
        rows(months("2025-04-04", 6), -299) + rows(months("2025-04-19", 6), -299, start=50),
        [("monthly", -299, date(2025, 10, 4)), ("monthly", -299, date(2025, 10, 19))],
    ),
    "a subscription among purchases": (
        rows(months("2025-04-04", 7), -399)
        + rows(every(5, "2025-04-02", 40), *[-(731 + 97 * number) for number in range(40)], start=50),
        [("monthly", -399, date(2025, 11, 4))],
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_comes_again_is_found(name: str) -> None:
    given_rows, expected = FOUND[name]
    assert told(detect(given_rows)) == sorted(expected)


def irregular(seed: int, count: int, low: int, high: int, span: int = 700) -> list[Sighting]:
    """Purchases on whatever day for whatever price."""
    chance = Random(seed)
    found = sorted(date(2023, 12, 1) + timedelta(days=chance.randrange(span)) for _ in range(count))
    return rows(found, *[-chance.randrange(low, high) for _ in found])


NOTHING: dict[str, Callable[[int], list[Sighting]]] = {
    "groceries": lambda seed: irregular(seed, 250, 150, 4000),
    "taxi": lambda seed: irregular(seed, 90, 160, 1500),
    "a chemist now and then": lambda seed: irregular(seed, 14, 180, 3400),
    "fares of one price": lambda seed: irregular(seed, 400, 57, 58),
    "coffee of few prices": lambda seed: irregular(seed, 60, 190, 195),
    "two purchases in a shop": lambda seed: irregular(seed, 2, 500, 9000),
    "three weeks of a new life": lambda seed: irregular(seed, 12, 150, 900, 21),
}


@pytest.mark.parametrize("name", NOTHING)
def test_what_only_happens_often_is_not_found(name: str) -> None:
    found = [seed for seed in range(12) if detect(NOTHING[name](seed))]
    assert found == []


def test_a_rise_of_the_price_tells_before_and_after() -> None:
    (found,) = detect(FOUND["a price that rose just now"][0])
    price = found.price
    assert (price.before, price.amount, price.since) == (-299, -399, date(2025, 9, 4))
    assert price.is_fixed


def test_a_range_has_its_middle_and_its_ends() -> None:
    (found,) = detect(FOUND["amounts that vary"][0])
    price = found.price
    assert (price.low, price.high, price.is_fixed, price.before) == (-6100, -4980, False, None)


@pytest.mark.parametrize(
    ("name", "moved"), [("before weekends", Moved.BEFORE), ("after weekends", Moved.AFTER), ("monthly", "")]
)
def test_weekends_are_avoided_as_before(name: str, moved: str) -> None:
    (found,) = detect(FOUND[name][0])
    assert found.schedule.moved == moved


def test_the_order_of_rows_and_their_ids_do_not_matter() -> None:
    every_row = [
        Sighting(number * 1000 + row.pk, row.day, row.amount, row.currency, f"{name}")
        for number, (name, (some, _)) in enumerate(FOUND.items())
        for row in some
    ]
    shuffled = Random(7).sample(every_row, len(every_row))
    assert detect(shuffled) == detect(every_row)
    assert len(detect(every_row)) == sum(len(expected) for _, expected in FOUND.values())


NOISE = st.lists(
    st.builds(
        Sighting,
        pk=st.integers(10_000, 99_999),
        day=st.dates(date(2023, 11, 1), date(2025, 11, 9)),
        amount=st.integers(-9000, 9000).map(Decimal),
        currency=st.sampled_from(["RUB", "USD"]),
        payee=st.sampled_from(["market", "taxi", "friend"]),
    ),
    max_size=60,
    unique_by=lambda row: row.pk,
)


@settings(max_examples=25)
@given(noise=NOISE, name=st.sampled_from(sorted(FOUND)))
def test_noise_elsewhere_changes_no_series(noise: list[Sighting], name: str) -> None:
    series, _ = FOUND[name]
    assert [one for one in detect(series + noise) if one.payee == "shop"] == detect(series)


@given(
    start=st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    cadence=st.sampled_from(Cadence),
    day=st.integers(1, 31),
    number=st.integers(0, 60),
)
def test_a_slot_is_the_nearest_to_its_own_day(start: date, cadence: Cadence, day: int, number: int) -> None:
    schedule = Schedule(cadence, start, day)
    assert schedule.nearest(schedule.slot(number)) == number
    assert schedule.holds(number, schedule.slot(number))
    assert schedule.slot(number) < schedule.slot(number + 1)
