"""The form that divides a row: a line for each part, as many as the person wants."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from banking import parts, tagging
from banking.forms import AmountField, TagNamesField, category_named
from banking.models import Category, Transaction
from banking.splitting import Part, WrongParts, sizes_of
from financehub.money import ZERO

if TYPE_CHECKING:
    from financehub.users.models import User

AMOUNTS, PERCENTS = "amount", "percent"
WAYS = ((AMOUNTS, _("По суммам")), (PERCENTS, _("По процентам")))


class PartForm(forms.Form):
    """One part. Only the last may leave its size open: it takes the rest."""

    size = AmountField(label=_("Сколько"), required=False)
    category = forms.CharField(label=_("Категория"), max_length=64)
    note = forms.CharField(label=_("Заметка"), max_length=500, required=False)
    tags = TagNamesField()

    def __init__(self, *args: Any, user: "User", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_category(self) -> Category:
        return category_named(self.cleaned_data["category"], user=self.user)


class SplitForm:
    """The way of dividing and the lines, as sent or as the row stands."""

    def __init__(self, data: Any, *, row: Transaction, user: "User") -> None:
        self.row, self.user, self.data = row, user, data
        self.way = PERCENTS if data is not None and data.get("way") == PERCENTS else AMOUNTS
        self.lines = self._lines(_asked(data) if data is not None else max(row.parts, parts.FEWEST))

    def _lines(self, number: int) -> list[PartForm]:
        stored = list(self.row.part_rows.order_by("pk").select_related("category").prefetch_related("tags"))
        shown = [_shown(part) for part in stored]
        return [self._line(place, shown, data=self.data) for place in range(number)]

    def _line(self, place: int, shown: Sequence[dict[str, Any]], *, data: Any = None) -> PartForm:
        initial = shown[place] if place < len(shown) else {"category": self.row.category.slug}
        return PartForm(data, prefix=f"part{place}", user=self.user, initial=initial)

    def grow(self) -> None:
        """Add an empty line at the end; what was sent is shown again, and nothing is judged yet."""
        sent = [{name: line[name].value() for name in line.fields} for line in self.lines]
        self.lines = [self._line(place, sent) for place in range(min(len(sent) + 1, parts.MOST))]

    def is_valid(self) -> bool:
        """Whether every line says what it must."""
        return self.data is not None and {line.is_valid() for line in self.lines} == {True}

    @property
    def can_grow(self) -> bool:
        return len(self.lines) < parts.MOST

    def wanted(self) -> list[Part]:
        """The parts that valid lines describe; raises a DomainError where they do not add up."""
        sizes = self._sizes([line.cleaned_data["size"] for line in self.lines])
        return [
            Part(
                size,
                line.cleaned_data["category"],
                line.cleaned_data["note"],
                tuple(tagging.named(user=self.user, names=line.cleaned_data["tags"])),
            )
            for line, size in zip(self.lines, sizes, strict=True)
        ]

    def _sizes(self, said: Sequence[Decimal | None]) -> list[Decimal]:
        *first, last = said
        known = [size for size in first if size is not None]
        if len(known) < len(first):
            raise WrongParts(_("Напишите размер каждой части; только последнюю можно оставить пустой."))
        by_share = self.way == PERCENTS
        if last is None:
            last = (Decimal(100) if by_share else abs(self.row.amount)) - sum(known, ZERO)
        found = [*known, last]
        return sizes_of(self.row.amount, found, currency=self.row.currency) if by_share else found


def _asked(data: Any) -> int:
    """How many lines were sent."""
    sent = str(data.get("lines", ""))
    number = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 4 else parts.FEWEST
    return min(max(number, parts.FEWEST), parts.MOST)


def _shown(part: Transaction) -> dict[str, Any]:
    return {
        "size": f"{abs(part.amount):.2f}".replace(".", ","),
        "category": part.category.slug,
        "note": part.note,
        "tags": ", ".join(tag.name for tag in part.tags.all()),
    }
