"""Questions about where money went: spending by category, as a tree, refunds taken off."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from banking.models import Category
from banking.queries import sums
from banking.queries.transaction_filter import TransactionFilter
from financehub.money import ZERO

if TYPE_CHECKING:
    from financehub.users.models import User


@dataclass(frozen=True, slots=True)
class CategorySum:
    """What a category took, refunds taken off; below zero when more came back than went."""

    category: Category
    total: Decimal
    count: int


@dataclass(frozen=True, slots=True)
class BranchSpending:
    """What a top-level category took, with everything under it; `parts` are the categories it is made of."""

    category: Category
    amount: Decimal
    count: int
    parts: tuple[CategorySum, ...]


def by_category(*, user: "User", wanted: TransactionFilter, currency: str) -> list[CategorySum]:
    """The expenses of a filter, category by category, the largest first."""
    wanted = replace(wanted, kinds=frozenset({Category.Kind.EXPENSE}))
    found = {
        pk: part
        for (pk, its_currency), part in sums.sums(
            user=user, wanted=wanted, by=("category_id", "currency")
        ).items()
        if its_currency == currency and part.counted
    }
    categories = Category.objects.select_related("parent").in_bulk(found)
    lines = [CategorySum(categories[pk], -part.amount, part.counted) for pk, part in found.items()]
    return sorted(lines, key=lambda line: (-line.total, line.category.pk))


def spending(*, user: "User", wanted: TransactionFilter, currency: str) -> list[BranchSpending]:
    """The expenses of a filter by top-level category, the largest first."""
    return branches(by_category(user=user, wanted=wanted, currency=currency))


def branches(lines: Iterable[CategorySum]) -> list[BranchSpending]:
    """Categories gathered under the ones at the top of the tree."""
    roots: dict[int, Category] = {}
    parts: dict[int, list[CategorySum]] = {}
    for line in lines:
        root = line.category.parent or line.category
        roots[root.pk] = root
        parts.setdefault(root.pk, []).append(line)
    found = [
        BranchSpending(
            category=roots[pk],
            amount=sum((part.total for part in own), ZERO),
            count=sum(part.count for part in own),
            parts=tuple(own),
        )
        for pk, own in parts.items()
    ]
    return sorted(found, key=lambda branch: (-branch.amount, branch.category.pk))
