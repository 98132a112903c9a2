"""Services: calls to a bank are counted where they are made, and stop where the day's budget ends."""

from datetime import datetime

from banking.clients import errors
from banking.models import BankConnection
from financehub.periods import local_date


class BudgetSpent(errors.BankError):
    """We have asked this bank often enough today; it was not called."""

    code = "budget_spent"
    retryable = True


class Meter:
    """Counts calls in memory, from what was counted before; whoever made it puts them on record."""

    def __init__(self, *, bank: str, counted: int = 0, most: int | None = None) -> None:
        self.calls = counted
        self._bank = bank
        self._most = None if most is None else counted + most

    def count(self) -> None:
        """One call is about to be made; raises BudgetSpent instead when there is none left."""
        if self._most is not None and self.calls >= self._most:
            raise BudgetSpent(bank=self._bank)
        self.calls += 1


def put_on_record(connection: BankConnection, *, calls: int, now: datetime) -> None:
    """Add calls to what the connection has made today."""
    if calls:
        BankConnection.objects.filter(pk=connection.pk).charge(calls, day=local_date(now))
