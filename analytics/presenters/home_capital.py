"""What all currencies came to together at month ends, each at the rate of its day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from analytics import balances
from analytics.balances import Worth
from analytics.presenters.asked import Asked
from banking.presenters import rates as rate_words
from banking.queries import months, rates
from banking.queries.accounts import HOME_CURRENCY
from banking.queries.rates import RateBook
from financehub.money import Money
from financehub.periods import Period


@dataclass(frozen=True, slots=True)
class HomeCapital:
    """The present in a sentence, the month ends, and which of them no rate is known of."""

    now: rate_words.HomeTotal | None
    points: list[Worth]
    note: str


def home_capital(asked: Asked, window: Period) -> HomeCapital | None:
    """The capital in rubles with every currency in it; None where there is no other, or one is asked for."""
    accounts = asked.accounts
    currencies = {account.currency for account in accounts}
    if asked.currency != HOME_CURRENCY or len(currencies) == 1 or not accounts:
        return None
    today = asked.today
    days = balances.month_ends(months.months_of(window), today=today)
    book = rates.book(currencies, Period(min(days), today + timedelta(days=1)))
    now = balances.worth_now(accounts, today=today)
    total = book.value((today, Money(one.assets + one.debts, currency)) for currency, one in now.items())
    return HomeCapital(
        now=rate_words.home_total(total, today=today),
        points=balances.worth_in_home(accounts, days=days, today=today, rates=book),
        note=_note(asked, days, currencies, book),
    )


def _note(asked: Asked, days: Sequence[date], currencies: set[str], book: RateBook) -> str:
    """Whose rates these are, and up to which month end one is missing."""
    found = [(day, book.on(currency, day)) for day in days for currency in currencies - {HOME_CURRENCY}]
    missing = [day for day, rate in found if rate is None]
    sources = {rate.source: rate for _day, rate in found if rate is not None}
    notes = [rate_words.source_words(source) for source in sorted(sources)]
    if missing:
        day = asked.words.date_text(max(missing), today=asked.today)
        notes.append(
            _("По {day} включительно известны не все курсы, эти месяцы не нарисованы.").format(day=day)
        )
    return " ".join(notes)
