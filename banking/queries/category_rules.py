"""Questions about a person's rules: which there are, and what one of them would do to past rows."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from banking.categories import persons
from banking.categories.persons import PersonsRule
from banking.categories.rules import normalise
from banking.models import CategoryRule, Transaction
from banking.models.category_rule import LONGEST_TEXT
from banking.queries.transaction_filter import TransactionFilter, matching
from banking.queries.transactions import ROW_COLUMNS, TransactionRow
from financehub.formats import account_tail

if TYPE_CHECKING:
    from banking.models.transaction import TransactionQuerySet
    from financehub.users.models import User

SAMPLE = 5
AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class RulePreview:
    """What applying a rule to the past would change: how much, since when, and the newest few."""

    count: int = 0
    sums: dict[str, Decimal] = field(default_factory=dict)
    first: date | None = None
    last: date | None = None
    sample: tuple[TransactionRow, ...] = ()


def rules_of(*, user: "User") -> Sequence[CategoryRule]:
    """The person's rules in the order in which they are tried."""
    rules = CategoryRule.objects.for_user(user).select_related("category__parent", "account__bank")
    return list(rules.newest_first())


def rule_of(*, user: "User", pk: int) -> CategoryRule:
    """One rule; raises CategoryRule.DoesNotExist for anyone else's."""
    rules = CategoryRule.objects.for_user(user).select_related("category", "account__bank")
    return rules.get(pk=pk)


def deciding(*, user_id: int) -> tuple[PersonsRule, ...]:
    """The same rules as the decision about a category asks them."""
    rules = CategoryRule.objects.filter(user=user_id).select_related("category", "account").newest_first()
    return tuple(map(plain, rules))


def plain(rule: CategoryRule) -> PersonsRule:
    """A rule without the database around it."""
    return PersonsRule(
        pk=rule.pk,
        label=label(rule),
        category_id=rule.category_id,
        kind=rule.category.kind,
        words=normalise(rule.text),
        at_start=rule.match == CategoryRule.Match.STARTS,
        lowest=rule.lowest,
        highest=rule.highest,
        is_credit=None if not rule.direction else rule.direction == CategoryRule.Direction.IN,
        account_id=rule.account_id,
        mcc=rule.mcc,
    )


def label(rule: CategoryRule) -> str:
    """What a rule is called beside the category that it gave; no language has a word in it."""
    sizes = "–".join(f"{size:.2f}" if size is not None else "…" for size in (rule.lowest, rule.highest))
    if rule.text or rule.mcc:
        return rule.text or f"MCC {rule.mcc}"
    if rule.account is None:
        return sizes
    if rule.account.is_manual:
        return rule.account.name
    return account_tail(rule.account.number or rule.account.external_id)


def suggested(*, row: Transaction) -> CategoryRule | None:
    """The rule that would always do what the person did to a row; None where the row has no name."""
    text = (row.merchant_name or row.counterparty or row.description)[:LONGEST_TEXT]
    if not normalise(text):
        return None
    return CategoryRule(user_id=row.user_id, text=text, category=row.category)


def preview(*, user: "User", rule: CategoryRule) -> RulePreview:
    """What the rule would change, were it saved and applied now."""
    ids: list[int] = []
    days: list[date] = []
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for pk, day, amount, currency in _changing(user=user, rule=rule):
        ids.append(pk)
        days.append(day)
        sums[currency] += amount
    if not ids:
        return RulePreview()
    newest = Transaction.objects.filter(pk__in=ids[:SAMPLE]).newest_first().values_list(*ROW_COLUMNS)
    return RulePreview(
        count=len(ids),
        sums=dict(sums),
        first=min(days),
        last=max(days),
        sample=tuple(TransactionRow(*values) for values in newest),
    )


def changing(*, user: "User", rule: CategoryRule) -> list[int]:
    """The ids of the rows that applying the rule would change, the newest first."""
    return [pk for pk, *_ in _changing(user=user, rule=rule)]


def _changing(*, user: "User", rule: CategoryRule) -> Iterator[tuple[int, date, Decimal, str]]:
    """The rows that the rule decides about and that do not have its category by a rule already.

    What the person chose by hand stays, and what a later rule decides is that rule's.
    """
    draft = plain(rule)
    later = [each for each in deciding(user_id=user.pk) if rule.pk and each.pk and each.pk > rule.pk]
    rows = _candidates(user, draft).newest_first().values_list(*_FACTS)
    for pk, day, currency, amount, account_id, mcc, *texts, category_id, reason in rows.iterator(AT_ONCE):
        if (category_id, reason) == (draft.category_id, Transaction.Reason.RULE):
            continue
        description, shop, counterparty = map(normalise, texts)
        seen = persons.Facts((description, shop, counterparty), amount, account_id, mcc)
        if persons.first_match([*later, draft], seen) is draft:
            yield pk, day, amount, currency


def _candidates(user: "User", rule: PersonsRule) -> "TransactionQuerySet":
    """What the database can tell apart by itself: all the rows of the rule, and perhaps a few more."""
    wanted = TransactionFilter(
        words=(rule.words,) if rule.words else (),
        accounts=frozenset() if rule.account_id is None else frozenset({rule.account_id}),
        mcc=frozenset({rule.mcc} - {""}),
        lowest=rule.lowest,
        highest=rule.highest,
    )
    rows = matching(user=user, wanted=wanted).exclude(category_reason=Transaction.Reason.PERSON)
    if rule.is_credit is None:
        return rows
    return rows.filter(amount__gt=0) if rule.is_credit else rows.filter(amount__lte=0)


_FACTS = (
    "pk",
    "booking_date",
    "currency",
    "amount",
    "account_id",
    "mcc",
    "description",
    "merchant_name",
    "counterparty",
    "category_id",
    "category_reason",
)
