"""The filter of the transactions page as links: what is chosen, and the list with or without it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _

from banking.forms import UNCATEGORISED, TransactionFilterForm
from banking.presenters.rows import account_label
from financehub import formats


@dataclass(frozen=True, slots=True)
class FilterLinks:
    """URLs of the list that differ from the present filter in a field or two."""

    params: Mapping[str, str]

    def url(self, **changes: str) -> str:
        """The list with some fields changed; an empty value takes a field away."""
        params = {name: value for name, value in {**self.params, **changes}.items() if value}
        base = reverse("banking:transactions")
        return f"{base}?{urlencode(params)}" if params else base


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
    for name, label in _LABELS.items():
        if data[name] not in {"", None}:
            yield Chip(label(form, data[name]), links.url(**{name: ""}))


def _days(since: date | None, until: date | None) -> str:
    words = formats.current()
    if since and until:
        return f"{words.date_short(since)} – {words.date_short(until)}"
    if since:
        return _("с {day}").format(day=words.date_short(since))
    return _("по {day}").format(day=words.date_short(until)) if until else ""


def _account(form: TransactionFilterForm, value: str) -> str:
    return account_label(form.accounts[value])


def _category(form: TransactionFilterForm, value: str) -> str:
    return _("Без категории") if value == UNCATEGORISED else form.branch[0].name


def _choice(name: str) -> Callable[[TransactionFilterForm, Any], str]:
    def label(form: TransactionFilterForm, value: str) -> str:
        field = form.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  the form declares it so
        return str(dict(field.choices)[value])  # type: ignore[arg-type]  # lists of pairs, never groups

    return label


def _lowest(_form: TransactionFilterForm, value: Any) -> str:
    return _("от {amount}").format(amount=formats.current().number(value, digits=2))


def _highest(_form: TransactionFilterForm, value: Any) -> str:
    return _("до {amount}").format(amount=formats.current().number(value, digits=2))


_LABELS: Mapping[str, Callable[[TransactionFilterForm, Any], str]] = {
    "account": _account,
    "bank": _choice("bank"),
    "category": _category,
    "scope": _choice("scope"),
    "shop": lambda _form, value: str(value),
    "weekday": _choice("weekday"),
    "kind": _choice("kind"),
    "status": _choice("status"),
    "min": _lowest,
    "max": _highest,
}
