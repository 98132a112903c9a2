"""Sync, step 1: a bank's transaction becomes the row that is stored, category and reason included."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Any, NamedTuple

from banking.categories import persons, rules
from banking.categories.persons import PersonsRule
from banking.categories.reasons import Reason
from banking.clients.schemas import BankTransaction
from banking.models import Category

MADE_ID = "content:"
JSON = json.JSONEncoder(ensure_ascii=False, default=str)  # numbers are Decimals: as text they stay exact
LARGEST = Decimal(10) ** 12  # no person has it, and sums of such amounts burst the columns


@dataclass(frozen=True, slots=True)
class CategoryRef:
    """What a row needs to know of a category."""

    pk: int
    kind: str


@dataclass(frozen=True, slots=True)
class Row:
    """One transaction as the table holds it, without the person's own columns."""

    external_id: str
    amount: Decimal
    currency: str
    status: str
    booked_at: datetime
    booking_date: date
    value_at: datetime | None
    description: str
    merchant_name: str
    merchant_city: str
    mcc: str
    bank_code: str
    bank_category: str
    card_last4: str
    counterparty: str
    raw: str
    content_hash: str
    search_text: str
    kind: str
    category_id: int
    category_reason: str
    category_detail: str
    is_refund: bool


def common_categories() -> dict[str, CategoryRef]:
    """The common categories by slug."""
    return {
        slug: CategoryRef(pk, kind)
        for slug, pk, kind in Category.objects.filter(user=None).values_list("slug", "pk", "kind")
    }


class Chosen(NamedTuple):
    """The columns of a row that say what it was for."""

    kind: str
    category_id: int
    category_reason: str
    category_detail: str
    is_refund: bool


def by_bank(decision: rules.Decision, categories: Mapping[str, CategoryRef]) -> Chosen:
    """What the bank's texts and codes say."""
    category = categories[decision.slug]
    detail = _clip(decision.detail, 200)
    return Chosen(category.kind, category.pk, decision.reason, detail, decision.is_refund)


def by_rule(rule: PersonsRule, amount: Decimal) -> Chosen:
    """What a person's rule says: money back for an expense is a refund."""
    is_refund = rule.kind == Category.Kind.EXPENSE and amount > 0
    return Chosen(rule.kind, rule.category_id, Reason.RULE, rule.label, is_refund)


class RowMaker:
    """Turns one reading of an account into rows.

    It counts the rows that carry no id of the bank: their key is the content and the occurrence
    number within the reading, so that two equal purchases stay two. A new reading needs a new maker.
    """

    def __init__(
        self,
        categories: Mapping[str, CategoryRef],
        *,
        persons_rules: Sequence[PersonsRule] = (),
        account_id: int = 0,
    ) -> None:
        self._categories = categories
        self._persons_rules = persons_rules
        self._account_id = account_id
        self._occurrences: Counter[str] = Counter()

    def rows(self, transactions: Iterable[BankTransaction]) -> Iterator[Row]:
        """A row for each transaction but those whose amount cannot be real."""
        for transaction in transactions:
            if abs(transaction.amount) < LARGEST:
                yield self._row(transaction)

    def _row(self, sent: BankTransaction) -> Row:
        chosen = self._chosen(sent)
        return Row(
            external_id=sent.external_id or self._made_id(sent),
            amount=sent.amount,
            currency=sent.currency,
            status=sent.status,
            booked_at=sent.booked_at,
            booking_date=sent.booking_date,
            value_at=sent.value_at,
            description=sent.description,
            merchant_name=_clip(sent.merchant_name, 200),
            merchant_city=_clip(sent.merchant_city, 100),
            mcc=_clip(sent.mcc, 4),
            bank_code=_clip(sent.bank_code, 64),
            bank_category=_clip(sent.merchant_category, 64),
            card_last4=_clip(sent.card_last4, 4),
            counterparty=_clip(sent.counterparty, 200),
            raw=JSON.encode(sent.raw),
            content_hash=_digest(_content(sent), sent.status),
            search_text=rules.normalise(f"{sent.description} {sent.merchant_name} {sent.counterparty}"),
            kind=chosen.kind,
            category_id=chosen.category_id,
            category_reason=chosen.category_reason,
            category_detail=chosen.category_detail,
            is_refund=chosen.is_refund,
        )

    def _chosen(self, sent: BankTransaction) -> Chosen:
        by_person = self._by_person(sent) if self._persons_rules else None
        if by_person is not None:
            return by_rule(by_person, sent.amount)
        decision = rules.decide(
            description=sent.description,
            merchant_name=sent.merchant_name,
            mcc=sent.mcc,
            bank_code=sent.bank_code,
            bank_category=sent.merchant_category,
            amount=sent.amount,
        )
        return by_bank(decision, self._categories)

    def _by_person(self, sent: BankTransaction) -> PersonsRule | None:
        seen = persons.facts(
            description=sent.description,
            merchant_name=_clip(sent.merchant_name, 200),
            counterparty=_clip(sent.counterparty, 200),
            amount=sent.amount,
            account_id=self._account_id,
            mcc=_clip(sent.mcc, 4),
        )
        return persons.first_match(self._persons_rules, seen)

    def _made_id(self, sent: BankTransaction) -> str:
        content = _digest(_content(sent))
        self._occurrences[content] += 1
        return f"{MADE_ID}{content}:{self._occurrences[content]}"


def _content(sent: BankTransaction) -> str:
    """Everything that a person would recognise the transaction by: neither its id nor its status."""
    fields: tuple[Any, ...] = (
        sent.amount,
        sent.currency,
        sent.booked_at,
        sent.value_at,
        sent.description,
        sent.merchant_name,
        sent.merchant_city,
        sent.mcc,
        sent.bank_code,
        sent.merchant_category,
        sent.card_last4,
        sent.counterparty,
    )
    return "\x1f".join(map(str, fields))


def _digest(*texts: str) -> str:
    return blake2b("\x1e".join(texts).encode(errors="replace"), digest_size=16).hexdigest()


def _clip(text: str, length: int) -> str:
    return text[:length]
