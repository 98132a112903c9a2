"""Periods of reports: what a preset means, and what it is compared with."""

from datetime import date

import pytest

from analytics.spans import Span, month_span, plus_months, preset_span
from financehub.periods import Period

TODAY = date(2025, 11, 9)


def period(text: str) -> Period:
    return Period(*map(date.fromisoformat, text.split("/")))


@pytest.mark.parametrize(
    ("name", "days", "before", "year_before"),
    [
        ("month", "2025-11-01/2025-11-10", "2025-10-01/2025-10-10", "2024-11-01/2024-11-10"),
        ("last-month", "2025-10-01/2025-11-01", "2025-09-01/2025-10-01", "2024-10-01/2024-11-01"),
        ("3-months", "2025-09-01/2025-11-10", "2025-06-01/2025-08-10", "2024-09-01/2024-11-10"),
        ("12-months", "2024-12-01/2025-11-10", "2023-12-01/2024-11-10", "2023-12-01/2024-11-10"),
        ("year", "2025-01-01/2025-11-10", "2024-01-01/2024-11-10", "2024-01-01/2024-11-10"),
        ("last-year", "2024-01-01/2025-01-01", "2023-01-01/2024-01-01", "2023-01-01/2024-01-01"),
    ],
)
def test_presets_and_their_comparison(name: str, days: str, before: str, year_before: str) -> None:
    span = preset_span(name, today=TODAY)
    assert span is not None
    assert (span.period, span.before, span.year_before) == tuple(map(period, (days, before, year_before)))


@pytest.mark.parametrize(
    ("days", "before"),
    [
        ("2025-11-03/2025-11-10", "2025-10-27/2025-11-03"),  # a week
        ("2025-01-01/2025-04-01", "2024-10-01/2025-01-01"),  # a quarter
        ("2025-03-01/2025-03-31", "2025-02-01/2025-03-01"),  # thirty days of March are February
        ("2024-02-29/2024-03-01", "2024-02-28/2024-02-29"),
    ],
)
def test_chosen_days_and_the_days_before_them(days: str, before: str) -> None:
    assert Span.of(period(days)).before == period(before)


def test_days_that_a_shorter_month_lacks() -> None:
    assert plus_months(date(2025, 1, 31), 1) == date(2025, 2, 28)
    assert plus_months(date(2024, 2, 29), -12) == date(2023, 2, 28)
    assert Span.of(period("2024-02-01/2024-03-01")).year_before == period("2023-02-01/2023-03-01")
    assert Span.of(period("2024-02-29/2024-03-01")).year_before == period("2023-02-28/2023-03-01")


def test_the_present_month_ends_today() -> None:
    assert month_span(date(2025, 11, 1), today=TODAY).period == period("2025-11-01/2025-11-10")
    assert month_span(date(2025, 9, 1), today=TODAY).period == period("2025-09-01/2025-10-01")
    assert preset_span("yesterday", today=TODAY) is None
