"""Questions about files that a person brought."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from banking.models import StatementImport

if TYPE_CHECKING:
    from financehub.users.models import User

LATELY = 50


def imports_of(*, user: "User") -> Sequence[StatementImport]:
    """The newest imports, without their files."""
    found = StatementImport.objects.for_user(user).select_related("account").defer("content")
    return list(found.newest_first()[:LATELY])


def import_of(*, user: "User", pk: int) -> StatementImport:
    """One import, its file with it; raises StatementImport.DoesNotExist for anyone else's."""
    return StatementImport.objects.for_user(user).select_related("account__bank", "user").get(pk=pk)
