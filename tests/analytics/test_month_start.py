"""Months that begin on a day of the person's choice, or with their pay."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client

from analytics.spans import Span, month_span, preset_span
from banking.models import Account
from banking.queries import months, sums
from banking.queries.month_cut import cut_of
from banking.queries.transaction_filter import TransactionFilter
from financehub.periods import CALENDAR, MonthCut, Period
from financehub.users.models import User
from tests.factories import NOW, AccountFactory, TransactionFactory

TODAY = NOW.date()
TENTH = MonthCut(day=10)
LAST = MonthCut(day=31)


def period(text: str) -> Period:
    return Period(*map(date.fromisoformat, text.split("/")))


@pytest.mark.parametrize(
    ("cut", "name", "days", "before", "year_before"),
    [
        (TENTH, "month", "2025-10-10/2025-11-10", "2025-09-10/2025-10-10", "2024-10-10/2024-11-10"),
        (TENTH, "last-month", "2025-09-10/2025-10-10", "2025-08-10/2025-09-10", "2024-09-10/2024-10-10"),
        (TENTH, "3-months", "2025-08-10/2025-11-10", "2025-05-10/2025-08-10", "2024-08-10/2024-11-10"),
        (MonthCut(day=5), "month", "2025-11-05/2025-11-10", "2025-10-05/2025-10-10", "2024-11-05/2024-11-10"),
        (LAST, "last-month", "2025-09-30/2025-10-31", "2025-08-31/2025-09-30", "2024-09-30/2024-10-31"),
    ],
)
def test_presets_begin_where_the_months_do(
    cut: MonthCut, name: str, days: str, before: str, year_before: str
) -> None:
    span = preset_span(name, today=TODAY, cut=cut)
    assert span is not None
    assert (span.period, span.before, span.year_before) == tuple(map(period, (days, before, year_before)))
    assert Span.of(span.period, cut).months == span.months


def test_every_day_belongs_to_one_month() -> None:
    moved = MonthCut(day=5, before_weekends=True, moved={date(2025, 11, 1): date(2025, 10, 30)})
    for cut in (CALENDAR, TENTH, LAST, moved):
        for ordinal in range(date(2024, 1, 1).toordinal(), date(2026, 1, 1).toordinal()):
            day = date.fromordinal(ordinal)
            assert day in cut.days(cut.holding(day))
    assert moved.start(date(2025, 10, 1)) == date(2025, 10, 3)  # the fifth was a Sunday
    assert month_span(date(2025, 11, 1), today=TODAY, cut=moved).period == period("2025-10-30/2025-11-10")


@pytest.fixture
def account(anna: User) -> Iterator[Account]:
    with time_machine.travel(NOW, tick=False):
        AccountFactory(connection__user=anna)
        yield Account.objects.get()


def paid(account: Account, day: str, amount: str, slug: str = "income-salary") -> None:
    at = datetime.fromisoformat(day).replace(hour=9, tzinfo=UTC)
    TransactionFactory(account=account, booked_at=at, amount=Decimal(amount), slug=slug)


def test_the_larger_of_two_pays_begins_the_month(anna: User, account: Account) -> None:
    anna.month_start = 0
    assert cut_of(user=anna, today=TODAY) == CALENDAR
    for day in ("2025-08-05", "2025-09-05", "2025-10-03", "2025-11-05"):
        paid(account, day, "60000")
    for day in ("2025-08-20", "2025-09-19", "2025-10-20"):
        paid(account, day, "40000")
    cut = cut_of(user=anna, today=TODAY)
    assert [cut.start(date(2025, month, 1)) for month in (9, 10, 11)] == [
        date(2025, 9, 5),
        date(2025, 10, 3),
        date(2025, 11, 5),
    ]
    found = months.by_month(
        user=anna, wanted=TransactionFilter(period=cut.so_far(TODAY, months=3)), currency="RUB", cut=cut
    )
    assert [one.income for one in found] == [100_000, 100_000, 60_000]


def test_months_of_any_cut_come_to_the_same_with_a_filter_and_without(anna: User, account: Account) -> None:
    for day in ("2025-09-09", "2025-09-10", "2025-10-09", "2025-10-10", "2025-11-09"):
        paid(account, day, "-100", slug="cafe")
    wanted = TransactionFilter(period=TENTH.so_far(TODAY, months=3))
    filtered = TransactionFilter(period=wanted.period, accounts=frozenset({account.pk}))
    whole, part = (
        months.by_month(user=anna, wanted=one, currency="RUB", cut=TENTH) for one in (wanted, filtered)
    )
    assert whole == part
    assert [one.spending for one in whole] == [100, 200, 200]
    flows = sums.flows(user=anna, wanted=wanted)
    assert sum(one.spending for one in whole) == flows[0].spending


def test_pages_follow_the_chosen_start(anna: User, account: Account, anna_client: Client) -> None:
    for day in ("2025-08-01", "2025-10-09", "2025-10-10", "2025-11-09"):
        paid(account, day, "-100", slug="cafe")
    User.objects.filter(pk=anna.pk).update(month_start=10)

    def asked(path: str) -> Any:
        return anna_client.get(path).context

    overview = asked("/analytics/")
    assert overview["figures"][1].text.replace("\xa0", " ") == "200,00 ₽"
    step = parse_qs(urlsplit(overview["step_back"].url).query)["month"]
    assert step == ["2025-09"]
    assert "10-го числа" in asked("/analytics/trends/")["flows_note"]
    assert asked("/overview/")["flow"].now.spending == 200
    assert len(asked("/transactions/?period=month")["days"]) == 2


def test_changes_are_to_the_period_before_or_to_the_year_before(
    account: Account, anna_client: Client
) -> None:
    for day, amount in (("2024-10-20", "-10"), ("2024-11-02", "-30"), ("2025-10-02", "-50")):
        paid(account, day, amount, slug="cafe")
    paid(account, "2025-11-02", "-100", slug="cafe")

    def changed(query: str) -> Any:
        found = anna_client.get(f"/analytics/{query}").context
        return [line.values[1:] for line in found["changes_table"].lines], found["changes_tabs"]

    to_before, tabs = changed("")
    to_year, year_tabs = changed("?against=year")
    assert (to_before, to_year) == ([(100, 50, 50)], [(100, 30, 70)])
    assert [tab.current for tab in tabs] == [tab.current for tab in reversed(year_tabs)] == [True, False]
    assert tabs[1].url.endswith("?against=year")
    assert changed("?period=12-months")[1] == []
