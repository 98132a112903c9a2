"""Kernel: geometry of the charts that templates draw as SVG; text in, text out, no drawing here.

Across, positions are percentages; down, they are pixels. So a chart fills any width while its
text and strokes keep their size, without a script and without style attributes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from financehub.formats import Formats
from financehub.money import ZERO

PLOT_WIDTH = 1000
TOP_SPACE = 12
AXIS_SPACE = 28
NICE_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
SPARK_WIDTH, SPARK_HEIGHT = 120, 32
MOST_POINTS = 120
MONTHS_FROM_DAYS = 75


@dataclass(frozen=True, slots=True)
class YTick:
    """A grid line with its label."""

    y: str
    label: str
    is_zero: bool


@dataclass(frozen=True, slots=True)
class XTick:
    """A date under the plot; the minor ones leave when the chart is narrow."""

    x: str
    label: str
    anchor: str
    minor: bool


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One value: where it stands and how it reads."""

    x: str
    y: str
    date: str
    value: str


@dataclass(frozen=True, slots=True)
class LineChart:
    """A line over days, ready for `components/chart_line.html`."""

    height: int
    plot_height: int
    line: str
    area: str
    y_ticks: tuple[YTick, ...]
    x_ticks: tuple[XTick, ...]
    points: tuple[ChartPoint, ...]
    summary: str

    @property
    def last(self) -> ChartPoint:
        """The present."""
        return self.points[-1]


@dataclass(frozen=True, slots=True)
class Scale:
    """Turns a day into a share of the width, and a value into pixels from the top."""

    first_day: date
    days: int
    low: Decimal
    high: Decimal
    plot_height: int

    def share(self, day: date) -> float:
        return (day - self.first_day).days / self.days

    def y(self, value: Decimal) -> float:
        room = self.plot_height - TOP_SPACE
        return TOP_SPACE + room * float((self.high - value) / (self.high - self.low))


def nice_ticks(low: Decimal, high: Decimal, *, most: int = 5) -> tuple[Decimal, ...]:
    """Three to `most` round values that enclose low and high."""
    low, high = _apart(low, high)
    magnitude = Decimal(10) ** ((high - low) / (most - 1)).adjusted()
    for size in (magnitude, magnitude * 10):
        for nice in NICE_STEPS:
            ticks = _ticks(low, high, step=nice * size)
            if len(ticks) <= most:
                return ticks
    raise ValueError("no step fits")


def _apart(low: Decimal, high: Decimal) -> tuple[Decimal, Decimal]:
    """A line that hardly moves is drawn flat, between ticks that short labels can tell apart."""
    room = max(abs(low) / 10, abs(high) / 10, Decimal(1))
    if high - low >= room / 2:
        return low, high
    return low - room, high + room


def _ticks(low: Decimal, high: Decimal, *, step: Decimal) -> tuple[Decimal, ...]:
    first = (low / step).to_integral_value(ROUND_FLOOR)
    last = (high / step).to_integral_value(ROUND_CEILING)
    return tuple((first + index) * step for index in range(max(int(last - first), 2) + 1))


def line_chart(
    series: Sequence[tuple[date, Decimal]], *, currency: str, formats: Formats, height: int = 220
) -> LineChart | None:
    """The balance of each day as a line; None when one day or none is known.

    The area down to zero is filled only when zero is in sight: a cut area would lie about size.
    """
    series = thinned(series)
    if len(series) < 2:
        return None
    values = [value for _, value in series]
    ticks = nice_ticks(floor_of(min(values), max(values)), ceiling_of(min(values), max(values)))
    first_day, last_day = series[0][0], series[-1][0]
    scale = Scale(first_day, (last_day - first_day).days, ticks[0], ticks[-1], height - AXIS_SPACE)
    points = tuple(_point(day, value, scale, currency, formats) for day, value in series)
    return LineChart(
        height=height,
        plot_height=scale.plot_height,
        line=(line := path_of(series, scale)),
        area=_area(line, series, scale) if scale.low <= 0 <= scale.high else "",
        y_ticks=y_ticks_of(ticks, scale, formats),
        x_ticks=x_ticks_of(scale, last_day, formats),
        points=points,
        summary=f"{points[-1].date}: {points[-1].value}",
    )


def thinned(
    series: Sequence[tuple[date, Decimal]], *, most: int = MOST_POINTS
) -> Sequence[tuple[date, Decimal]]:
    """At most `most` values, evenly spaced, the last one kept."""
    step = -(-len(series) // most) or 1
    return series[::-1][::step][::-1]


def sparkline(values: Sequence[Decimal]) -> str:
    """The path of a small line without axes, for `components/sparkline.html`."""
    if len(values) < 2:
        return ""
    low, spread = min(values), max(values) - min(values)
    points = (
        (
            SPARK_WIDTH * index / (len(values) - 1),
            2 + (SPARK_HEIGHT - 4) * (1 - float((value - low) / spread) if spread else 0.5),
        )
        for index, value in enumerate(values)
    )
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def y_ticks_of(ticks: Sequence[Decimal], scale: Scale, formats: Formats) -> tuple[YTick, ...]:
    """Labels share the unit of the largest; three digits hold every nice step, and noughts fall off."""
    largest = max(abs(tick) for tick in ticks)
    return tuple(
        YTick(f"{scale.y(tick):.1f}", formats.compact(tick, like=largest, digits=3), tick == 0)
        for tick in ticks
    )


def floor_of(low: Decimal, high: Decimal) -> Decimal:
    """Zero is drawn unless the line moves only in the upper half."""
    return min(low, Decimal(0)) if low < high / 2 or high <= 0 else low


def ceiling_of(low: Decimal, high: Decimal) -> Decimal:
    return max(high, Decimal(0)) if high <= 0 and high > low / 2 else high


def _point(day: date, value: Decimal, scale: Scale, currency: str, formats: Formats) -> ChartPoint:
    return ChartPoint(
        x=f"{100 * scale.share(day):.2f}",
        y=f"{scale.y(value):.1f}",
        date=formats.date_short(day),
        value=formats.money(value, currency),
    )


def path_of(series: Sequence[tuple[date, Decimal]], scale: Scale) -> str:
    return "M" + "L".join(
        f"{PLOT_WIDTH * scale.share(day):.1f} {scale.y(value):.1f}" for day, value in series
    )


def _area(line: str, series: Sequence[tuple[date, Decimal]], scale: Scale) -> str:
    zero = f"{scale.y(Decimal(0)):.1f}"
    right = f"{PLOT_WIDTH * scale.share(series[-1][0]):.1f}"
    return f"{line}L{right} {zero}L0 {zero}Z"


def x_ticks_of(scale: Scale, last_day: date, formats: Formats) -> tuple[XTick, ...]:
    if scale.days >= MONTHS_FROM_DAYS:
        return _month_ticks(scale, last_day, formats)
    days = sorted({scale.first_day + timedelta(days=scale.days * part // 4) for part in range(5)})
    return tuple(
        XTick(
            x=f"{100 * scale.share(day):.2f}",
            label=formats.date_axis(day),
            anchor="start" if day == scale.first_day else "end" if day == last_day else "middle",
            minor=index % 2 == 1,
        )
        for index, day in enumerate(days)
    )


def _month_ticks(scale: Scale, last_day: date, formats: Formats) -> tuple[XTick, ...]:
    """First days of months, at most six, a January with its year; none so near an edge that it is cut."""
    months = [month for month in _first_days(scale.first_day, last_day) if 0.04 <= scale.share(month) <= 0.96]
    step = next(step for step in (1, 2, 3, 6, 12, 24, 60) if len(months) <= 6 * step)
    chosen = [month for month in months if (month.year * 12 + month.month - 1) % step == 0]
    return tuple(
        XTick(
            x=f"{100 * scale.share(month):.2f}",
            label=str(month.year) if month.month == 1 else formats.months_short[month.month - 1],
            anchor="middle",
            minor=index % 2 == 1,
        )
        for index, month in enumerate(chosen)
    )


def _first_days(first: date, last: date) -> list[date]:
    first_number, last_number = (day.year * 12 + day.month - 1 for day in (first, last))
    months = [date(number // 12, number % 12 + 1, 1) for number in range(first_number, last_number + 1)]
    return [month for month in months if month >= first]


# --- columns: one slot for each month or weekday ---


@dataclass(frozen=True, slots=True)
class Slot:
    """One place of a column chart: its figures, how it is called, and the rows behind it.

    `values` stand in the order of the chart's series; None is what is not known.
    """

    values: tuple[Decimal | None, ...]
    name: str
    axis: str = ""
    url: str = ""
    level: Decimal | None = None
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A bar from zero: across in per cent, down in pixels."""

    x: str
    width: str
    y: str
    height: str
    series: str


@dataclass(frozen=True, slots=True)
class DrawnSlot:
    """A slot as it is drawn: its columns, its point on the line, its words."""

    x: str
    width: str
    middle: str
    columns: tuple[Column, ...]
    level_y: str
    text: str
    url: str
    is_partial: bool


@dataclass(frozen=True, slots=True)
class ColumnChart:
    """Columns over slots, and a line over them, ready for `components/chart_columns.html`."""

    height: int
    plot_height: int
    y_ticks: tuple[YTick, ...]
    x_ticks: tuple[XTick, ...]
    slots: tuple[DrawnSlot, ...]
    line: str
    summary: str


@dataclass(frozen=True, slots=True)
class Series:
    """What one column of every slot shows; `css` names its look."""

    name: str
    css: str


def column_chart(
    slots: Sequence[Slot],
    *,
    series: Sequence[Series],
    currency: str,
    formats: Formats,
    level: str = "",
    stacked: bool = False,
    height: int = 240,
) -> ColumnChart | None:
    """Columns from zero, side by side or (`stacked`) up and down on one place; None without any figure.

    `level` names the line that joins the slots' levels; it breaks where a level is not known.
    """
    bars = [value for slot in slots for value in slot.values if value is not None]
    levels = [slot.level for slot in slots if slot.level is not None]
    if not bars + levels:
        return None
    low, high = min(bars + levels), max(bars + levels)
    ticks = nice_ticks(
        *((min(low, ZERO), max(high, ZERO)) if bars else (floor_of(low, high), ceiling_of(low, high)))
    )
    scale = Scale(date.min, 1, ticks[0], ticks[-1], height - AXIS_SPACE)
    drawn = tuple(
        DrawnSlot(
            x=_percent(index, len(slots)),
            width=_percent(1, len(slots)),
            middle=_percent(index + 0.5, len(slots)),
            columns=_columns(slot, index, len(slots), scale, series, stacked=stacked),
            level_y="" if slot.level is None else f"{scale.y(slot.level):.1f}",
            text=_slot_text(slot, series, level, currency, formats),
            url=slot.url,
            is_partial=slot.is_partial,
        )
        for index, slot in enumerate(slots)
    )
    return ColumnChart(
        height=height,
        plot_height=scale.plot_height,
        y_ticks=y_ticks_of(ticks, scale, formats),
        x_ticks=_slot_ticks(slots),
        slots=drawn,
        line=_broken_line(slots, scale),
        summary=drawn[-1].text,
    )


def _percent(part: float, whole: int) -> str:
    return f"{100 * part / whole:.2f}"


def _columns(
    slot: Slot, index: int, count: int, scale: Scale, series: Sequence[Series], *, stacked: bool
) -> tuple[Column, ...]:
    """The bars of a slot, three quarters of its width together."""
    places = 1 if stacked else len(slot.values)
    width = 0.75 / max(places, 1)
    zero = scale.y(ZERO)
    return tuple(
        Column(
            x=_percent(index + 0.125 + (0 if stacked else place * width), count),
            width=_percent(width, count),
            y=f"{min(scale.y(value), zero):.1f}",
            height=f"{abs(scale.y(value) - zero):.1f}",
            series=series[place].css,
        )
        for place, value in enumerate(slot.values)
        if value
    )


def _slot_text(slot: Slot, series: Sequence[Series], level: str, currency: str, formats: Formats) -> str:
    """A slot in words: its name and every figure that is known."""
    named = [(one.name, value) for one, value in zip(series, slot.values, strict=True)]
    if level:
        named.append((level, slot.level))
    known = [f"{name} {formats.money(value, currency)}" for name, value in named if value is not None]
    return f"{slot.name}: {', '.join(known)}" if known else slot.name


def _slot_ticks(slots: Sequence[Slot]) -> tuple[XTick, ...]:
    named = [(index, slot.axis) for index, slot in enumerate(slots) if slot.axis]
    return tuple(
        XTick(x=_percent(index + 0.5, len(slots)), label=label, anchor="middle", minor=False)
        for index, label in named
    )


def _broken_line(slots: Sequence[Slot], scale: Scale) -> str:
    """The path through the known levels, begun anew behind every gap."""
    path, is_open = "", False
    for index, slot in enumerate(slots):
        if slot.level is not None:
            x = PLOT_WIDTH * (index + 0.5) / len(slots)
            path += f"{'L' if is_open else 'M'}{x:.1f} {scale.y(slot.level):.1f}"
        is_open = slot.level is not None
    return path


def month_axis(months: Sequence[date], formats: Formats, *, most: int = 6) -> list[str]:
    """Labels under months: at most `most` of them, a January with its year, the rest silent."""
    step = next((step for step in (1, 2, 3, 6, 12) if len(months) <= most * step), 12)
    return [
        ""
        if (month.year * 12 + month.month - 1) % step
        else str(month.year)
        if month.month == 1
        else formats.months_short[month.month - 1]
        for month in months
    ]
