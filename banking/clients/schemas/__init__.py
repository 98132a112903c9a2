"""Clients: frozen results and the parsers that make them from a bank's JSON."""

from banking.clients.schemas.accounts import (
    AccountBalances,
    AccountKind,
    BankAccount,
    BankCard,
    parse_accounts,
    parse_balances,
    parse_cards,
)
from banking.clients.schemas.consents import (
    BankSession,
    BankToken,
    ConsentAnswer,
    ConsentStatus,
    parse_consent,
    parse_token,
)
from banking.clients.schemas.fields import Listing, RejectedRow
from banking.clients.schemas.payments import (
    PaymentAnswer,
    PaymentConsentAnswer,
    PaymentConsentStatus,
    PaymentOrder,
    PaymentStatus,
    parse_payment,
    parse_payment_consent,
)
from banking.clients.schemas.products import BankProduct, parse_products
from banking.clients.schemas.transactions import (
    BankTransaction,
    TransactionPage,
    TransactionStatus,
    parse_transaction_page,
)

__all__ = [
    "AccountBalances",
    "AccountKind",
    "BankAccount",
    "BankCard",
    "BankProduct",
    "BankSession",
    "BankToken",
    "BankTransaction",
    "ConsentAnswer",
    "ConsentStatus",
    "Listing",
    "PaymentAnswer",
    "PaymentConsentAnswer",
    "PaymentConsentStatus",
    "PaymentOrder",
    "PaymentStatus",
    "RejectedRow",
    "TransactionPage",
    "TransactionStatus",
    "parse_accounts",
    "parse_balances",
    "parse_cards",
    "parse_consent",
    "parse_payment",
    "parse_payment_consent",
    "parse_products",
    "parse_token",
    "parse_transaction_page",
]
