"""What analytics puts on the first screen: what may be spent, the days ahead, what is due next."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.utils.translation import get_language

from analytics import forecasting
from analytics.presenters import forecast as presenter
from analytics.presenters.upcoming import upcoming
from banking.blocks import Block, provide
from banking.models import Account

if TYPE_CHECKING:
    from financehub.users.models import User

KEPT_SECONDS = 24 * 60 * 60


@provide
def days_ahead(*, user: "User", today: date, accounts: Sequence[Account]) -> list[Block]:
    """The blocks, made once for each state of what they rest on."""
    version = forecasting.version(user=user, today=today, accounts=accounts)
    key = f"days-ahead:{user.pk}:{get_language()}:{version}"
    found: list[Block] | None = cache.get(key)
    if found is None:
        found = list(_blocks(user, today, accounts))
        cache.set(key, found, KEPT_SECONDS)
    return found


def _blocks(user: "User", today: date, accounts: Sequence[Account]) -> Iterator[Block]:
    known = forecasting.known(user=user, today=today, accounts=accounts)
    if known is not None and known.since is not None:
        yield Block("analytics/days_ahead.html", presenter.at_a_glance(known))
    due = upcoming(user=user, today=today)
    if due.lines:
        yield Block("analytics/due_next.html", {"upcoming": due})
