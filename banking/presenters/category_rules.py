"""A person's rules in words: their conditions, and what applying one would change."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from banking.models import CategoryRule, Transaction
from banking.presenters.rows import account_label, money_list, title_of
from banking.queries.category_rules import RulePreview
from financehub import formats


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule in the list."""

    url: str
    conditions: str
    category: str
    icon: str
    hue: int


@dataclass(frozen=True, slots=True)
class Sample:
    """A row that a rule would change."""

    title: str
    day: str
    amount: str
    category: str
    url: str


@dataclass(frozen=True, slots=True)
class PreviewWords:
    """What a rule would change: how many rows, their sum, their span and the newest of them."""

    count: int
    rows: str
    sums: str
    span: str
    sample: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A rule that would always do what the person just did to one row."""

    label: str
    url: str


def line(rule: CategoryRule) -> RuleLine:
    """A rule as the list names it."""
    return RuleLine(
        url=reverse("banking:rule", args=[rule.pk]),
        conditions=", ".join(_conditions(rule)),
        category=rule.category.name,
        icon=rule.category.icon,
        hue=rule.category.hue,
    )


def _conditions(rule: CategoryRule) -> Iterator[str]:
    words = formats.current()
    if rule.text:
        yield _("{how} «{text}»").format(how=rule.get_match_display(), text=rule.text)
    if rule.mcc:
        yield f"MCC {rule.mcc}"
    if rule.lowest is not None:
        yield _("от {amount}").format(amount=words.number(rule.lowest, digits=2))
    if rule.highest is not None:
        yield _("до {amount}").format(amount=words.number(rule.highest, digits=2))
    if rule.direction:
        yield str(rule.get_direction_display()).lower()
    if rule.account is not None:
        yield account_label(rule.account)


def preview(found: RulePreview) -> PreviewWords:
    """What a rule would change, in words."""
    words = formats.current()
    span = ""
    if found.first is not None and found.last is not None:
        span = f"{words.date_short(found.first)} – {words.date_short(found.last)}"
    return PreviewWords(
        count=found.count,
        rows=words.count(found.count, "transaction"),
        sums=money_list(found.sums, words, signed=True),
        span=span,
        sample=tuple(
            Sample(
                title=title_of(row),
                day=words.date_short(row.booking_date),
                amount=words.money(row.amount, row.currency, signed=True),
                category=row.category_name_en if words.language == "en" else row.category_name_ru,
                url=reverse("banking:transaction", args=[row.pk]),
            )
            for row in found.sample
        ),
    )


def offer(row: Transaction, found: RulePreview, draft: CategoryRule) -> Offer:
    """«Всегда так для …», with how many past rows that would change."""
    query = urlencode({"text": draft.text, "category": row.category.slug})
    label = _("Всегда так для «{text}»").format(text=draft.text)
    return Offer(
        label=f"{label} ({formats.current().number(found.count)})" if found.count else label,
        url=f"{reverse('banking:rule_new')}?{query}",
    )
