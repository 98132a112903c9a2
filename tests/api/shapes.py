"""The shapes of the wire, field by field; an answer may hold more fields, never others."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

Check = Callable[[Any], bool]
Shape = Mapping[str, Check]

INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z")


def text(value: Any) -> bool:
    return isinstance(value, str)


def whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def num(value: Any) -> bool:
    """A JSON number with at most two decimals (read with `parse_float=Decimal`)."""
    return whole(value) or (isinstance(value, Decimal) and -value.as_tuple().exponent <= 2)


def flag(value: Any) -> bool:
    return whole(value) and value in {0, 1}


def yes_or_no(value: Any) -> bool:
    return isinstance(value, bool)


def instant(value: Any) -> bool:
    return text(value) and INSTANT.fullmatch(value) is not None


def day(value: Any) -> bool:
    return text(value) and str(date.fromisoformat(value)) == value


def maybe(check: Check) -> Check:
    return lambda value: value is None or check(value)


def one_of(*words: str) -> Check:
    return lambda value: value in words


def shaped(shape: Shape) -> Check:
    return lambda value: misfits(value, shape) == []


def misfits(value: Mapping[str, Any], shape: Shape) -> list[str]:
    """The fields that are absent or of another type."""
    return [name for name, check in shape.items() if name not in value or not check(value[name])]


CONNECTION: Shape = {
    "id": whole,
    "bank_provider": one_of("vbank", "abank", "sbank"),
    "status": one_of(
        "REQUESTED", "AWAITING", "ACTIVE", "EXPIRED", "REVOKED", "REJECTED", "FAILED", "DISCONNECTED"
    ),
    "last_synced_at": maybe(instant),
    "created_at": instant,
    "bank_name": text,
    "accounts_count": whole,
    "state": text,
    "cause": text,
    "next_run_at": maybe(instant),
    "last_error": maybe(text),
    "approval_url": maybe(text),
    "client_id": text,
}
CONSENT: Shape = {
    "id": text,
    "connection_id": whole,
    "bank_provider": text,
    "bank_name": text,
    "bank_consent_id": maybe(text),
    "scopes": lambda value: isinstance(value, list) and all(map(text, value)),
    "purpose": text,
    "status": one_of("requested", "active", "expired", "rejected", "revoked"),
    "state": text,
    "requested_at": instant,
    "valid_from": maybe(instant),
    "valid_until": maybe(instant),
    "decided_at": maybe(instant),
    "ended_at": maybe(instant),
    "last_used_at": maybe(instant),
}
ACCOUNT: Shape = {
    "id": whole,
    "bank_connection_id": maybe(whole),
    "account_name": text,
    "account_number": maybe(text),
    "account_type": one_of("checking", "savings", "credit", "investment", "loan"),
    "balance": num,
    "currency": text,
    "credit_limit": maybe(num),
    "is_active": flag,
    "last_synced_at": maybe(instant),
    "bank_name": maybe(text),
    "bank_provider": maybe(text),
}
CATEGORY: Shape = {
    "id": whole,
    "name": text,
    "description": text,
    "icon": text,
    "color": text,
    "is_system": flag,
}
TRANSACTION: Shape = {
    "id": whole,
    "account_id": whole,
    "category_id": maybe(whole),
    "amount": num,
    "transaction_type": one_of("income", "expense", "transfer"),
    "description": maybe(text),
    "merchant": maybe(text),
    "transaction_date": instant,
    "is_pending": flag,
    "category": shaped(CATEGORY),
    "currency": text,
    "account_name": text,
    "bank_name": text,
    "external_transaction_id": text,
    "mcc_code": maybe(text),
    "posted_date": day,
    "created_at": instant,
    "updated_at": instant,
    "status": one_of("pending", "booked", "declined"),
    "is_refund": yes_or_no,
    "note": text,
}
SUMMARY: Shape = {
    "total_income": num,
    "total_expenses": num,
    "net_balance": num,
    "period_days": whole,
    "transaction_count": whole,
    "start_date": instant,
    "end_date": instant,
}
CATEGORY_SUM: Shape = {"category": text, "category_id": whole, "total": num, "amount": num, "count": whole}
DAY_SUM: Shape = {"date": day, "expenses": num, "income": num, "net": num}
