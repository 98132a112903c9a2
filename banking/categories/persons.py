"""A person's own rules: plain conditions on a row, asked before anything that the bank's texts say."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from banking.categories.normalise import normalise


class Facts(NamedTuple):
    """What a rule looks at; the texts are normalised."""

    texts: tuple[str, str, str]
    amount: Decimal
    account_id: int
    mcc: str


@dataclass(frozen=True, slots=True)
class PersonsRule:
    """Conditions that must all hold, and the category that follows from them.

    `words` are normalised; `label` is what the page calls the rule. Amounts are compared by their
    size. None and the empty text ask for nothing.
    """

    pk: int | None
    label: str
    category_id: int
    kind: str
    words: str = ""
    at_start: bool = False
    lowest: Decimal | None = None
    highest: Decimal | None = None
    is_credit: bool | None = None
    account_id: int | None = None
    mcc: str = ""

    def matches(self, facts: Facts) -> bool:
        """Whether all conditions hold."""
        size = abs(facts.amount)
        return (
            (not self.words or any(map(self._is_in, facts.texts)))
            and (self.is_credit is None or self.is_credit == (facts.amount > 0))
            and (self.account_id is None or self.account_id == facts.account_id)
            and (not self.mcc or self.mcc == facts.mcc)
            and (self.lowest is None or size >= self.lowest)
            and (self.highest is None or size <= self.highest)
        )

    def _is_in(self, text: str) -> bool:
        return text.startswith(self.words) if self.at_start else self.words in text


def facts(
    *, description: str, merchant_name: str, counterparty: str, amount: Decimal, account_id: int, mcc: str
) -> Facts:
    """The facts of one row."""
    texts = (normalise(description), normalise(merchant_name), normalise(counterparty))
    return Facts(texts, amount, account_id, mcc)


def first_match(rules: Iterable[PersonsRule], seen: Facts) -> PersonsRule | None:
    """The rule that decides about a row: the first one whose conditions hold."""
    return next((rule for rule in rules if rule.matches(seen)), None)
