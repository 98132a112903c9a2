"""How the banks write money, times and rows on the wire."""

import json
from datetime import UTC, datetime
from typing import Any

from sandbox.history.days import from_epoch
from sandbox.history.entries import Entry
from sandbox.history.merchants import Merchant
from sandbox.history.seeds import stable_hash

PLAIN_STATUS = {"completed": "Booked", "pending": "Pending", "declined": "Declined"}
_FOREIGN_TOWNS = {"NLD": "Амстердам"}


def money(kopecks: int) -> str:
    """Write an amount as the banks do: two decimals, the minus in front."""
    sign = "-" if kopecks < 0 else ""
    roubles, rest = divmod(abs(kopecks), 100)
    return f"{sign}{roubles}.{rest:02d}"


def compact(document: Any) -> str:
    """Write JSON without spaces, Cyrillic unescaped."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def zoned(moment: datetime) -> str:
    """Write a moment in UTC with microseconds and a Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def unzoned(moment: datetime) -> str:
    """Write a moment in UTC the other way of these banks: without any zone."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


def transaction(
    entry: Entry, *, account_id: str, currency: str, town: str, card: dict[str, str] | None
) -> dict[str, Any]:
    """Return the document of one row."""
    booked = from_epoch(entry.at).strftime("%Y-%m-%dT%H:%M:%SZ")
    merchant = entry.merchant
    return {
        "accountId": account_id,
        "transactionId": entry.tx_id,
        "amount": {"amount": money(abs(entry.amount)), "currency": currency},
        "creditDebitIndicator": "Credit" if entry.amount > 0 else "Debit",
        "status": entry.status,
        "bookingDateTime": booked,
        "valueDateTime": booked,
        "transactionInformation": entry.text,
        "bankTransactionCode": {"code": entry.code},
        "merchant": merchant and _merchant(merchant, entry, town),
        "transactionLocation": _location(entry, town),
        "card": card,
        "counterparty": entry.counterparty,
    }


def plain_transaction(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row as a bank without merchant data writes it."""
    left_out = {"merchant", "transactionLocation", "card", "counterparty"}
    plain = {name: value for name, value in row.items() if name not in left_out}
    plain["status"] = PLAIN_STATUS.get(row["status"], "Booked")
    return plain


def _merchant(merchant: Merchant, entry: Entry, town: str) -> dict[str, Any]:
    country = "NLD" if entry.text.endswith("NLD") else "RUS"
    known_town = stable_hash(entry.tx_id, "town") % 5 > 0
    return {
        "merchantId": merchant.id,
        "name": merchant.name,
        "mccCode": merchant.mcc,
        "category": merchant.category,
        "city": _FOREIGN_TOWNS.get(country, town) if known_town else None,
        "country": country,
        "address": None,
    }


def _location(entry: Entry, town: str) -> dict[str, str] | None:
    if entry.merchant is None or stable_hash(entry.tx_id, "location") % 2:
        return None
    return {"city": town, "country": "RUS"}
