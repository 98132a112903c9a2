"""Periods are half-open, and a day is the person's day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from financehub.periods import Period, last_days, local_date, month_of, next_month, start_of_day

days = st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 12, 31))


def test_a_period_holds_its_first_day_and_not_its_end() -> None:
    period = Period(date(2026, 3, 1), date(2026, 4, 1))
    assert date(2026, 3, 1) in period
    assert date(2026, 3, 31) in period
    assert date(2026, 4, 1) not in period
    assert period.days == 31


def test_a_period_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="ends on 2026-03-01 before"):
        Period(date(2026, 3, 2), date(2026, 3, 1))


def test_an_empty_period_holds_no_day() -> None:
    assert date(2026, 3, 1) not in Period(date(2026, 3, 1), date(2026, 3, 1))


@given(days)
def test_months_follow_each_other_without_gap_or_overlap(day: date) -> None:
    month = month_of(day)
    assert day in month
    assert month.start.day == 1
    assert month_of(month.end) == Period(month.end, next_month(month.end))
    assert month_of(month.start - timedelta(days=1)).end == month.start


@given(days, st.integers(min_value=1, max_value=4000))
def test_last_days_end_with_today(today: date, count: int) -> None:
    period = last_days(today, count)
    assert period.days == count
    assert today in period
    assert today + timedelta(days=1) not in period


@given(st.integers(min_value=0, max_value=2**32).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
def test_a_moment_lies_in_its_local_day(moment: datetime) -> None:
    day = local_date(moment)
    assert start_of_day(day) <= moment < start_of_day(day + timedelta(days=1))


def test_the_evening_in_utc_is_tomorrow_in_moscow() -> None:
    assert local_date(datetime(2026, 3, 31, 21, 0, tzinfo=UTC)) == date(2026, 4, 1)
    assert local_date(datetime(2026, 3, 31, 20, 59, tzinfo=UTC)) == date(2026, 3, 31)
