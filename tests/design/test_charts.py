"""Geometry of charts: ticks enclose, points stay inside, the present is the last one."""

import re
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from financehub import charts
from financehub.formats import ENGLISH, NBSP, RUSSIAN

START = date(2025, 8, 12)
amounts = st.decimals(min_value=-(10**10), max_value=10**10, places=2)


def series(*values: object, start: date = START) -> list[tuple[date, Decimal]]:
    return [(start + timedelta(days=index), Decimal(str(value))) for index, value in enumerate(values)]


def draw(*values: object) -> charts.LineChart:
    return charts.line_chart(series(*values), currency="RUB", formats=RUSSIAN)


@given(amounts, amounts)
def test_ticks_are_few_even_and_enclose(one, other):
    low, high = sorted((one, other))
    ticks = charts.nice_ticks(low, high)
    assert 3 <= len(ticks) <= 5
    assert ticks[0] <= low <= high <= ticks[-1]
    assert len({later - earlier for earlier, later in pairwise(ticks)}) == 1


def test_ticks_are_round():
    assert charts.nice_ticks(Decimal(0), Decimal(118_000)) == (0, 50_000, 100_000, 150_000)


@given(st.lists(amounts, min_size=2, max_size=400))
def test_points_stay_inside_the_plot(values):
    chart = draw(*values)
    assert all(0 <= float(point.x) <= 100 for point in chart.points)
    assert all(charts.TOP_SPACE - 0.1 <= float(point.y) <= chart.plot_height + 0.1 for point in chart.points)
    assert len(chart.points) <= charts.MOST_POINTS
    assert len({tick.label for tick in chart.y_ticks}) == len(chart.y_ticks)
    assert (chart.last.x, chart.last.value) == ("100.00", RUSSIAN.money(values[-1], "RUB"))


def test_fewer_than_two_days_draw_nothing():
    assert charts.line_chart([], currency="RUB", formats=RUSSIAN) is None
    assert charts.line_chart(series(5), currency="RUB", formats=RUSSIAN) is None


def test_area_is_filled_only_when_zero_is_in_sight():
    assert draw(10_000, 50_000).area.endswith("Z")
    assert draw(-50_000, -10_000).area.endswith("Z")
    assert draw(90_000, 100_000).area == ""


def test_flat_line_has_ticks_around_it():
    assert [tick.label for tick in draw(1_000_000, 1_000_000).y_ticks] == [
        text.replace(" ", NBSP) for text in ("0,9 млн", "0,95 млн", "1 млн", "1,05 млн", "1,1 млн")
    ]


def test_zero_is_marked():
    assert [tick.label for tick in draw(-4, 10).y_ticks if tick.is_zero] == ["0"]


@pytest.mark.parametrize("days", [2, 3, 10, 74, 75, 200, 400, 1200, 4000])
def test_dates_are_few_and_ordered(days):
    chart = draw(*range(days))
    positions = [float(tick.x) for tick in chart.x_ticks]
    assert 1 <= len(positions) <= 6
    assert positions == sorted(set(positions))


def test_long_spans_show_months_and_a_year_at_january():
    labels = [tick.label for tick in draw(*range(200)).x_ticks]
    assert "2026" in labels
    assert "ноя" in labels


def test_labels_speak_the_language():
    chart = charts.line_chart(series(10_000, 50_000), currency="RUB", formats=ENGLISH)
    assert chart.y_ticks[-1].label.endswith("K")
    assert chart.points[0].date == f"12{NBSP}Aug{NBSP}2025"


def test_thinning_keeps_the_last_value():
    kept = charts.thinned(series(*range(1000)))
    assert len(kept) <= charts.MOST_POINTS
    assert kept[-1][1] == 999


def test_sparkline_spans_its_box():
    path = charts.sparkline([Decimal(1), Decimal(3), Decimal(2)])
    assert re.fullmatch(r"M0\.0 30\.0L60\.0 2\.0L120\.0 16\.0", path)
    assert charts.sparkline([Decimal(1)]) == ""
    assert charts.sparkline([Decimal(1), Decimal(1)]) == "M0.0 16.0L120.0 16.0"


# --- columns ---

PAIR = (charts.Series("доходы", "income"), charts.Series("расходы", "spending"))
maybe = st.none() | amounts


def columns(*values: tuple, levels: tuple = (), **options: object) -> charts.ColumnChart | None:
    slots = [
        charts.Slot(
            values=tuple(None if value is None else Decimal(value) for value in pair),
            name=f"место {place}",
            url=f"/{place}",
            level=levels[place] if levels else None,
        )
        for place, pair in enumerate(values)
    ]
    return charts.column_chart(slots, series=PAIR, currency="RUB", formats=RUSSIAN, **options)


@given(st.lists(st.tuples(maybe, maybe, maybe), min_size=1, max_size=60), st.booleans())
def test_columns_stay_inside_the_plot_and_stand_on_zero(values, stacked):
    pairs, levels = [pair[:2] for pair in values], tuple(pair[2] for pair in values)
    chart = columns(*pairs, levels=levels, level="итог", stacked=stacked)
    if chart is None:
        assert not any(value is not None for value in [*levels, *(one for pair in pairs for one in pair)])
        return
    zeros = [float(tick.y) for tick in chart.y_ticks if tick.is_zero]
    for slot, level in zip(chart.slots, levels, strict=True):
        for column in slot.columns:
            top, bottom = float(column.y), float(column.y) + float(column.height)
            assert charts.TOP_SPACE - 0.2 <= top <= bottom <= chart.plot_height + 0.2
            assert min(abs(top - zeros[0]), abs(bottom - zeros[0])) <= 0.2
            assert float(slot.x) <= float(column.x)
            assert float(column.x) + float(column.width) <= float(slot.x) + float(slot.width) + 0.1
        assert bool(slot.level_y) == (level is not None)
    assert chart.line.count("M") + chart.line.count("L") == sum(level is not None for level in levels)


def test_a_line_over_columns_breaks_where_nothing_is_known():
    chart = columns(*[(1, 2)] * 4, levels=(Decimal(5), None, Decimal(7), Decimal(9)), level="итог")
    assert re.fullmatch(r"M125\.0 [\d.]+M625\.0 [\d.]+L875\.0 [\d.]+", chart.line)


def test_a_slot_reads_out_what_is_known_of_it():
    chart = columns((1000, None), (None, None), (0, 2))
    texts = [slot.text.replace(NBSP, " ") for slot in chart.slots]
    assert texts == [
        "место 0: доходы 1 000,00 ₽",
        "место 1",
        "место 2: доходы 0,00 ₽, расходы 2,00 ₽",
    ]
    assert [len(slot.columns) for slot in chart.slots] == [1, 0, 1]
    assert columns((None, None)) is None


@pytest.mark.parametrize(("count", "shown"), [(2, 2), (6, 6), (12, 6), (13, 5), (36, 6), (60, 5)])
def test_month_labels_are_few(count, shown):
    months = [date(2021 + place // 12, place % 12 + 1, 1) for place in range(count)]
    labels = [label for label in charts.month_axis(months, RUSSIAN) if label]
    assert len(labels) == shown
    assert labels[0] == "2021"
