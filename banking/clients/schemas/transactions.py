"""Clients: a page of an account's transactions.

The one parser that sees millions of rows: the usual form of each field is read on a short path, every
other form falls through to the shared readers.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from banking.clients.answers import Answer
from banking.clients.schemas.accounts import last_four
from banking.clients.schemas.fields import (
    LONGEST_ID,
    YEARS,
    BadField,
    RejectedRow,
    Row,
    amount,
    body_of,
    count,
    currency_code,
    items_of,
    mapping,
    moment,
    opaque_id,
    optional_moment,
    read_rows,
    text,
)
from financehub.money import minor_units

TransactionStatus = Literal["pending", "booked", "declined"]

# Any other word means that the money has moved.
STATUSES: dict[str, TransactionStatus] = {"pending": "pending", "declined": "declined"}
DIRECTIONS = {"credit": 1, "debit": -1}
TWO_DIGITS = re.compile(r"\d{1,13}\.\d\d", re.ASCII)
MCC = re.compile(r"\d{4}", re.ASCII)
FIRST_YEAR, LAST_YEAR = YEARS[0], YEARS[-1]
LENGTH_OF_DATE = len("2025-11-01")
LONGEST_LINK = 2000
MOST_LINK_PARAMS = 10

MOSCOW = ZoneInfo("Europe/Moscow")
MOSCOW_OFFSET = timedelta(hours=3)
MOSCOW_OFFSET_SINCE = datetime(2014, 10, 26, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class BankTransaction:
    """One row as the bank tells it: `amount` is signed, money out is negative.

    `booking_date` is the day as sent where the bank sends a day only, else the day in Moscow.
    `raw` is the row's own JSON object, numbers as Decimal.
    """

    external_id: str | None
    amount: Decimal
    currency: str
    status: TransactionStatus
    booked_at: datetime
    booking_date: date
    value_at: datetime | None
    description: str = field(repr=False)
    bank_code: str
    merchant_name: str = field(repr=False)
    merchant_id: str
    mcc: str
    merchant_category: str
    merchant_city: str
    card_last4: str
    counterparty: str = field(repr=False)
    raw: dict[str, Any] = field(repr=False, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionPage:
    """One page. Only a page with `is_last` ends the history; without it, the rest is still at the bank."""

    page: int
    rows: tuple[BankTransaction, ...]
    rejected: tuple[RejectedRow, ...]
    total_pages: int | None
    total_records: int | None
    next_params: dict[str, str] | None
    is_last: bool


def parse_transaction_page(answer: Answer, *, page: int) -> TransactionPage:
    """The rows of one page and what the bank says about the pages after it.

    The end is where the bank puts it, never a short or an empty page: `totalPages` reached, or, where
    there is no such count, no `next`. A bank that says neither has no pages.
    """
    body = body_of(answer)
    items, path = items_of(answer, body, "transaction", "transactions", sign="transactionId")
    rows = read_rows(items, _transaction, path=path)
    meta = mapping(body.get("meta"))
    total_pages = count(meta.get("totalPages"))
    next_params = _next_params(mapping(body.get("links")).get("next"))
    return TransactionPage(
        page=page,
        rows=tuple(rows),
        rejected=rows.rejected,
        total_pages=total_pages,
        total_records=count(meta.get("totalRecords")),
        next_params=next_params,
        is_last=next_params is None if total_pages is None else page >= total_pages,
    )


def _next_params(link: Any) -> dict[str, str] | None:
    """The query of a next link. Host and path are not the bank's to choose."""
    if not isinstance(link, str) or not 0 < len(link) <= LONGEST_LINK:
        return None
    try:
        pairs = parse_qsl(urlsplit(link).query, max_num_fields=MOST_LINK_PARAMS)
    except ValueError:
        return None
    return dict(pairs) or None


def _transaction(row: Row) -> BankTransaction:
    get = row.get
    sent = mapping(get("amount"))
    currency, has_two_digits = _currency(sent.get("currency"))
    booked_at, booking_date, value_at = _times(row)
    merchant = mapping(get("merchant"))
    return BankTransaction(
        external_id=_external_id(get("transactionId")),
        amount=_signed(sent.get("amount"), currency, has_two_digits, get("creditDebitIndicator")),
        currency=currency,
        status=_status(get("status")),
        booked_at=booked_at,
        booking_date=booking_date,
        value_at=value_at,
        description=text(get("transactionInformation"), 1000),
        bank_code=_bank_code(get("bankTransactionCode")),
        merchant_name=text(merchant.get("name"), 200),
        merchant_id=text(merchant.get("merchantId"), 100),
        mcc=_mcc(merchant.get("mccCode")),
        merchant_category=text(merchant.get("category"), 64),
        merchant_city=text(merchant.get("city") or mapping(get("transactionLocation")).get("city"), 100),
        card_last4=last_four(mapping(get("card")).get("cardNumber")),
        counterparty=text(get("counterparty"), 200),
        raw=row,
    )


def _external_id(value: Any) -> str | None:
    found = value if type(value) is str and value else opaque_id(value)
    if found is not None and len(found) > LONGEST_ID:
        raise BadField("transactionId", "not usable as an id")
    return found


def _currency(value: Any) -> tuple[str, bool]:
    if type(value) is not str:
        raise BadField("amount.currency", "not a three-letter currency")
    return _known_currency(value)


@lru_cache(maxsize=64)
def _known_currency(value: str) -> tuple[str, bool]:
    code = currency_code(value, "amount.currency")
    return code, minor_units(code) == 2


def _signed(value: Any, currency: str, has_two_digits: bool, indicator: Any) -> Decimal:
    """The direction is the indicator's alone: a row without one is not guessed at."""
    sign = DIRECTIONS.get(indicator.lower()) if type(indicator) is str else None
    if sign is None:
        raise BadField("creditDebitIndicator", "neither credit nor debit")
    found: Decimal | None
    if has_two_digits and type(value) is str and TWO_DIGITS.fullmatch(value):
        found = Decimal(value)
    else:
        found = amount(value, currency, "amount.amount")
        if found is None:
            raise BadField("amount.amount", "missing")
        found = abs(found)
    return found if sign > 0 else -found


def _status(value: Any) -> TransactionStatus:
    return STATUSES.get(value.strip().lower(), "booked") if type(value) is str else "booked"


def _times(row: Row) -> tuple[datetime, date, datetime | None]:
    """When it was booked, on which day, and when it counts."""
    booked: Any = row.get("bookingDateTime")
    value: Any = row.get("valueDateTime")
    if not booked:
        booked = value
    try:
        booked_at = datetime.fromisoformat(booked)
    except (TypeError, ValueError):
        booked_at = moment(booked, "bookingDateTime")
    if booked_at.tzinfo is not UTC or not FIRST_YEAR <= booked_at.year <= LAST_YEAR:
        booked_at = moment(booked, "bookingDateTime")
    value_at = booked_at if value == booked else optional_moment(value)
    if len(booked) <= LENGTH_OF_DATE:
        return booked_at, booked_at.date(), value_at
    if booked_at >= MOSCOW_OFFSET_SINCE:
        return booked_at, (booked_at + MOSCOW_OFFSET).date(), value_at
    return booked_at, booked_at.astimezone(MOSCOW).date(), value_at


def _bank_code(value: Any) -> str:
    return text(value.get("code") if type(value) is dict else value, 64)


def _mcc(value: Any) -> str:
    shown = f"{value:04}" if type(value) is int and value > 0 else value
    return shown if isinstance(shown, str) and MCC.fullmatch(shown) else ""
