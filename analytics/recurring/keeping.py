"""Recurring: looks for series in a person's rows and stores them; what the person decided of them stays."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction

from analytics.models import RecurringSeries, SeriesReading, SeriesRow
from analytics.recurring.detection import Found, Sighting, detect
from analytics.recurring.prices import spread_of
from banking.categories.rules import normalise
from banking.models import Category, Transaction
from financehub.users.models import User

WINDOW = timedelta(days=800)  # two sightings of what comes once a year
SALARY, OTHER_INCOME = "income-salary", "income-other"
NEAR_DAYS, MONTH_DAYS = 3, 31
NEAR_PRICE = 2
LONGEST = 200
COLUMNS = (
    "pk",
    "booking_date",
    "amount",
    "currency",
    "merchant_name",
    "counterparty",
    "description",
    "account_id",
    "category_id",
    "category__slug",
    "kind",
)
FACTS = (
    "payee",
    "title",
    "kind",
    "category_id",
    "account_id",
    "cadence",
    "slot_on",
    "day_of_month",
    "moved",
    "currency",
    "is_fixed",
    "amount",
    "low",
    "high",
    "price_before",
    "price_since",
    "first_seen",
    "last_seen",
    "sightings",
)


class _Row(NamedTuple):
    """A row as it is read: the columns above."""

    pk: int
    booking_date: date
    amount: Decimal
    currency: str
    merchant_name: str
    counterparty: str
    description: str
    account_id: int
    category_id: int
    slug: str
    kind: str


def refresh(*, user_id: int, today: date) -> bool:
    """Bring the stored series in step with the rows; False if the rows changed meanwhile.

    Looking takes a while, so nothing is locked for it; what was found is stored only if it still holds.
    """
    reading = SeriesReading.objects.due().filter(user_id=user_id).first()
    if reading is None:
        return True
    rows = {row.pk: row for row in _rows(user_id, today)}
    found = detect(map(_sighting, rows.values()))
    with transaction.atomic():
        # Whoever changes rows holds the person's row (`banking.totals`).
        User.objects.select_for_update(no_key=True).filter(pk=user_id).values_list("pk").first()
        unchanged = SeriesReading.objects.filter(user_id=user_id, changes=reading.changes)
        if not unchanged.update(read=reading.changes):
            return False
        _store(user_id, found, rows)
    return True


def _rows(user_id: int, today: date) -> Iterator[_Row]:
    """What counts of two years: no own transfers, nothing left out, no refunds."""
    rows = Transaction.objects.filter(user_id=user_id, booking_date__gt=today - WINDOW).counted()
    rows = rows.without_transfers().filter(is_refund=False)
    return (_Row(*values) for values in rows.order_by("pk").values_list(*COLUMNS).iterator())


def _sighting(row: _Row) -> Sighting:
    text = _words(row.description)
    return Sighting(
        pk=row.pk,
        day=row.booking_date,
        amount=row.amount,
        currency=row.currency,
        payee=(_words(row.merchant_name) or _words(row.counterparty) or _unnamed(row) or text)[:LONGEST],
        text=text,
        account=row.account_id,
    )


def _words(text: str) -> str:
    """A text without its numbers, which differ from time to time."""
    return " ".join(word for word in normalise(text).split() if not word.isdigit())


def _unnamed(row: _Row) -> str:
    """Wages without an employer go by their category, for their texts vary."""
    return SALARY if row.slug == SALARY else ""


def _store(user_id: int, found: Sequence[Found], rows: Mapping[int, _Row]) -> None:
    stored = list(RecurringSeries.objects.filter(user_id=user_id).order_by("pk"))
    belongs = dict(
        SeriesRow.objects.filter(series__user_id=user_id).values_list("transaction_id", "series_id")
    )
    pairs = _paired(stored, found, belongs)
    gone = [series for series in stored if series not in pairs.values()]
    RecurringSeries.objects.filter(
        pk__in=[series.pk for series in gone if series.decision == RecurringSeries.Decision.SUGGESTED]
    ).delete()
    known: list[RecurringSeries] = []
    new: list[RecurringSeries] = []
    for place, one in enumerate(found):
        series = pairs.get(place) or RecurringSeries(user_id=user_id)
        (known if series.pk else new).append(series)
        _note(series, one, rows[one.rows[-1].pk])
        pairs[place] = series
    RecurringSeries.objects.bulk_update(known, FACTS)
    RecurringSeries.objects.bulk_create(new)
    _store_rows(
        belongs, {row.pk: pairs[place].pk for place, one in enumerate(found) for row in one.rows}, rows
    )


def _paired(
    stored: Sequence[RecurringSeries], found: Sequence[Found], belongs: Mapping[int, int]
) -> dict[int, RecurringSeries]:
    """Which stored series each found one is: that with which it shares most rows, else one like it."""
    scores = []
    for place, one in enumerate(found):
        shared = Counter(belongs[row.pk] for row in one.rows if row.pk in belongs)
        scores += [
            (-shared[series.pk], series.pk, place, series)
            for series in stored
            if shared[series.pk] or _is_like(series, one)
        ]
    pairs: dict[int, RecurringSeries] = {}
    taken: set[int] = set()
    for _, pk, place, series in sorted(scores, key=lambda score: score[:3]):
        if place not in pairs and pk not in taken:
            pairs[place] = series
            taken.add(pk)
    return pairs


def _is_like(series: RecurringSeries, one: Found) -> bool:
    """The same payee in the same rhythm for about the same: rows come anew when a bank is connected again."""
    apart = abs(series.day_of_month - one.schedule.day) % MONTH_DAYS
    return (
        (series.payee, series.currency, series.cadence) == (one.payee, one.currency, one.schedule.cadence)
        and (series.amount > 0) == (one.price.amount > 0)
        and min(apart, MONTH_DAYS - apart) <= NEAR_DAYS
        and spread_of([series.amount, one.price.amount]) <= NEAR_PRICE
    )


def _note(series: RecurringSeries, one: Found, last: _Row) -> None:
    """Write what was found into a series; `last` is its newest row."""
    schedule, price = one.schedule, one.price
    series.payee, series.currency = one.payee, one.currency
    series.title = (last.merchant_name or last.description or last.counterparty)[:LONGEST]
    series.kind = Category.Kind.INCOME if price.amount > 0 else Category.Kind.EXPENSE
    series.category_id, series.account_id = last.category_id, last.account_id
    series.cadence, series.slot_on = schedule.cadence, schedule.start
    series.day_of_month, series.moved = schedule.day, schedule.moved
    series.is_fixed, series.amount, series.low, series.high = (
        price.is_fixed,
        price.amount,
        price.low,
        price.high,
    )
    series.price_before, series.price_since = price.before, price.since
    series.first_seen, series.last_seen = one.rows[0].day, one.rows[-1].day
    series.sightings = len(one.rows)


def _store_rows(belongs: Mapping[int, int], wanted: Mapping[int, int], rows: Mapping[int, _Row]) -> None:
    """Link rows to their series; those of a series that is no longer found stay while they count."""
    kept = {row: wanted.get(row, series) for row, series in belongs.items() if row in rows}
    kept |= wanted
    moved = [row for row, series in belongs.items() if kept.get(row) != series]
    SeriesRow.objects.filter(transaction__in=moved).delete()
    SeriesRow.objects.bulk_create(
        SeriesRow(transaction_id=row, series_id=series)
        for row, series in kept.items()
        if belongs.get(row) != series
    )
