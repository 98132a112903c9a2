"""The filter of the reports: its days in words, the months beside them, and what can be taken off."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from analytics.forms import ReportForm
from analytics.links import ReportLinks
from analytics.presenters.asked import Asked, month_words, period_words
from banking.presenters.rows import account_label
from banking.queries import categories
from banking.views.filters import Chip
from financehub import formats
from financehub.periods import plus_months


@dataclass(frozen=True, slots=True)
class Step:
    """The month before or after the one shown."""

    label: str
    url: str


def filter_context(form: ReportForm, asked: Asked) -> dict[str, Any]:
    """What the filter bar shows of a valid filter."""
    month = asked.cut.holding(asked.span.period.start)
    context: dict[str, Any] = {
        "period_words": period_words(asked.span.period, asked.words, today=asked.today),
        "category_groups": categories.category_groups(
            user=asked.user, with_ids=[category.pk for category in form.branch[:1]]
        ),
        "is_custom": bool(form.cleaned_data["since"]),
    }
    if asked.span.is_one_month:
        earlier = asked.history_start is None or asked.history_start < asked.cut.start(month)
        later = month < asked.cut.holding(asked.today)
        context["step_back"] = _step(asked, -1) if earlier else None
        context["step_on"] = _step(asked, 1) if later else None
    return context


def _step(asked: Asked, months: int) -> Step:
    month = plus_months(asked.cut.holding(asked.span.period.start), months)
    url = asked.links.url(month=f"{month:%Y-%m}", period="", since="", until="")
    return Step(month_words(asked.cut, month, asked.words, today=asked.today), url)


def chips(form: ReportForm, links: ReportLinks) -> Iterator[Chip]:
    """What is filtered beyond the period, which shows itself."""
    data = form.cleaned_data
    if data["since"]:
        words = formats.current()
        last = form.span.period.end - timedelta(days=1)
        label = f"{words.date_short(data['since'])} – {words.date_short(last)}"
        yield Chip(label, links.url(since="", until=""))
    if data["account"]:
        yield Chip(account_label(form.accounts[data["account"]]), links.url(account=""))
    if data["bank"]:
        yield Chip(_("Банк: {name}").format(name=_bank_name(form)), links.url(bank=""))
    if data["currency"] not in {"", form.currencies[0]}:
        yield Chip(data["currency"], links.url(currency=""))
    if data["category"]:
        yield Chip(form.branch[0].name, links.url(category=""))


def _bank_name(form: ReportForm) -> str:
    code = form.cleaned_data["bank"]
    return next(account.place for account in form.accounts.values() if account.bank.code == code)
