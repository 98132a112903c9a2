"""Questions about what a person changed: lately, and on one row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from banking.models import Category, CategoryRule, Edit, RowChange, Tag, Transaction

if TYPE_CHECKING:
    from financehub.users.models import User

LATELY = 50


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One change of a row: what it had and what it has, and the categories and tags that those name."""

    edit: Edit
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    categories: Mapping[int, Category]
    tags: Mapping[int, Tag]

    def tag_names(self, ids: Iterable[int]) -> str:
        """The names of tags; one that is no more is an ellipsis."""
        return ", ".join(self.tags[pk].name if pk in self.tags else "…" for pk in sorted(ids))

    @property
    def former_category(self) -> Category | None:
        return self.categories.get(self.before.get("category_id", 0))

    @property
    def new_category(self) -> Category | None:
        return self.categories.get(self.after.get("category_id", 0))


def edit_of(*, user: "User", pk: int) -> Edit:
    """One edit; raises Edit.DoesNotExist for anyone else's."""
    return Edit.objects.for_user(user).select_related("user", "rule").get(pk=pk)


def recent_edits(*, user: "User") -> Sequence[Edit]:
    """The newest edits, undos among them."""
    return list(Edit.objects.for_user(user).select_related("rule", "undoes").newest_first()[:LATELY])


def runs_of(*, rule: CategoryRule) -> Sequence[Edit]:
    """How a rule was put to past rows, the newest first."""
    return list(Edit.objects.filter(rule=rule, kind=Edit.Kind.RULE).newest_first()[:LATELY])


def history_of(*, row: Transaction) -> list[HistoryLine]:
    """What was changed on a row, the newest first."""
    changes = list(
        RowChange.objects.filter(transaction=row)
        .select_related("edit__user", "edit__rule", "edit__undoes")
        .order_by("-edit__at", "-edit_id")
    )
    named = (side.get("category_id") for change in changes for side in (change.before, change.after))
    categories = Category.objects.in_bulk([pk for pk in named if pk is not None])
    tagged = (
        pk for change in changes for side in (change.before, change.after) for pk in side.get("tag_ids", ())
    )
    tags = Tag.objects.in_bulk(set(tagged))
    return [HistoryLine(change.edit, change.before, change.after, categories, tags) for change in changes]
