import itertools

from banking.categories import hues, tables

WEIGHTIEST = (
    "groceries",
    "cafe",
    "transport",
    "car",
    "housing",
    "shopping",
    "clothes",
    "health",
    "leisure",
    "travel",
)


def _apart(one: str, other: str) -> int:
    distance = abs(hues.hue(one) - hues.hue(other)) % 360
    return min(distance, 360 - distance)


def test_every_top_level_category_has_a_hue_and_nothing_else_has() -> None:
    roots = [slug for slug, category in tables.categories().items() if category.parent is None]
    assert list(hues.HUES) == roots


def test_children_share_the_hue_and_place_of_their_parent() -> None:
    for slug, category in tables.categories().items():
        assert hues.hue(slug) == hues.HUES[category.root]
        assert hues.order(slug) == hues.order(category.root)


def test_hues_are_distinct_and_far_apart_where_they_meet() -> None:
    assert all(0 <= hue < 360 for hue in hues.HUES.values())
    assert all(_apart(*pair) >= 12 for pair in itertools.combinations(hues.HUES, 2))
    assert all(_apart(*pair) >= 60 for pair in itertools.pairwise(hues.HUES))
    assert all(_apart(*pair) >= 36 for pair in itertools.combinations(WEIGHTIEST, 2))


def test_order_counts_from_zero_in_the_order_of_the_table() -> None:
    assert [hues.order(slug) for slug in hues.HUES] == list(range(len(hues.HUES)))
