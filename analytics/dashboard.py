"""What analytics puts on the first screen: what may be spent, the days ahead, what is due next."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from analytics import forecasting
from analytics.presenters import forecast as presenter
from analytics.presenters.upcoming import upcoming
from banking.blocks import Block, provide
from banking.models import Account

if TYPE_CHECKING:
    from financehub.users.models import User


@provide
def days_ahead(*, user: "User", today: date, accounts: Sequence[Account]) -> Iterator[Block]:
    """What is left of the month beside the usual pace, and the balance of the next thirty days."""
    found = forecasting.at_a_glance(user=user, today=today, accounts=accounts)
    if found is not None and found.outlook.history_days:
        yield Block("analytics/days_ahead.html", presenter.at_a_glance(found))


@provide
def due_next(*, user: "User", today: date, accounts: Sequence[Account]) -> Iterator[Block]:
    """What recurs in the next days."""
    found = upcoming(user=user, today=today)
    if found.lines:
        yield Block("analytics/due_next.html", {"upcoming": found})
