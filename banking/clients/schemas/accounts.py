"""Clients: accounts, their balances and cards as a bank lists them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from banking.clients.answers import Answer
from banking.clients.schemas.fields import (
    BadField,
    Listing,
    RejectedRow,
    Row,
    amount,
    body_of,
    count,
    currency_code,
    items_of,
    mapping,
    number,
    optional_date,
    optional_moment,
    read_rows,
    required_id,
    text,
)
from financehub.money import Money

AccountKind = Literal["current", "savings", "deposit", "card", "loan"]

KINDS: dict[str, AccountKind] = {
    "checking": "current",
    "current": "current",
    "currentaccount": "current",
    "savings": "savings",
    "deposit": "deposit",
    "card": "card",
    "creditcard": "card",
    "prepaidcard": "card",
    "loan": "loan",
    "mortgage": "loan",
}
KIND_BY_NUMBER: tuple[tuple[str, AccountKind], ...] = (
    ("42301", "savings"),
    ("423", "deposit"),
    ("455", "loan"),
)
OWED = {"loan", "mortgage", "creditcard"}
CLOSED = {"closed", "disabled", "deleted"}
NUMBER_LISTS = ("account", "accountDetails")
AVAILABLE = ("InterimAvailable", "ClosingAvailable", "ForwardAvailable", "Expected", "OpeningAvailable")
BOOKED = ("InterimBooked", "ClosingBooked", "PreviouslyClosedBooked", "OpeningBooked")


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccount:
    """An account of the client. `is_debt`: what stands on it is owed; a loan's is positive all the same."""

    external_id: str
    kind: AccountKind
    sub_type: str
    currency: str
    is_debt: bool
    is_closed: bool
    number: str = field(repr=False)
    name: str
    opened_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBalances:
    """What the bank says an account holds, or how much is owed on it; the sign is the bank's."""

    booked: Money | None
    available: Money | None
    as_of: datetime | None
    rejected: tuple[RejectedRow, ...] = ()

    @property
    def shown(self) -> Money | None:
        """The one figure to show: available first, as banks show it."""
        return self.available or self.booked


@dataclass(frozen=True, slots=True, kw_only=True)
class BankCard:
    """A card, known by its last digits only; it belongs to the account with `account_number`."""

    external_id: str
    last4: str
    kind: str
    name: str
    status: str
    account_number: str = field(repr=False)
    holder: str = field(repr=False)
    expiry_month: int | None
    expiry_year: int | None
    daily_limit: Decimal | None
    monthly_limit: Decimal | None
    issued_at: datetime | None


def parse_accounts(answer: Answer) -> Listing[BankAccount]:
    """All accounts of the answer. Status and type words decide nothing but the kind."""
    items, path = items_of(answer, body_of(answer), "account", "accounts", sign="accountId")
    return read_rows(items, _account, path=path)


def _account(row: Row) -> BankAccount:
    sub_type = text(row.get("accountSubType"), 40)
    account_number = _number(row)
    name = row.get("nickname") or row.get("accountDescription") or row.get("description")
    return BankAccount(
        external_id=required_id(row, "accountId"),
        kind=KINDS.get(sub_type.lower()) or _kind_by_number(account_number),
        sub_type=sub_type,
        currency=currency_code(row.get("currency"), "currency"),
        is_debt=sub_type.lower() in OWED or account_number.startswith("455"),
        is_closed=text(row.get("status"), 40).lower() in CLOSED,
        number=account_number,
        name=text(name, 150),
        opened_on=optional_date(row.get("openingDate")),
    )


def _number(row: Row) -> str:
    for name in NUMBER_LISTS:
        inner = row.get(name)
        for entry in inner if isinstance(inner, list) else [inner]:
            found = text(mapping(entry).get("identification"), 34)
            if found:
                return found
    return ""


def _kind_by_number(account_number: str) -> AccountKind:
    return next((kind for prefix, kind in KIND_BY_NUMBER if account_number.startswith(prefix)), "current")


def parse_balances(answer: Answer) -> AccountBalances:
    """The booked and the available balance, whatever types the bank has for them."""
    items, path = items_of(answer, body_of(answer), "balance", "balances", sign="amount")
    entries = read_rows(items, _balance, path=path)
    if items and not entries:
        raise answer.invalid(entries.rejected[0].path, entries.rejected[0].reason)
    by_type = {entry.type.lower(): entry for entry in reversed(entries)}
    available = _first(by_type, AVAILABLE)
    booked = _first(by_type, BOOKED)
    if available is None and booked is None and entries:
        available = entries[0]
    chosen = available or booked
    return AccountBalances(
        booked=booked.money if booked else None,
        available=available.money if available else None,
        as_of=chosen.as_of if chosen else None,
        rejected=entries.rejected,
    )


@dataclass(frozen=True, slots=True)
class _Balance:
    type: str
    money: Money
    as_of: datetime | None


def _balance(row: Row) -> _Balance:
    sent = mapping(row.get("amount"))
    currency = currency_code(sent.get("currency"), "amount.currency")
    found = amount(sent.get("amount"), currency, "amount.amount")
    if found is None:
        raise BadField("amount.amount", "missing")
    if found > 0 and text(row.get("creditDebitIndicator"), 10).lower() == "debit":
        found = -found
    return _Balance(text(row.get("type"), 40), Money(found, currency), optional_moment(row.get("dateTime")))


def _first(by_type: dict[str, _Balance], names: tuple[str, ...]) -> _Balance | None:
    return next((by_type[name.lower()] for name in names if name.lower() in by_type), None)


def parse_cards(answer: Answer) -> Listing[BankCard]:
    """The client's cards; a full number, should one come, is not read."""
    items, path = items_of(answer, body_of(answer), "cards", "card", sign="cardId")
    return read_rows(items, _card, path=path)


def _card(row: Row) -> BankCard:
    return BankCard(
        external_id=required_id(row, "cardId"),
        last4=last_four(row.get("cardNumber")),
        kind=text(row.get("cardType"), 16).lower(),
        name=text(row.get("cardName"), 150),
        status=text(row.get("status"), 16).lower(),
        account_number=text(row.get("accountNumber"), 34),
        holder=text(row.get("holderName"), 150),
        expiry_month=count(row.get("expiryMonth")),
        expiry_year=count(row.get("expiryYear")),
        daily_limit=number(row.get("dailyLimit"), "dailyLimit"),
        monthly_limit=number(row.get("monthlyLimit"), "monthlyLimit"),
        issued_at=optional_moment(row.get("issuedAt")),
    )


def last_four(value: Any) -> str:
    """The last digits of a masked number, empty when they are no digits."""
    digits = value[-4:] if isinstance(value, str) else ""
    return digits if len(digits) == 4 and digits.isascii() and digits.isdigit() else ""
