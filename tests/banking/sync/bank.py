"""A bank in memory: what it holds, how it answers, and a hook before each of its answers."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from banking.clients import errors
from banking.clients.config import BankConfig
from banking.clients.schemas import (
    AccountBalances,
    BankAccount,
    BankSession,
    BankToken,
    BankTransaction,
    ConsentAnswer,
    Listing,
    RejectedRow,
    TransactionPage,
)
from financehub.money import Money
from financehub.periods import local_date

NOON = datetime(2026, 3, 10, 9, tzinfo=UTC)
"""Noon in Moscow on the day on which most of these tests begin."""


def sent(
    external_id: str | None,
    amount: str | Decimal,
    *,
    at: datetime = NOON,
    status: str = "booked",
    text: str = "PYATEROCHKA 14523 MOSKVA",
    currency: str = "RUB",
    **fields: Any,
) -> BankTransaction:
    """A transaction as a bank sends it."""
    known: dict[str, Any] = {
        "value_at": None,
        "bank_code": "",
        "merchant_name": "",
        "merchant_id": "",
        "mcc": "",
        "merchant_category": "",
        "merchant_city": "",
        "card_last4": "",
        "counterparty": "",
        "raw": {"transactionId": external_id, "amount": {"amount": str(amount)}},
    }
    return BankTransaction(
        external_id=external_id,
        amount=Decimal(amount),
        currency=currency,
        status=status,
        booked_at=at,
        booking_date=local_date(at),
        description=text,
        **known | fields,
    )


@dataclass
class HeldAccount:
    """An account as the bank holds it."""

    external_id: str
    kind: str = "current"
    currency: str = "RUB"
    number: str = "40817810000000000001"
    opening: Decimal = Decimal("10000.00")
    is_debt: bool = False
    is_closed: bool = False
    rows: list[BankTransaction] = field(default_factory=list)
    rejected: int = 0
    told: AccountBalances | None = None

    @property
    def balance(self) -> Decimal:
        booked = (row.amount for row in self.rows if row.status == "booked" and row.currency == self.currency)
        return self.opening + sum(booked, Decimal(0))

    def listed(self) -> BankAccount:
        return BankAccount(
            external_id=self.external_id,
            kind=self.kind,
            sub_type=self.kind,
            currency=self.currency,
            is_debt=self.is_debt,
            is_closed=self.is_closed,
            number=self.number,
            name=f"Счёт {self.external_id}",
            opened_on=None,
        )


@dataclass
class Bank:
    """One bank with one client; stands where the HTTP client stands."""

    renew_early: ClassVar[timedelta] = timedelta(minutes=5)

    accounts: list[HeldAccount] = field(default_factory=lambda: [HeldAccount("acc-1")])
    page_size: int = 3
    counts_rows: bool = True
    consent_id: str = "consent-1"
    consent: str = "granted"
    opens_unnamed: bool = False
    unread_accounts: int = 0
    token_life: timedelta = timedelta(days=1)
    issued_at: datetime = NOON
    before: Callable[[str], None] = lambda _call: None
    on_call: Callable[[], None] = lambda: None
    calls: Counter[str] = field(default_factory=Counter)

    def reached_by(self, config: BankConfig) -> "Bank":
        """What a client of this bank would be: counted by whoever calls."""
        self.on_call = config.on_call
        return self

    def account(self, external_id: str = "acc-1") -> HeldAccount:
        return next(account for account in self.accounts if account.external_id == external_id)

    @property
    def rows(self) -> list[BankTransaction]:
        """The rows of the first account."""
        return self.accounts[0].rows

    @rows.setter
    def rows(self, rows: list[BankTransaction]) -> None:
        self.accounts[0].rows = rows

    def change(self, external_id: str, **fields: Any) -> None:
        """Change a row of the first account in place."""
        self.rows = [replace(row, **fields) if row.external_id == external_id else row for row in self.rows]

    # What the client's methods answer

    def close(self) -> None:
        """Nothing is open."""

    def fetch_token(self) -> BankToken:
        self._called("token")
        return BankToken(f"token-{self.calls['token']}", self.issued_at + self.token_life)

    def request_account_consent(
        self, token: BankToken, *, client_id: str, permissions: tuple[str, ...], reason: str
    ) -> ConsentAnswer:
        self._called("consent-request")
        return self._consent()

    def get_account_consent(self, token: BankToken, *, consent_or_request_id: str) -> ConsentAnswer:
        self._called("consent")
        return self._consent()

    def opens_without_consent_id(self, token: BankToken, *, client_id: str) -> bool:
        self._called("opens")
        return self.opens_unnamed

    def revoke_account_consent(self, token: BankToken, *, consent_id: str) -> None:
        self._called("revoke")
        self.consent = "revoked"

    def list_accounts(self, session: BankSession) -> Listing[BankAccount]:
        self._called("accounts")
        listing = Listing(account.listed() for account in self.accounts)
        listing.rejected = (RejectedRow("data.account", "unreadable"),) * self.unread_accounts
        return listing

    def get_balances(self, session: BankSession, *, account_id: str) -> AccountBalances:
        self._called(f"balances {account_id}")
        account = self.account(account_id)
        booked = Money(account.balance, account.currency)
        return account.told or AccountBalances(booked=booked, available=booked, as_of=None)

    def iter_transaction_pages(
        self, session: BankSession, *, account_id: str, start_page: int = 1
    ) -> Iterator[TransactionPage]:
        number = start_page
        while True:
            self._called(f"page {account_id} {number}")
            page = self._page(self.account(account_id), number)
            yield page
            if page.is_last:
                return
            number += 1

    def _page(self, account: HeldAccount, number: int) -> TransactionPage:
        rows = sorted(account.rows, key=lambda row: row.booked_at, reverse=True)
        total_pages = max(1, -(-len(rows) // self.page_size))
        start = (number - 1) * self.page_size
        rejected = (RejectedRow("data.transaction[0]", "unreadable"),) * account.rejected
        return TransactionPage(
            page=number,
            rows=tuple(rows[start : start + self.page_size]),
            rejected=rejected if number == 1 else (),
            total_pages=total_pages,
            total_records=len(rows) + account.rejected if self.counts_rows else None,
            next_params=None,
            is_last=number >= total_pages,
        )

    def _consent(self) -> ConsentAnswer:
        granted = self.consent == "granted"
        return ConsentAnswer(
            status=self.consent,
            request_id="req-1",
            consent_id=self.consent_id if granted else None,
            permissions=("ReadAccountsDetail",),
            expires_at=self.issued_at + timedelta(days=365) if granted else None,
        )

    def _called(self, call: str) -> None:
        self.on_call()
        self.calls[call] += 1
        self.before(call)


def unavailable(_call: str = "") -> errors.BankUnavailable:
    """The failure of a bank that does not answer."""
    return errors.BankUnavailable(bank="vbank", reason="timeout")
