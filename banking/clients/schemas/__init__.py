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
    "RejectedRow",
    "TransactionPage",
    "TransactionStatus",
    "parse_accounts",
    "parse_balances",
    "parse_cards",
    "parse_consent",
    "parse_products",
    "parse_token",
    "parse_transaction_page",
]
