"""Kernel: an amount and its currency, kept together."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

ZERO = Decimal(0)

# ISO 4217 minor units that are not 2, for the currencies our banks may hold.
MINOR_UNITS = {"JPY": 0, "KRW": 0, "VND": 0, "KWD": 3, "BHD": 3, "TND": 3}


class CurrencyMismatch(ValueError):
    """Two currencies were about to be added without a rate."""


def minor_units(currency: str) -> int:
    """Number of decimal digits of a currency (ISO 4217)."""
    return MINOR_UNITS.get(currency, 2)


def quantize(amount: Decimal, currency: str) -> Decimal:
    """Round half to even to the currency's minor unit."""
    return amount.quantize(Decimal(1).scaleb(-minor_units(currency)), ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """A Decimal amount in one currency (three-letter ISO 4217 code)."""

    amount: Decimal
    currency: str

    def __add__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def _same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} cannot be added")


def total_by_currency(amounts: Iterable[Money]) -> dict[str, Decimal]:
    """Sum amounts, one total per currency: currencies are never mixed."""
    totals: dict[str, Decimal] = {}
    for money in amounts:
        totals[money.currency] = totals.get(money.currency, ZERO) + money.amount
    return totals
