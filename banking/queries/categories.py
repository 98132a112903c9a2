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
    children: dict[int, list[Category]] = {}
    for category in found:
        if category.parent_id is not None:
            children.setdefault(category.parent_id, []).append(category)
    tops = [category for category in found if category.parent_id is None]
    return tuple(CategoryGroup(top, tuple(children.get(top.pk, ()))) for top in tops)


def branch(*, user: "User", slug: str) -> tuple[Category, ...]:
    """A category followed by everything under it; empty when there is none of that name."""
    own = Q(slug=slug) | Q(parent__slug=slug)
    found = Category.objects.for_user(user).filter(own).order_by("position", "pk")
    return tuple(sorted(found, key=lambda category: category.slug != slug))


def branch_ids(*, user: "User", pk: int) -> frozenset[int]:
    """The numbers of a category and of everything under it."""
    own = Category.objects.for_user(user).filter(Q(pk=pk) | Q(parent_id=pk))
    return frozenset(own.values_list("pk", flat=True)) | {pk}
