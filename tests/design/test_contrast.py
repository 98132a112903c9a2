"""Contrasts of both themes, computed from the tokens: text 4.5:1, marks and frames of controls 3:1."""

import math
import re
from pathlib import Path

import pytest
from django.conf import settings

TOKENS = (Path(settings.BASE_DIR) / "static/css/tokens.css").read_text()
THEMES = ("light", "dark")
PAPERS = ("paper", "sunken", "raised", "hover")
Rgb = tuple[float, float, float]


def linear_rgb(lightness: float, chroma: float, hue: float) -> Rgb:
    """OKLCH to linear sRGB (the CSS Color 4 matrices)."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def luminance(color: Rgb) -> float:
    red, green, blue = (min(1.0, max(0.0, channel)) for channel in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Rgb, other: Rgb) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def palette(theme: str) -> dict[str, Rgb]:
    pair = r"--color-([a-z0-9-]+): light-dark\(oklch\(([\d. ]+)\), oklch\(([\d. ]+)\)\)"
    group = 2 + THEMES.index(theme)
    return {match[1]: linear_rgb(*map(float, match[group].split())) for match in re.finditer(pair, TOKENS)}


def mark_lightness(theme: str) -> float:
    light, dark = sorted({float(value) for value in re.findall(r"--mark-lightness: ([\d.]+)", TOKENS)})
    return light if theme == "light" else dark


def test_the_palette_is_read():
    assert {"paper", "ink", "accent", "bank-sbank"} <= palette("light").keys() == palette("dark").keys()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize(
    "ink", ["ink", "ink-2", "ink-3", "accent", "accent-strong", "positive", "negative", "warning"]
)
def test_text_is_readable(theme, paper, ink):
    colors = palette(theme)
    assert contrast(colors[ink], colors[paper]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("tone", ["accent", "positive", "negative", "warning"])
def test_text_on_a_soft_ground_is_readable(theme, tone):
    colors = palette(theme)
    for ink in (tone, "ink", "ink-2"):
        assert contrast(colors[ink], colors[f"{tone}-soft"]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_text_on_the_accent_is_readable(theme):
    colors = palette(theme)
    assert contrast(colors["on-accent"], colors["accent"]) >= 4.5
    assert contrast(colors["on-accent"], colors["accent-strong"]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_toasts_and_the_present_place_are_readable(theme):
    colors = palette(theme)
    assert contrast(colors["on-inverse"], colors["inverse"]) >= 4.5
    assert contrast(colors["ink"], colors["current"]) >= 4.5
    for mark in ("inverse-positive", "inverse-negative"):
        assert contrast(colors[mark], colors["inverse"]) >= 3


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("mark", ["edge", "accent", "bank-vbank", "bank-abank", "bank-sbank"])
def test_frames_of_controls_and_dots_of_banks_are_visible(theme, mark):
    colors = palette(theme)
    assert min(contrast(colors[mark], colors[paper]) for paper in ("paper", "raised")) >= 3


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("hue", range(0, 360, 15))
def test_every_hue_of_a_category_is_visible(theme, hue):
    chroma = float(re.search(r"--mark-chroma: ([\d.]+)", TOKENS)[1])
    mark = linear_rgb(mark_lightness(theme), chroma, hue)
    assert contrast(mark, palette(theme)["paper"]) >= 3


def test_every_step_of_hue_has_its_rule():
    assert [int(hue) for hue in re.findall(r'\[data-hue="(\d+)"\]', TOKENS)] == list(range(0, 360, 15))
