"""The journal of access to a person's data, a page at a time."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from banking.models import AuditEvent
from banking.queries.transactions import Cursor

if TYPE_CHECKING:
    from financehub.users.models import User

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class JournalPage:
    """Lines of the journal, newest first, and where the next page begins."""

    events: tuple[AuditEvent, ...]
    next: Cursor | None


def journal_page(*, user: "User", after: Cursor | None = None, size: int = PAGE_SIZE) -> JournalPage:
    """The lines behind a cursor, newest first."""
    lines = AuditEvent.objects.for_user(user).select_related("actor").order_by("-at", "-pk")
    if after is not None:
        lines = lines.filter(Q(at__lt=after.booked_at) | Q(pk__lt=after.pk), at__lte=after.booked_at)
    found = list(lines[: size + 1])
    shown = tuple(found[:size])
    return JournalPage(shown, Cursor(shown[-1].at, shown[-1].pk) if len(found) > size else None)
