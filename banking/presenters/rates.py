"""What a sum in rubles over several currencies says of its rates: whose they are and of which day."""

from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, ngettext

from banking.models import ExchangeRate
from banking.queries.accounts import HOME_CURRENCY
from banking.queries.rates import HomeFlow, HomeSum
from financehub import formats
from financehub.money import ZERO

# Whose rate: of one day, and of several.
_OF: dict[str, tuple[Promise, Promise]] = {
    ExchangeRate.Source.CBR: (
        gettext_lazy("по курсу Банка России на {day}"),
        gettext_lazy("по курсам Банка России на {first} – {last}"),
    ),
    ExchangeRate.Source.BUNDLED: (
        gettext_lazy("по вымышленному курсу демо-банков на {day}"),
        gettext_lazy("по вымышленным курсам демо-банков на {first} – {last}"),
    ),
}


_EACH_DAY: dict[str, Promise] = {
    ExchangeRate.Source.CBR: gettext_lazy("Каждый день — по курсу Банка России на этот день."),
    ExchangeRate.Source.BUNDLED: gettext_lazy(
        "Каждый день — по вымышленному курсу демо-банков на этот день."
    ),
}


@dataclass(frozen=True, slots=True)
class HomeTotal:
    """The sum as text, and the sentence that stands beside it; no text where a rate is missing."""

    text: str
    note: str


def home_total(found: HomeSum | None, *, today: date) -> HomeTotal | None:
    """How a page writes a sum over currencies; None where there is one currency only."""
    if found is None:
        return None
    words = formats.current()
    if found.amount is None:
        return HomeTotal("", missing_words(found.missing))
    return HomeTotal(words.money(found.amount, HOME_CURRENCY), rate_words(found, words, today=today))


def home_flow(found: HomeFlow | None, *, today: date) -> str:
    """Money in and out of all currencies in a sentence; empty where there is one currency only."""
    if found is None:
        return ""
    missing = {*found.income.missing, *found.spending.missing}
    if found.income.amount is None or found.spending.amount is None:
        return missing_words(tuple(sorted(missing)))
    words = formats.current()
    used = HomeSum(ZERO, (*found.income.rates, *found.spending.rates))
    return gettext("Во всех валютах: доходы {income}, расходы {spending} {rates}.").format(
        income=words.money(found.income.amount, HOME_CURRENCY),
        spending=words.money(found.spending.amount, HOME_CURRENCY),
        rates=rate_words(used, words, today=today).removesuffix("."),
    )


def rate_words(found: HomeSum, words: formats.Formats, *, today: date) -> str:
    """`по курсу Банка России на 9 ноября`; several sources one after the other."""
    notes = []
    for source, (of_one, of_several) in _OF.items():
        days = sorted({rate.day for rate in found.rates if rate.source == source})
        if len(days) == 1:
            notes.append(str(of_one).format(day=words.date_text(days[0], today=today)))
        elif days:
            first, last = (words.date_text(day, today=today) for day in (days[0], days[-1]))
            notes.append(str(of_several).format(first=first, last=last))
    return ", ".join(notes)


def source_words(source: str) -> str:
    """Whose rates value a row of days."""
    return str(_EACH_DAY[source])


def missing_words(currencies: tuple[str, ...]) -> str:
    """Why there is no sum."""
    names = ", ".join(currencies)
    return ngettext(
        "Общей суммы в рублях нет: неизвестен курс {names}.",
        "Общей суммы в рублях нет: неизвестны курсы {names}.",
        len(currencies),
    ).format(names=names)
