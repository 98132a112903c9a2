"""What wants to happen on a day, before the ledger knows whether there is money for it."""

from dataclasses import dataclass

from sandbox.history.merchants import Merchant


@dataclass(frozen=True, slots=True)
class Purchase:
    """A payment by card in a shop; it may fail at first, happen twice, or be refunded days later."""

    at: int
    account: str
    merchant: Merchant
    amount: int
    text: str
    twice: bool = False
    refund_after: int | None = None
    declined_first: bool = False


@dataclass(frozen=True, slots=True)
class Refund:
    """The shop gives the money of an earlier purchase back."""

    at: int
    purchase: Purchase


@dataclass(frozen=True, slots=True)
class Bill:
    """A payment by account: rent, utilities, insurance, fees, a transfer to a person."""

    at: int
    account: str
    amount: int
    text: str
    code: str = "IssuedDebitTransfer"
    counterparty: str | None = None
    merchant: Merchant | None = None


@dataclass(frozen=True, slots=True)
class Income:
    """Money from outside: pay, pension, interest, a friend."""

    at: int
    account: str
    amount: int
    text: str
    counterparty: str | None = None


@dataclass(frozen=True, slots=True)
class Interest:
    """Interest on what the account holds that day."""

    at: int
    account: str
    yearly_percent: float
    text: str


@dataclass(frozen=True, slots=True)
class OwnTransfer:
    """A fixed sum between the person's own accounts."""

    at: int
    source: str
    target: str
    amount: int
    comment: str


@dataclass(frozen=True, slots=True)
class TopUp:
    """Bring the target account up to a level, from the source."""

    at: int
    source: str
    target: str
    level: int
    comment: str


@dataclass(frozen=True, slots=True)
class Sweep:
    """Move to savings what lies above a level."""

    at: int
    source: str
    target: str
    keep: int
    comment: str


@dataclass(frozen=True, slots=True)
class CardPayment:
    """Pay the credit card off, or as much of it as there is."""

    at: int


@dataclass(frozen=True, slots=True)
class LoanPayment:
    """The month's annuity: interest charged, then the payment from the current account."""

    at: int


@dataclass(frozen=True, slots=True)
class Exchange:
    """Buy foreign currency into the currency account."""

    at: int
    foreign_amount: int
    rate: float


@dataclass(frozen=True, slots=True)
class CloseAccount:
    """Empty an account that is being closed."""

    at: int
    account: str
    target: str


Intent = (
    Purchase
    | Refund
    | Bill
    | Income
    | Interest
    | OwnTransfer
    | TopUp
    | Sweep
    | CardPayment
    | LoanPayment
    | Exchange
    | CloseAccount
)
