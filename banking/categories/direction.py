"""How a category depends on the direction: a payment to a person is, on the way in, an income from one."""

from collections.abc import Mapping
from typing import Final

from banking.categories import tables

_ON_CREDIT: Final[Mapping[str, str]] = {
    "other": "income-other",
    "people": "income-people",
    "people-transfer": "income-people",
    "people-family": "income-people",
    "people-alimony": "income-alimony",
    "housing-rent": "income-rent",
    "gambling": "income-other",
    "government-taxes": "income-taxrefund",
    "finance-bank-services": "transfer-loan-in",
    "transfer-cash-out": "transfer-cash-in",
}
_ON_DEBIT: Final[Mapping[str, str]] = {
    "income-people": "people-transfer",
    "income-alimony": "people-alimony",
    "income-rent": "housing-rent",
    "transfer-cash-in": "transfer-cash-out",
}
# A credit here is no money back: it corrects a balance, or is a repayment as the loan account sees it.
_NEVER_REFUNDED: Final = frozenset({"other-adjustment", "finance-loan", "finance-mortgage"})


def directed(slug: str, *, is_credit: bool) -> str | None:
    """The category that `slug` means in this direction, or None: a debit is never an income."""
    if is_credit:
        return _ON_CREDIT.get(slug, slug)
    slug = _ON_DEBIT.get(slug, slug)
    return None if tables.categories()[slug].kind == "income" else slug


def is_refund(slug: str, *, is_credit: bool) -> bool:
    """Whether money came back from where it is usually spent; such a row reduces the spending there."""
    return is_credit and tables.categories()[slug].kind == "expense" and slug not in _NEVER_REFUNDED
