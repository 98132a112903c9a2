"""How the words of our models read on the wire."""

import colorsys
from decimal import Decimal

from banking.models import Account, Category, Transaction

ACCOUNT_TYPES = {
    Account.Kind.CASH: "checking",
    Account.Kind.CURRENT: "checking",
    Account.Kind.SAVINGS: "savings",
    Account.Kind.DEPOSIT: "investment",
    Account.Kind.CARD: "credit",
    Account.Kind.LOAN: "loan",
}
INCOME, EXPENSE, TRANSFER = "income", "expense", "transfer"
TRANSACTION_TYPES = (INCOME, EXPENSE, TRANSFER)
MISSING = "missing"
LIGHTNESS, SATURATION = 0.45, 0.55


def transaction_type(row: Transaction) -> str:
    """Which way the money went. A refund came in, so it is an income here and marked as a refund."""
    if row.kind == Category.Kind.TRANSFER:
        return TRANSFER
    return INCOME if row.amount > 0 else EXPENSE


def transaction_amount(row: Transaction) -> Decimal:
    """Positive for income and expense, whose type says the way; signed for transfers."""
    return row.amount if row.kind == Category.Kind.TRANSFER else abs(row.amount)


def is_refund(row: Transaction) -> bool:
    """Money that came back for an expense: the figures take it off the spending."""
    return row.kind == Category.Kind.EXPENSE and row.amount > 0


def color(category: Category) -> str:
    """A category's hue as a colour that any client can draw."""
    channels = colorsys.hls_to_rgb(category.hue / 360, LIGHTNESS, SATURATION)
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in channels)
