"""Matching: which purchase a refund takes back. Of several that it may be, none is guessed at."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from banking.categories import fixed_texts
from banking.categories.normalise import normalise
from financehub.money import ZERO

REFUNDED_WITHIN = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class ShopRow:
    """A purchase or a refund; `name` does not depend on when the row came."""

    pk: int
    account_id: int
    card: str
    shop: str
    amount: Decimal
    currency: str
    booked_at: datetime
    name: str

    @property
    def size(self) -> Decimal:
        return abs(self.amount)


def shop_of(*, merchant_name: str, description: str) -> str:
    """The shop as both rows name it: banks put a word before the text of what they give back."""
    if merchant_name:
        return normalise(merchant_name)
    words = normalise(description)
    return words.removeprefix(fixed_texts.return_word(words) or "").strip()


def purchases_of(
    refunds: Iterable[ShopRow], purchases: Iterable[ShopRow], *, returned: Mapping[int, Decimal]
) -> dict[int, int]:
    """The purchase of each refund that has one, by ids; `returned` is what was given back of them before.

    The latest purchase of exactly that sum is it, or else the only one that was large enough.
    """
    by_shop: dict[tuple[str, str], list[ShopRow]] = defaultdict(list)
    for row in sorted(purchases, key=lambda row: (row.booked_at, row.name), reverse=True):
        by_shop[row.currency, row.shop].append(row)
    given_back = defaultdict(lambda: ZERO, returned)
    found: dict[int, int] = {}
    for refund in sorted(refunds, key=lambda row: (row.booked_at, row.name)):
        fitting = [
            row
            for row in by_shop.get((refund.currency, refund.shop), ())
            if _may_be_of(refund, row) and row.size - given_back[row.pk] >= refund.size
        ]
        exact = [row for row in fitting if row.size == refund.size]
        chosen = exact[0] if exact else fitting[0] if len(fitting) == 1 else None
        if chosen is not None:
            found[refund.pk] = chosen.pk
            given_back[chosen.pk] += refund.size
    return found


def _may_be_of(refund: ShopRow, purchase: ShopRow) -> bool:
    is_near = timedelta() <= refund.booked_at - purchase.booked_at <= REFUNDED_WITHIN
    is_by_card = bool(refund.card) and refund.card == purchase.card
    return is_near and (is_by_card or refund.account_id == purchase.account_id)
