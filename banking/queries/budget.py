"""How many calls a connection may still make to its bank today, and when it may make more."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from banking.models import BankConnection
from financehub.periods import local_date, start_of_day


@dataclass(frozen=True, slots=True)
class CallBudget:
    """The day's calls: what has been made, what the clock may make, and what a person may on top of it."""

    made: int
    for_clock: int
    for_person: int
    opens_at: datetime

    def left(self, *, by_person: bool) -> int:
        """How many calls may still be made today."""
        return max((self.for_person if by_person else self.for_clock) - self.made, 0)

    @property
    def is_spent(self) -> bool:
        """Whether the clock makes no more calls today."""
        return not self.left(by_person=False)


def call_budget(connection: BankConnection, *, now: datetime) -> CallBudget:
    """Today's budget of a connection, by its own count."""
    today = local_date(now)
    limit = settings.BANK_CALLS_PER_DAY
    return CallBudget(
        made=connection.calls_made if connection.calls_on == today else 0,
        for_clock=max(limit - settings.BANK_CALLS_RESERVE, 0),
        for_person=limit,
        opens_at=start_of_day(today + timedelta(days=1)),
    )
