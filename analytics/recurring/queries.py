"""Questions about what comes again: the series and where they stand, what is due, which rows they hold."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import dropwhile, takewhile
from typing import TYPE_CHECKING

from analytics.models import RecurringSeries, SeriesReading, SeriesRow
from analytics.recurring import standing
from analytics.recurring.standing import Standing
from banking.models import Transaction
from banking.queries.transaction_filter import TransactionFilter
from banking.queries.transactions import ROW_COLUMNS, TransactionRow
from financehub.periods import Period

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from analytics.models.recurring_series import RecurringSeriesQuerySet
    from financehub.users.models import User


@dataclass(frozen=True, slots=True)
class Expected:
    """A payment (below zero) or an income that is due on a day; it will lie between `low` and `high`."""

    day: date
    amount: Decimal
    low: Decimal
    high: Decimal
    currency: str
    kind: str
    name: str
    series_id: int
    category_id: int
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """A series with where it stands."""

    series: RecurringSeries
    standing: Standing


def expected(*, user: "User", period: Period, today: date | None = None) -> tuple[Expected, ...]:
    """What is due in a period, by day, as `today` sees it, else the first day of the period.

    What was due before today, has not come and is not known to be missed is expected today.
    """
    today = today or period.start
    found = [
        one
        for series in _series(user).wanted()
        if standing.standing(series, today=today).state.is_alive
        for one in _due(series, period, today)
    ]
    return tuple(sorted(found, key=lambda one: (one.day, one.amount, one.series_id)))


def _due(series: RecurringSeries, period: Period, today: date) -> Iterator[Expected]:
    days = takewhile(lambda day: day < period.end, standing.dates(series, today=today))
    for day in dropwhile(lambda day: day < period.start, days):
        yield Expected(
            day=day,
            amount=series.amount,
            low=series.low,
            high=series.high,
            currency=series.currency,
            kind=series.kind,
            name=series.called,
            series_id=series.pk,
            category_id=series.category_id,
            confirmed=series.decision == RecurringSeries.Decision.CONFIRMED,
        )


def matched_rows(series: Iterable[RecurringSeries]) -> "QuerySet[SeriesRow, int]":
    """The ids of the transactions that belong to some series; as a subquery it costs no round trip."""
    return SeriesRow.objects.filter(series__in=series).values_list("transaction_id", flat=True)


def recurring_rows(*, user: "User") -> "QuerySet[SeriesRow, int]":
    """The ids of all a person's rows that belong to a series, but for those that are none for the person."""
    return matched_rows(RecurringSeries.objects.for_user(user).wanted())


def judged(*, user: "User", today: date, wanted: TransactionFilter | None = None) -> list[Judged]:
    """The series of a person, the next one due first; of a filter, its accounts, banks and categories."""
    found = [
        Judged(series, standing.standing(series, today=today))
        for series in _series(user)
        if wanted is None or _is_wanted(series, wanted)
    ]
    return sorted(found, key=_next_first)


def judged_one(*, user: "User", pk: int, today: date) -> Judged:
    """One series; raises RecurringSeries.DoesNotExist for anyone else's."""
    series = _series(user).get(pk=pk)
    return Judged(series, standing.standing(series, today=today))


def rows_of(*, series: RecurringSeries) -> list[TransactionRow]:
    """The rows of a series as lists show them, the newest first."""
    found = Transaction.objects.filter(pk__in=matched_rows([series]), deleted_at=None)
    rows = found.shown().newest_first()
    return [TransactionRow(*values) for values in rows.values_list(*ROW_COLUMNS)]


def is_due(*, user: "User") -> bool:
    """Whether rows changed since series were last looked for."""
    return SeriesReading.objects.for_user(user).due().exists()


def _series(user: "User") -> "RecurringSeriesQuerySet":
    return (
        RecurringSeries.objects.for_user(user)
        .select_related("account__bank", "category__parent")
        .order_by("pk")
    )


def _is_wanted(series: RecurringSeries, wanted: TransactionFilter) -> bool:
    """Whether the newest row of a series is one that a filter lets through, whatever the day."""
    account = series.account
    return (
        (not wanted.categories or series.category_id in wanted.categories)
        and (not wanted.accounts or series.account_id in wanted.accounts)
        and (not wanted.banks or (account is not None and account.bank.code in wanted.banks))
    )


def _next_first(one: Judged) -> tuple[bool, date, int]:
    due = one.standing.next_on
    return due is None, due or one.series.last_seen, one.series.pk
