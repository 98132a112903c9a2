"""Clients: which client speaks to a bank. More kinds of banks register here."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from types import TracebackType
from typing import ClassVar, Protocol, Self, overload

from banking.clients.bankingapi import BankingApiClient, BankingApiConfig, OnAttempt
from banking.clients.config import BankConfig
from banking.clients.schemas import (
    AccountBalances,
    BankAccount,
    BankCard,
    BankProduct,
    BankSession,
    BankToken,
    ConsentAnswer,
    Listing,
    TransactionPage,
)
from banking.clients.vtb import VtbClient

CLIENTS: dict[str, Callable[[BankConfig], VtbClient]] = {"vtb": VtbClient}

__all__ = ["BankClient", "BankConfig", "BankingApiConfig", "client_for"]


class BankClient(Protocol):
    """What every client can do, whatever its bank speaks."""

    bank: str
    renew_early: ClassVar[timedelta]  # a tenth of a token's life before its end, but no sooner than this

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None: ...
    def close(self) -> None: ...
    def fetch_token(self) -> BankToken: ...
    def request_account_consent(
        self, token: BankToken, *, client_id: str, permissions: Sequence[str], reason: str
    ) -> ConsentAnswer: ...
    def get_account_consent(self, token: BankToken, *, consent_or_request_id: str) -> ConsentAnswer: ...
    def opens_without_consent_id(self, token: BankToken, *, client_id: str) -> bool: ...
    def revoke_account_consent(self, token: BankToken, *, consent_id: str) -> None: ...
    def list_accounts(self, session: BankSession) -> Listing[BankAccount]: ...
    def get_balances(self, session: BankSession, *, account_id: str) -> AccountBalances: ...
    def iter_transaction_pages(
        self, session: BankSession, *, account_id: str, start_page: int = 1
    ) -> Iterator[TransactionPage]: ...
    def list_cards(self, session: BankSession) -> Listing[BankCard]: ...
    def list_products(self, token: BankToken) -> Listing[BankProduct]: ...


@overload
def client_for(config: BankConfig) -> VtbClient: ...
@overload
def client_for(config: BankingApiConfig, *, on_attempt: OnAttempt | None = None) -> BankingApiClient: ...
def client_for(config: BankConfig | BankingApiConfig, *, on_attempt: OnAttempt | None = None) -> BankClient:
    """A client of the bank, with its own connections; close it, or use it in a `with` block."""
    if isinstance(config, BankingApiConfig):
        return BankingApiClient(config, on_attempt=on_attempt)
    try:
        make = CLIENTS[config.kind]
    except KeyError:
        raise ValueError(f"{config.code}: no client speaks {config.kind!r}") from None
    return make(config)
