"""One hue and one place per top-level category, the same in every chart; children share their parent's hue.

The hues are the thirty multiples of 12°, dealt out by hand so that categories next to each other lie at least
60° apart and the ten that usually weigh most in spending at least 36°. They are written down rather than
computed: a category added later takes a hue of its own and the others keep theirs.
"""

from collections.abc import Mapping
from typing import Final

from banking.categories import tables

HUES: Final[Mapping[str, int]] = {
    "groceries": 144,
    "cafe": 36,
    "transport": 252,
    "car": 0,
    "housing": 72,
    "communication": 204,
    "home": 96,
    "shopping": 324,
    "clothes": 180,
    "electronics": 60,
    "health": 288,
    "beauty": 348,
    "sport": 120,
    "kids": 24,
    "education": 228,
    "leisure": 108,
    "gambling": 264,
    "subscriptions": 12,
    "travel": 216,
    "pets": 48,
    "gifts": 336,
    "finance": 192,
    "insurance": 84,
    "government": 240,
    "services": 132,
    "business": 312,
    "people": 168,
    "other": 276,
    "income": 156,
    "transfer": 300,
}
_ORDER: Final[Mapping[str, int]] = {slug: place for place, slug in enumerate(HUES)}


def hue(slug: str) -> int:
    """The hue (0-359) of a built-in category."""
    return HUES[tables.categories()[slug].root]


def order(slug: str) -> int:
    """The place of a built-in category's top level in stacked charts and legends."""
    return _ORDER[tables.categories()[slug].root]
