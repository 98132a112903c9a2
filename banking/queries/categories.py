"""Questions about the category tree."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from banking.models import Category

if TYPE_CHECKING:
    from financehub.users.models import User


@dataclass(frozen=True, slots=True)
class CategoryGroup:
    """A top-level category and the ones under it."""

    top: Category
    children: tuple[Category, ...]


def category_groups(*, user: "User") -> tuple[CategoryGroup, ...]:
    """The tree as a person may choose from it, in the order of the lists, without what they have hidden."""
    found = list(Category.objects.offered_to(user).order_by("position", "pk"))
    children: dict[int, list[Category]] = {}
    for category in found:
        if category.parent_id is not None:
            children.setdefault(category.parent_id, []).append(category)
    tops = [category for category in found if category.parent_id is None]
    return tuple(CategoryGroup(top, tuple(children.get(top.pk, ()))) for top in tops)


def branches(*, user: "User", slugs: Collection[str]) -> dict[str, tuple[Category, ...]]:
    """Categories, each followed by everything under it; those that there are none of are left out."""
    found = _with_children(user, Q(slug__in=slugs) | Q(parent__slug__in=slugs))
    tops = {category.slug: category for category in found if category.slug in slugs}
    return {slug: (top, *(each for each in found if each.parent_id == top.pk)) for slug, top in tops.items()}


def ids_under(*, user: "User", ids: Collection[int]) -> frozenset[int]:
    """The ids of categories and of everything under them, unknown ones as they are."""
    return frozenset(ids) | {each.pk for each in _with_children(user, Q(parent__in=ids))}


def _with_children(user: "User", wanted: Q) -> list[Category]:
    return list(Category.objects.for_user(user).filter(wanted).order_by("position", "pk"))
