"""Services: exchange rates are fetched or read from a file, and kept with their day and source."""

from datetime import date, timedelta

from django.conf import settings
from django.db.models import Max, Min

from banking.clients.rates import DailyRates, RatesClient
from banking.models import ExchangeRate
from banking.queries.accounts import HOME_CURRENCY

# A run asks for so many days at most, so that a worker is soon free for banks again.
MOST_DAYS = 60


def store(daily: DailyRates, *, source: str) -> int:
    """Keep a list of rates, in place of what was known for its day; how many they were."""
    rows = [
        ExchangeRate(currency=one.currency, date=daily.day, rate=one.rate, source=source)
        for one in daily.rates
        if one.currency != HOME_CURRENCY
    ]
    ExchangeRate.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["currency", "date"],
        update_fields=["rate", "source"],
    )
    return len(rows)


def fill(*, today: date, since: date | None = None, most: int = MOST_DAYS) -> bool:
    """Ask for the days that are missing up to today, then for those back to `since`; whether any are left.

    What is kept has no holes: it grows day by day at its ends, so that an interrupted run can go on.
    Raises BankError.
    """
    with RatesClient(url=settings.RATES_URL) as client:
        kept = ExchangeRate.objects.aggregate(first=Min("date"), last=Max("date"))
        first, last = kept["first"], kept["last"]
        if last is None:
            first, last = _keep(client, today), today
            most -= 1
        while last < today and most:
            last += timedelta(days=1)
            _keep(client, last)
            most -= 1
        while since is not None and first > since and most:
            first = _keep(client, first - timedelta(days=1))
            most -= 1
    return last < today or (since is not None and first > since)


def _keep(client: RatesClient, day: date) -> date:
    """Store the list that holds on a day; the day from which it does, which closes the days between."""
    daily = client.fetch(day)
    store(daily, source=settings.RATES_SOURCE)
    return daily.day
