"""Questions about the filters that a person keeps."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from banking.models import SavedView

if TYPE_CHECKING:
    from financehub.users.models import User


def views_of(*, user: "User") -> Sequence[SavedView]:
    """The person's saved views by name."""
    return list(SavedView.objects.for_user(user))


def view_of(*, user: "User", pk: int) -> SavedView:
    """One saved view; raises SavedView.DoesNotExist for anyone else's."""
    return SavedView.objects.for_user(user).get(pk=pk)
