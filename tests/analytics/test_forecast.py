"""The forecast as pure figures: its band on generated lives, its assumptions, what one purchase may do."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest

from analytics.forecast import month
from analytics.forecast.outlook import (
    INCOMES,
    PAYMENTS,
    UNSURE_PAYMENTS,
    History,
    Item,
    Outlook,
    outlook,
)
from financehub.periods import Period

TODAY = date(2025, 11, 9)
DAYS = 180
MONTHLY = 30


@dataclass(frozen=True)
class Life:
    """Everything that one invented person's days bring, recurring amounts apart."""

    spent: dict[date, dict[str, Decimal]]
    items: tuple[Item, ...]

    def net(self, day: date) -> Decimal:
        recurring = sum((item.amount for item in self.items if item.day == day), Decimal(0))
        return recurring - sum(self.spent[day].values(), Decimal(0))

    def forecast(self, today: date, days: int = 30, **options: object) -> Outlook:
        period = Period(today - timedelta(days=DAYS), today)
        history = History(period, {day: parts for day, parts in self.spent.items() if day in period})
        expected = tuple(item for item in self.items if item.day > today)
        return outlook(history=history, items=expected, opening=Decimal(0), today=today, days=days, **options)


def life(seed: int, *, start: date = TODAY - timedelta(days=500), days: int = 620) -> Life:
    """Groceries by weekday, dinners out, now and then something large; salary twice a month, rent."""
    random = Random(seed)
    spent: dict[date, dict[str, Decimal]] = {}
    for day in (start + timedelta(days=number) for number in range(days)):
        parts = {"groceries": random.expovariate(1 / (1400 if day.weekday() < 5 else 2600))}
        if random.random() < 0.35:
            parts["cafe"] = random.uniform(300, 2500)
        if random.random() < 0.06:
            parts["shopping"] = random.lognormvariate(8.3, 0.6)
        if random.random() < 0.008:
            parts["home"] = random.uniform(20_000, 60_000)
        spent[day] = {name: Decimal(round(amount)) for name, amount in parts.items()}
    return Life(spent, tuple(_recurring(start, days)))


def _recurring(start: date, days: int) -> Iterator[Item]:
    amounts = {5: (60_000, "salary"), 20: (40_000, "advance"), 10: (-30_000, "rent"), 15: (-600, "phone")}
    for day in (start + timedelta(days=number) for number in range(days)):
        if day.day in amounts:
            amount, name = amounts[day.day]
            yield Item(day, Decimal(amount), Decimal(amount), Decimal(amount), name)


def test_the_band_holds_four_days_of_five() -> None:
    inside = total = 0
    for seed in range(6):
        one = life(seed)
        for back in range(0, 240, 24):
            today = TODAY - timedelta(days=back)
            balance = Decimal(0)
            for point in one.forecast(today, days=30).points[1:]:
                balance += one.net(point.day)
                inside += point.low <= balance <= point.high
                total += 1
    print(f"\nin the band: {inside} of {total} days, {inside / total:.1%}")
    assert 0.70 <= inside / total <= 0.90


@pytest.mark.parametrize("seed", range(4))
def test_one_large_purchase_hardly_moves_the_forecast(seed: int) -> None:
    """Whatever its day: by less than 3 % of what a month takes, recurring payments not even counted."""
    one, moved = life(seed), []
    period = Period(TODAY - timedelta(days=DAYS), TODAY)
    spent = {day: parts for day, parts in one.spent.items() if day in period}
    common = {"items": [], "opening": Decimal(0), "today": TODAY, "days": 30}
    before = outlook(history=History(period, spent), **common).last.amount
    for ago in range(1, DAYS, 13):
        day = TODAY - timedelta(days=ago)
        struck = spent | {day: spent[day] | {"gift": Decimal(400_000)}}
        after = outlook(history=History(period, struck), **common).last.amount
        moved.append((before - after) / -before)
    print(f"\none purchase of 400,000 moves the forecast by {min(moved):.2%} to {max(moved):.2%} of a month")
    assert max(map(abs, moved)) < Decimal("0.03")


def test_assumptions_switched_off_change_exactly_their_part() -> None:
    one = life(5)
    sure = one.items
    unsure = tuple(
        Item(item.day + timedelta(days=2), Decimal(-1000), Decimal(-1500), Decimal(-900), "?", None, False)
        for item in sure
        if item.amount < 0
    )
    one = Life(one.spent, sure + unsure)
    whole = one.forecast(TODAY)
    assert {part.key for part in whole.parts} == {
        *(INCOMES, PAYMENTS, UNSURE_PAYMENTS),
        *("groceries", "cafe", "shopping", "home"),
    }
    assert whole.last.amount == sum(part.total for part in whole.parts)
    for part in whole.parts:
        less = one.forecast(TODAY, off=[part.key])
        assert less.last.amount == whole.last.amount - part.total
        assert [(one.key, one.total) for one in less.parts] == [(one.key, one.total) for one in whole.parts]
        assert [one.key for one in less.parts if not one.is_on] == [part.key]


def test_the_same_history_gives_the_same_forecast() -> None:
    assert life(7).forecast(TODAY, days=90) == life(7).forecast(TODAY, days=90)


@pytest.mark.parametrize(("days", "known", "missing"), [(30, 37, 23), (30, 60, 0), (90, 100, 80)])
def test_too_little_history_is_refused(days: int, known: int, missing: int) -> None:
    history = History(Period(TODAY - timedelta(days=known), TODAY), {})
    rent = Item(TODAY, Decimal(-5), Decimal(-5), Decimal(-5), "")
    found = outlook(history=history, items=[rent], opening=Decimal(0), today=TODAY, days=days)
    assert found.missing_days == missing
    assert bool(found.points) is (missing == 0)


def test_the_lowest_point_lies_before_the_next_pay_day() -> None:
    history = History(Period(TODAY - timedelta(days=DAYS), TODAY), {})
    rent, interest, salary, later = (
        Item(TODAY + timedelta(days=number), Decimal(amount), Decimal(amount), Decimal(amount), "")
        for number, amount in [(3, -5000), (4, 7), (6, 9000), (8, -20_000)]
    )
    common = {"history": history, "opening": Decimal(4000), "today": TODAY, "days": 30}
    found = outlook(items=[rent, interest, salary, later], **common)
    assert (found.payday, found.lowest.day, found.lowest.amount) == (salary.day, rent.day, -1000)
    assert outlook(items=[rent, later], **common).lowest.amount == -21_000


def test_what_is_left_is_income_less_payments_less_spending() -> None:
    items = [
        Item(TODAY + timedelta(days=number), Decimal(amount), Decimal(amount), Decimal(amount), "")
        for number, amount in [(1, -5000), (11, 40_000), (22, 99_000)]
    ]
    found = month.left(
        received=Decimal(60_000), paid=Decimal(600), spent=Decimal(9000), items=items, today=TODAY
    )
    assert (found.expected, found.ahead, found.days) == (40_000, 5000, 22)
    assert found.left == 60_000 + 40_000 - 600 - 5000 - 9000


def test_the_usual_pace_is_the_middle_month() -> None:
    spent = {date(2025, number, 3): Decimal(amount) for number, amount in [(8, 100), (9, 900), (10, 200)]}
    found = month.pace(spent=spent | {TODAY: Decimal(70)}, since=date(2025, 8, 1), today=TODAY)
    assert (found.usual[1], found.usual[2], found.usual[29], found.months) == (0, 200, 200, 3)
    assert (len(found.spent), found.spent[-1]) == (TODAY.day, 70)
    assert not month.pace(spent=spent, since=date(2025, 9, 2), today=TODAY).usual
