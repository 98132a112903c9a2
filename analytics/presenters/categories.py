"""Spending by category: six bars and the rest, each with its parts, its earlier sum and its rows."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from analytics.presenters.asked import Asked, Report, period_words
from analytics.presenters.bars import ReportBar, branch_bars, part_bars, share_of
from analytics.tables import Column, Kind, Line, Table
from banking.filter_forms import OWN
from banking.models import Category
from banking.queries import spending
from banking.queries.spending import BranchSpending, CategorySum
from financehub.money import ZERO
from financehub.periods import Period

SHOWN = 6
TOTAL = 0  # no category has this number


def categories(asked: Asked) -> Report:
    """The tree, or what a chosen category is made of."""
    branches = spending.spending(user=asked.user, wanted=asked.wanted, currency=asked.currency)
    before = next((one for one in (asked.span.before, asked.span.year_before) if asked.is_covered(one)), None)
    earlier = None if before is None else _earlier(asked, before)
    is_chosen = bool(asked.wanted.categories)
    bars = (
        part_bars(asked, [part for branch in branches for part in branch.parts], earlier)
        if is_chosen
        else branch_bars(asked, branches, earlier)
    )
    total = sum((branch.amount for branch in branches), ZERO)
    table = _table(asked, branches, earlier, total)
    rest = bars[SHOWN:] if len(bars) > SHOWN + 1 else []
    context = {
        "bars": bars[: len(bars) - len(rest)],
        "rest": rest,
        "rest_bar": _rest_bar(rest, bars),
        "total": total,
        "total_url": asked.links.rows(asked.span.period, kind=Category.Kind.EXPENSE),
        "before_words": period_words(before, asked.words, today=asked.today) if before else "",
        "before_total": None if earlier is None else earlier.get(TOTAL, ZERO),
        "categories_table": table,
    }
    return Report(context, (table,))


def _earlier(asked: Asked, before: Period) -> dict[int, Decimal]:
    """Earlier sums by category, a branch under its own number, what stands on its top alone below zero."""
    branches = spending.spending(user=asked.user, wanted=asked.within(before), currency=asked.currency)
    found = {branch.category.pk: branch.amount for branch in branches}
    found[TOTAL] = sum(found.values(), ZERO)
    for branch in branches:
        for part in branch.parts:
            is_top = part.category.parent_id is None
            found[-part.category.pk if is_top else part.category.pk] = part.total
    return found


def _rest_bar(rest: Sequence[ReportBar], bars: Sequence[ReportBar]) -> ReportBar | None:
    """What is beyond the sixth bar, as one."""
    if not rest:
        return None
    value = sum((bar.value for bar in rest), ZERO)
    largest = max(bar.value for bar in bars)
    name = _("Прочее ({count})").format(count=len(rest))
    return ReportBar(name, "", None, value, min(share_of(value, largest), 100), "")


def _table(
    asked: Asked, branches: Sequence[BranchSpending], earlier: dict[int, Decimal] | None, total: Decimal
) -> Table:
    columns = [
        Column(_("Категория")),
        Column(_("Подкатегория")),
        Column(_("Расходы"), Kind.MONEY),
        Column(_("Доля"), Kind.SHARE),
        Column(_("Операций"), Kind.COUNT),
    ]
    if earlier is not None:
        columns += [Column(_("Было"), Kind.MONEY), Column(_("Изменение"), Kind.CHANGE)]
    lines = [_line(asked, branch, part, earlier, total) for branch in branches for part in branch.parts]
    return asked.table("categories", _("Расходы по категориям"), tuple(columns), lines)


def _line(
    asked: Asked,
    branch: BranchSpending,
    part: CategorySum,
    earlier: dict[int, Decimal] | None,
    total: Decimal,
) -> Line:
    is_top = part.category.parent_id is None
    fields = {"category": part.category.slug, "kind": str(Category.Kind.EXPENSE)}
    if is_top:
        fields["scope"] = OWN
    values: tuple[Decimal | int | str | None, ...] = (
        branch.category.name,
        "" if is_top else part.category.name,
        part.total,
        part.total / total if total > 0 else None,
        part.count,
    )
    if earlier is not None:
        was = earlier.get(-part.category.pk if is_top else part.category.pk, ZERO)
        values += (was, part.total - was)
    return Line(values, asked.links.rows(asked.span.period, **fields))
