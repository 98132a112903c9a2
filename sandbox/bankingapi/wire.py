"""How this door writes: capitals in the envelope, Moscow time, no merchants."""

from datetime import datetime
from typing import Any

from flask import request

from sandbox.history.days import MOSCOW
from sandbox.store.accounts import Account
from sandbox.wire import PLAIN_STATUS, money

SUB_TYPES = {
    "checking": "CurrentAccount",
    "savings": "Savings",
    "deposit": "Savings",
    "loan": "Loan",
    "credit_card": "CreditCard",
}


def moscow(moment: datetime) -> str:
    """Write a moment with Moscow's offset."""
    return moment.astimezone(MOSCOW).isoformat(timespec="seconds")


def envelope(data: dict[str, Any], *, pages: int = 1, page: int = 0) -> dict[str, Any]:
    """Put data between links and meta; pages count from zero."""
    links = {"self": _link(page if "page" in request.args else None)}
    if page + 1 < pages:
        links["next"] = _link(page + 1)
    if page > 0:
        links["prev"] = _link(page - 1)
    return {"Data": data, "Links": links, "Meta": {"totalPages": pages}}


def account(found: Account) -> dict[str, Any]:
    """Return the document of an account."""
    details = {"schemeName": "RU.CBR.AccountNumber", "identification": found.number, "name": found.holder}
    return {
        "accountId": found.external_id,
        "status": "Enabled",
        "statusUpdateDateTime": f"{found.opened_on}T00:00:00+03:00",
        "currency": found.currency,
        "accountType": "Personal",
        "accountSubType": SUB_TYPES[found.kind],
        "accountDescription": found.name,
        "accountDetails": [details],
    }


def balance(found: Account, kind: str, amount: int, at: datetime) -> dict[str, Any]:
    """Return one balance: the amount without a sign, the direction beside it."""
    return {
        "accountId": found.external_id,
        "creditDebitIndicator": "Debit" if amount < 0 else "Credit",
        "type": kind,
        "dateTime": moscow(at),
        "Amount": {"amount": money(abs(amount)), "currency": found.currency},
    }


def transaction(row: dict[str, Any]) -> dict[str, Any]:
    """Return the document of a row, from the one that the banks' own interface shows."""
    booked = moscow(datetime.fromisoformat(row["bookingDateTime"]))
    return {
        "accountId": row["accountId"],
        "transactionId": row["transactionId"],
        "transactionReference": f"Ref {row['transactionId']}",
        "Amount": row["amount"],
        "creditDebitIndicator": row["creditDebitIndicator"],
        "status": PLAIN_STATUS.get(row["status"], "Booked"),
        "bookingDateTime": booked,
        "valueDateTime": booked,
        "transactionInformation": row["transactionInformation"],
    }


def _link(page: int | None) -> str:
    return request.base_url if page is None else f"{request.base_url}?page={page}"
