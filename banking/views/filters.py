"""The filter of the transactions page as links: what is chosen, and the list with or without it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from banking.filter_forms import SCOPES, TransactionFilterForm
from banking.presenters.rows import account_label
from financehub import formats

SHOWN_BY_THEMSELVES = ("q", "period", "sort")


@dataclass(frozen=True, slots=True)
class FilterLinks:
    """URLs of the list that differ from the present filter in a field or two."""

    params: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, query: QueryDict, form: TransactionFilterForm) -> "FilterLinks":
        """The fields of the filter that say something, as the URL holds them."""
        sent = {name: query.getlist(name) for name in form.fields}
        return cls(
            {
                name: kept
                for name, values in sent.items()
                if (kept := tuple(filter(None, map(str.strip, values))))
            }
        )

    def url(self, base: str = "", **changes: str) -> str:
        """The list with some fields changed; an empty value takes a field away."""
        return self._url(base, {**self.params, **{name: (value,) for name, value in changes.items()}})

    def query(self) -> str:
        """The filter as the address writes it; empty when there is none."""
        return self.url().partition("?")[2]

    def without(self, name: str, value: str) -> str:
        """The list with one value of a field taken away."""
        left = tuple(each for each in self.params.get(name, ()) if each != value)
        return self._url("", {**self.params, name: left})

    def hidden(self) -> list[tuple[str, str]]:
        """What the closed panel of fields keeps: names and values."""
        return [
            (name, value)
            for name, values in self.params.items()
            if name not in SHOWN_BY_THEMSELVES
            for value in values
        ]

    @staticmethod
    def _url(base: str, params: Mapping[str, tuple[str, ...]]) -> str:
        query = urlencode([(name, value) for name, values in params.items() for value in values if value])
        base = base or reverse("banking:transactions")
        return f"{base}?{query}" if query else base


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter and the list without it."""

    label: str
    remove_url: str


def chips(form: TransactionFilterForm, links: FilterLinks) -> Iterator[Chip]:
    """What is filtered beyond the search and the period, which show themselves."""
    data = form.cleaned_data
    if data["since"] or data["until"]:
        yield Chip(_days(data["since"], data["until"]), links.url(since="", until="", period=""))
    for name, label in _LISTS.items():
        for value in data[name]:
            yield Chip(label(form, value), links.without(name, value))
    for name, words in _VALUES.items():
        if data[name] not in {"", None}:
            yield Chip(words(data[name]), links.url(**{name: ""}))


def _days(since: date | None, until: date | None) -> str:
    words = formats.current()
    if since and until:
        return f"{words.date_short(since)} – {words.date_short(until)}"
    if since:
        return _("с {day}").format(day=words.date_short(since))
    return _("по {day}").format(day=words.date_short(until)) if until else ""


def _account(form: TransactionFilterForm, value: str) -> str:
    return account_label(form.accounts[value])


def _choice(name: str) -> Callable[[TransactionFilterForm, str], str]:
    def label(form: TransactionFilterForm, value: str) -> str:
        field = form.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  the form declares it so
        return str(dict(field.choices)[value])  # type: ignore[arg-type]  # lists of pairs, never groups

    return label


def _lowest(value: Any) -> str:
    return _("от {amount}").format(amount=formats.current().number(value, digits=2))


def _highest(value: Any) -> str:
    return _("до {amount}").format(amount=formats.current().number(value, digits=2))


def _merchant(value: Any) -> str:
    return _("Продавец: {name}").format(name=value)


def _shop(value: Any) -> str:
    return str(value)


def _scope(value: Any) -> str:
    return str(dict(SCOPES)[value])


def _mcc(value: Any) -> str:
    return f"MCC {value}"


_LISTS: Mapping[str, Callable[[TransactionFilterForm, str], str]] = {
    "account": _account,
    "bank": _choice("bank"),
    "category": _choice("category"),
    "kind": _choice("kind"),
    "status": _choice("status"),
    "mark": _choice("mark"),
    "tag": _choice("tag"),
    "weekday": _choice("weekday"),
}
_VALUES: Mapping[str, Callable[[Any], str]] = {
    "scope": _scope,
    "min": _lowest,
    "max": _highest,
    "merchant": _merchant,
    "shop": _shop,
    "mcc": _mcc,
}
