"""What a person divides a row into, by amounts or by per cent, and the way back to one row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from banking import edits, parts
from banking.models import Category, Edit, Tag, Transaction
from financehub.errors import DomainError
from financehub.money import ZERO, quantize

if TYPE_CHECKING:
    from financehub.users.models import User

WHOLE = Decimal(100)


class NotDivisible(DomainError):
    code = "not_divisible"
    message = _("Эту операцию разделить нельзя: это часть другой или перевод между своими счетами.")


class WrongParts(DomainError):
    """The parts do not make up the row."""

    code = "wrong_parts"
    message = _("Частей должно быть от 2 до 20.")


@dataclass(frozen=True, slots=True)
class Part:
    """A part as a person describes it; its size is without a sign, which is that of the whole row."""

    size: Decimal
    category: Category
    note: str = ""
    tags: tuple[Tag, ...] = ()


def sizes_of(amount: Decimal, percents: Sequence[Decimal], *, currency: str) -> list[Decimal]:
    """What shares of an amount come to: each rounded half to even, and what that leaves in the last one."""
    if sum(percents, ZERO) != WHOLE:
        raise WrongParts(_("Доли в сумме должны давать 100 %."))
    sizes = [quantize(abs(amount) * percent / WHOLE, currency) for percent in percents[:-1]]
    return [*sizes, abs(amount) - sum(sizes, ZERO)]


def split(*, user: "User", row: Transaction, wanted: Sequence[Part], now: datetime) -> Edit | None:
    """Put parts in the place of a row, or other parts; None if they are these already.

    Raises NotDivisible or WrongParts.
    """

    def divided(held: Transaction) -> edits.Values:
        values = [_values(held, part) for part in wanted]
        _check(held, values)
        return {edits.PARTS: values}

    return _change(user, row, Edit.Kind.SPLIT, divided, now=now)


def unsplit(*, user: "User", row: Transaction, now: datetime) -> Edit | None:
    """The row as it came, in one piece again; None if it is not divided."""
    return _change(user, row, Edit.Kind.UNSPLIT, lambda _held: {edits.PARTS: []}, now=now)


def _change(
    user: "User",
    row: Transaction,
    kind: Edit.Kind,
    values: Callable[[Transaction], edits.Values],
    *,
    now: datetime,
) -> Edit | None:
    rows = Transaction.objects.filter(pk=row.pk)
    return edits.change_named(user, kind, rows, values, now=now)


def _values(whole: Transaction, part: Part) -> dict[str, Any]:
    return {
        "amount": f"{part.size.copy_sign(whole.amount):.4f}",
        "category_id": part.category.pk,
        "note": part.note,
        "excluded": whole.excluded,
        "reviewed_at": None,
        "tag_ids": sorted({tag.pk for tag in part.tags}),
    }


def _check(whole: Transaction, values: parts.PartValues) -> None:
    if whole.part_of_id or whole.transfer_pair_id or whole.deleted_at:
        raise NotDivisible
    if not parts.FEWEST <= len(values) <= parts.MOST:
        raise WrongParts
    if not parts.fit(whole, values):
        raise WrongParts(_("Части должны быть больше нуля и вместе давать всю сумму операции."))
