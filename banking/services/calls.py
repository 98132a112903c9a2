"""Services: calls to a bank are counted, stop where the day's budget ends, and pause when the bank asks."""

from datetime import datetime, timedelta

from banking.clients import errors
from banking.models import BankConnection
from financehub.periods import local_date

SHORTEST_WISH = timedelta(minutes=1)  # the clock ticks once a minute
LONGEST_WISH = timedelta(days=1)  # a bank that asks for more is asked again all the same


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


def wish(error: errors.BankError | None) -> timedelta | None:
    """How long a bank asked to be left alone, within reason."""
    if not isinstance(error, errors.RateLimited | errors.BankUnavailable) or error.retry_after is None:
        return None
    return min(max(timedelta(seconds=error.retry_after), SHORTEST_WISH), LONGEST_WISH)


def note_wish(connection: BankConnection, error: errors.BankError, *, now: datetime) -> None:
    """Remember until when the bank wants to be left alone, if it said so."""
    asked = wish(error)
    if asked is not None:
        BankConnection.objects.filter(pk=connection.pk).update(retry_after=now + asked)


def respect_wish(connection: BankConnection, *, now: datetime) -> None:
    """Raise RateLimited, in the bank's stead, while it wants to be left alone."""
    until = BankConnection.objects.filter(pk=connection.pk).values_list("retry_after", flat=True).first()
    if until is not None and until > now:
        left = (until - now).total_seconds()
        raise errors.RateLimited(bank=connection.bank.code, retry_after=left)
