"""Charts of several curves: one scale for all of them, the band closed, the days where they belong."""

from datetime import date, timedelta
from decimal import Decimal

from django.utils import translation

from financehub import formats
from financehub.curves import Curve, curve_chart

START = date(2025, 11, 1)


def line(*values: int) -> list[tuple[date, Decimal]]:
    return [(START + timedelta(days=number), Decimal(value)) for number, value in enumerate(values)]


def test_curves_and_band_share_a_scale() -> None:
    with translation.override("ru"):
        chart = curve_chart(
            [Curve("ожидаем", "expected", line(0, 50, 100)), Curve("обычно", "usual", line(0, 20))],
            formats=formats.current(),
            summary="",
            band=(line(0, 0, 0), line(0, 100, 200)),
            marks=line(0, 50)[1:],
            today=START + timedelta(days=1),
            readings=[(START, Decimal(0), "/series/1/", ("0 ₽",))],
            height=240,
        )
    assert [one.css for one in chart.curves] == ["expected", "usual"]
    assert chart.curves[0].path.startswith("M0.0 212.0L500.0 ")
    assert chart.curves[1].path.count("L") == 1
    assert chart.band.endswith("L0.0 212.0Z")
    assert (chart.marks[0].x, chart.today_x) == ("50.00", "50.00")
    assert (chart.readings[0].date, chart.readings[0].url) == ("01.11.2025", "/series/1/")
    assert chart.y_ticks[0].label == "0"
