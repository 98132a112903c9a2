"""Questions about a person's tags."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from banking.models import Tag, Transaction

if TYPE_CHECKING:
    from financehub.users.models import User


@dataclass(frozen=True, slots=True)
class UsedTag:
    """A tag and how many rows have it."""

    tag: Tag
    rows: int


def tags_of(*, user: "User") -> Sequence[Tag]:
    """The person's tags by name."""
    return list(Tag.objects.for_user(user))


def used_tags(*, user: "User") -> list[UsedTag]:
    """The same, each with the number of rows that lists show under it."""
    shown = Count("transactions", filter=Q(transactions__parts=0))
    return [UsedTag(tag, tag.number) for tag in Tag.objects.for_user(user).annotate(number=shown)]


def tag_of(*, user: "User", pk: int) -> Tag:
    """One tag; raises Tag.DoesNotExist for anyone else's."""
    return Tag.objects.for_user(user).get(pk=pk)


def names_on(ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """The names of the tags on rows, of those rows that have any."""
    on_rows = Transaction.tags.through.objects.filter(transaction__in=list(ids)).order_by("tag__key")
    found: dict[int, tuple[str, ...]] = {}
    for row_id, name in on_rows.values_list("transaction_id", "tag__name"):
        found[row_id] = (*found.get(row_id, ()), name)
    return found
