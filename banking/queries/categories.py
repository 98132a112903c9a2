"""Questions about the category tree."""

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
    """The tree as a person may choose from it, in the order of the lists."""
    found = list(Category.objects.for_user(user).order_by("position", "pk"))
    return tuple(
        CategoryGroup(top, tuple(child for child in found if child.parent_id == top.pk))
        for top in found
        if top.parent_id is None
    )


def branch_ids(*, user: "User", slug: str) -> frozenset[int]:
    """A category with everything under it; empty when there is none of that name."""
    own = Q(slug=slug) | Q(parent__slug=slug)
    return frozenset(Category.objects.for_user(user).filter(own).values_list("pk", flat=True))
