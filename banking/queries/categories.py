"""Questions about the category tree."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from banking.models import Category, HiddenCategory

if TYPE_CHECKING:
    from banking.models.category import CategoryQuerySet
    from financehub.users.models import User


@dataclass(frozen=True, slots=True)
class CategoryGroup:
    """A top-level category and the ones under it."""

    top: Category
    children: tuple[Category, ...]


def category_groups(*, user: "User", with_ids: Collection[int] = ()) -> tuple[CategoryGroup, ...]:
    """The tree as a person may choose from it, in the order of the lists, without what they hid.

    `with_ids` are there whether hidden or not: neither a row nor a filter may lose its category by
    being looked at.
    """
    offered = Category.objects.offered_to(user)
    if with_ids:
        shown = Q(pk__in=offered) | Q(pk__in=with_ids) | Q(pk__in=_parents(with_ids))
        offered = Category.objects.for_user(user).filter(shown)
    found = list(offered.order_by("position", "pk"))
    children: dict[int, list[Category]] = {}
    for category in found:
        if category.parent_id is not None:
            children.setdefault(category.parent_id, []).append(category)
    tops = [category for category in found if category.parent_id is None]
    return tuple(CategoryGroup(top, tuple(children.get(top.pk, ()))) for top in tops)


@dataclass(frozen=True, slots=True)
class KnownCategory:
    """A category as the person may arrange it."""

    category: Category
    is_hidden: bool
    is_own: bool


def known_categories(*, user: "User") -> tuple[KnownCategory, ...]:
    """All categories of a person, hidden ones too: each parent before what is under it."""
    hidden = hidden_ids(user=user)
    found = list(Category.objects.for_user(user).select_related("parent").order_by("position", "pk"))
    places = {category.pk: place for place, category in enumerate(found)}
    found.sort(key=lambda each: (places[each.parent_id or each.pk], each.parent_id is not None))
    return tuple(KnownCategory(each, each.pk in hidden, each.user_id == user.pk) for each in found)


def hidden_ids(*, user: "User") -> frozenset[int]:
    """The categories that a person is not offered."""
    return frozenset(HiddenCategory.objects.filter(user=user).values_list("category", flat=True))


def category_of(*, user: "User", pk: int) -> Category:
    """A common category or one of the person's own; raises Category.DoesNotExist for any other."""
    return Category.objects.for_user(user).get(pk=pk)


def branches(*, user: "User", slugs: Collection[str]) -> dict[str, tuple[Category, ...]]:
    """Categories, each followed by everything under it; those that there are none of are left out."""
    found = _with_children(user, Q(slug__in=slugs) | Q(parent__slug__in=slugs))
    tops = {category.slug: category for category in found if category.slug in slugs}
    return {slug: (top, *(each for each in found if each.parent_id == top.pk)) for slug, top in tops.items()}


def ids_under(*, user: "User", ids: Collection[int]) -> frozenset[int]:
    """The ids of categories and of everything under them, unknown ones as they are."""
    return frozenset(ids) | {each.pk for each in _with_children(user, Q(parent__in=ids))}


def _parents(ids: Collection[int]) -> "CategoryQuerySet":
    return Category.objects.filter(children__in=ids)


def _with_children(user: "User", wanted: Q) -> list[Category]:
    return list(Category.objects.for_user(user).filter(wanted).order_by("position", "pk"))
