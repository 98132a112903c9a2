"""Horizontal bars of the reports: categories, what changed, shops; each leads to its rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from analytics.presenters.asked import Asked
from analytics.reports import Change, MerchantSum
from banking.forms import OWN
from banking.models import Category
from banking.queries.spending import BranchSpending, CategorySum
from financehub.periods import Period

FULL = 100
HALF = 50


@dataclass(frozen=True, slots=True)
class ReportBar:
    """A sum with its share of the longest bar; `was` is the same sum on the days it is compared with."""

    name: str
    icon: str
    hue: int | None
    value: Decimal
    percent: int
    url: str
    was: str = ""
    change: str = ""
    parts: "tuple[ReportBar, ...]" = ()


@dataclass(frozen=True, slots=True)
class ChangeBar:
    """A difference as a bar to the left (less) or to the right (more) of the middle."""

    name: str
    icon: str
    hue: int
    text: str
    was: str
    x: int
    width: int
    url: str


def share_of(value: Decimal, largest: Decimal, *, full: int = FULL) -> int:
    """A bar's length; what is there at all can be seen."""
    if largest <= 0 or value <= 0:
        return 0
    return max(round(full * value / largest), 1)


def change_bars(asked: Asked, changes: Sequence[Change], before: Period | None) -> list[ChangeBar]:
    """What changed, the largest difference as long as half the width."""
    largest = max((abs(one.change) for one in changes), default=Decimal(0))
    return [_change_bar(asked, one, before, largest) for one in changes]


def _change_bar(asked: Asked, one: Change, before: Period | None, largest: Decimal) -> ChangeBar:
    width = share_of(abs(one.change), largest, full=HALF)
    period = asked.span.period if one.now or before is None else before
    return ChangeBar(
        name=one.category.name,
        icon=one.category.icon,
        hue=one.category.hue,
        text=asked.words.money(one.change, asked.currency, signed=True),
        was=asked.money(one.before),
        x=HALF if one.change > 0 else HALF - width,
        width=width,
        url=asked.links.rows(period, category=one.category.slug, kind=Category.Kind.EXPENSE),
    )


def merchant_bars(asked: Asked, merchants: Sequence[MerchantSum]) -> list[ReportBar]:
    """Shops, the largest at full width."""
    largest = max((one.total for one in merchants), default=Decimal(0))
    return [
        ReportBar(
            name=one.name,
            icon="",
            hue=None,
            value=one.total,
            percent=share_of(one.total, largest),
            url=asked.links.rows(asked.span.period, kind=Category.Kind.EXPENSE, shop=one.name),
            was=asked.words.count(one.count, "transaction"),
        )
        for one in merchants
    ]


def branch_bars(
    asked: Asked, branches: Sequence[BranchSpending], before: dict[int, Decimal] | None
) -> list[ReportBar]:
    """Top-level categories with what they are made of; `before` are earlier sums by category."""
    largest = max((branch.amount for branch in branches), default=Decimal(0))
    return [
        _bar(asked, branch.category, branch.amount, largest, before, parts=_parts(asked, branch, before))
        for branch in branches
    ]


def part_bars(
    asked: Asked, parts: Sequence[CategorySum], before: dict[int, Decimal] | None
) -> list[ReportBar]:
    """The categories under one, and what stands on that one itself."""
    largest = max((part.total for part in parts), default=Decimal(0))
    return [_bar(asked, part.category, part.total, largest, before, is_part=True) for part in parts]


def _parts(asked: Asked, branch: BranchSpending, before: dict[int, Decimal] | None) -> tuple[ReportBar, ...]:
    """What a category is made of, when that is more than one thing."""
    if len(branch.parts) == 1:
        return ()
    return tuple(part_bars(asked, branch.parts, before))


def _bar(
    asked: Asked,
    category: Category,
    value: Decimal,
    largest: Decimal,
    before: dict[int, Decimal] | None,
    *,
    is_part: bool = False,
    parts: tuple[ReportBar, ...] = (),
) -> ReportBar:
    scope = {"scope": OWN} if is_part and category.parent_id is None else {}
    # An own row of a top-level category is kept apart from the branch by a negative key.
    key = -category.pk if scope else category.pk
    earlier = None if before is None else before.get(key, Decimal(0))
    return ReportBar(
        name=category.name,
        icon=category.icon,
        hue=category.hue,
        value=value,
        percent=share_of(value, largest),
        url=asked.links.rows(
            asked.span.period, **{"category": category.slug, "kind": Category.Kind.EXPENSE} | scope
        ),
        was="" if earlier is None else asked.money(earlier),
        change="" if earlier is None else asked.words.money(value - earlier, asked.currency, signed=True),
        parts=parts,
    )
