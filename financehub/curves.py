"""Kernel: geometry of the charts of several curves over days: a forecast with its band, a month's pace.

Text in, text out, like `financehub.charts`, whose scales it shares.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from financehub.charts import (
    AXIS_SPACE,
    PLOT_WIDTH,
    Scale,
    XTick,
    YTick,
    ceiling_of,
    floor_of,
    nice_ticks,
    path_of,
    x_ticks_of,
    y_ticks_of,
)
from financehub.formats import Formats

Line = Sequence[tuple[date, Decimal]]


@dataclass(frozen=True, slots=True)
class Curve:
    """A line through days; `css` names its look, `name` stands in the key."""

    name: str
    css: str
    line: Line


@dataclass(frozen=True, slots=True)
class Drawn:
    """A curve as a path."""

    name: str
    css: str
    path: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A day worth a mark."""

    x: str
    y: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One day as the table beside the chart has it: its place, and its figures in words."""

    x: str
    y: str
    url: str
    date: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CurveChart:
    """Curves, a band and marks, ready for `components/chart_curves.html`."""

    height: int
    plot_height: int
    band: str
    curves: tuple[Drawn, ...]
    marks: tuple[Dot, ...]
    y_ticks: tuple[YTick, ...]
    x_ticks: tuple[XTick, ...]
    readings: tuple[Reading, ...]
    today_x: str
    summary: str


def curve_chart(
    curves: Sequence[Curve],
    *,
    formats: Formats,
    summary: str,
    band: tuple[Line, Line] | None = None,
    marks: Line = (),
    today: date | None = None,
    readings: Sequence[tuple[date, Decimal, str, tuple[str, ...]]] = (),
    height: int = 240,
) -> CurveChart:
    """Curves on one scale; `readings` are of day, value, link and cells, `today` is a line across."""
    lines = [curve.line for curve in curves] + list(band or ())
    days = [day for line in lines for day, _ in line]
    values = [value for line in lines for _, value in line]
    low, high = min(values), max(values)
    ticks = nice_ticks(floor_of(low, high), ceiling_of(low, high))
    scale = Scale(min(days), (max(days) - min(days)).days, ticks[0], ticks[-1], height - AXIS_SPACE)
    return CurveChart(
        height=height,
        plot_height=scale.plot_height,
        band=_band(band, scale) if band else "",
        curves=tuple(Drawn(one.name, one.css, path_of(one.line, scale)) for one in curves),
        marks=tuple(Dot(_x(day, scale), f"{scale.y(value):.1f}") for day, value in marks),
        y_ticks=y_ticks_of(ticks, scale, formats),
        x_ticks=x_ticks_of(scale, max(days), formats),
        readings=tuple(
            Reading(_x(day, scale), f"{scale.y(value):.1f}", url, formats.date_short(day), cells)
            for day, value, url, cells in readings
        ),
        today_x=_x(today, scale) if today else "",
        summary=summary,
    )


def _x(day: date, scale: Scale) -> str:
    return f"{100 * scale.share(day):.2f}"


def _band(band: tuple[Line, Line], scale: Scale) -> str:
    """The area between two lines: along the upper, back along the lower."""
    low, high = band
    back = "L".join(
        f"{PLOT_WIDTH * scale.share(day):.1f} {scale.y(value):.1f}" for day, value in reversed(low)
    )
    return f"{path_of(high, scale)}L{back}Z"
