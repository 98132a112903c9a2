"""The client's cards, to be read."""

import sqlite3
from datetime import date
from typing import Any

from flask import Response

from sandbox import guards
from sandbox.answers import ApiError, answer, consent_required
from sandbox.services import services
from sandbox.store.accounts import Account
from sandbox.views import bank_blueprint
from sandbox.wire import money

bp = bank_blueprint("cards")


@bp.get("/cards")
def cards(bank: str) -> Response:
    """List the cards of a client."""
    found = _cards(bank)
    return answer({"data": {"cards": found, "total": len(found)}, "meta": {}})


@bp.get("/cards/<card_id>")
def card(bank: str, card_id: str) -> Response:
    """Show one card; applications never see its full number."""
    for found in _cards(bank):
        if found["cardId"] == card_id:
            return answer({"data": found, "meta": {}})
    raise ApiError(404, "Card not found")


def _cards(bank: str) -> list[dict[str, Any]]:
    refusal = consent_required(
        "Valid consent with 'ReadCards' permission required",
        how_to_get_consent="POST /account-consents with permissions: ['ReadCards']",
    )
    client_id = guards.listed_client(bank, "ReadCards", refusal)
    services().histories.ensure(client_id)
    found = services().accounts.cards(bank=bank, client_id=client_id)
    return [_document(row, account) for row, account in found]


def _document(row: sqlite3.Row, account: Account) -> dict[str, Any]:
    expires = date.fromisoformat(row["expires_on"])
    return {
        "cardId": row["card_id"],
        "cardNumber": f"**** **** **** {row['last_four']}",
        "cardNumberFull": None,
        "cardType": row["kind"],
        "cardName": row["name"],
        "holderName": row["holder_latin"],
        "expiryMonth": expires.month,
        "expiryYear": expires.year,
        "accountNumber": account.number,
        "accountBalance": money(services().accounts.balances(account).booked),
        "status": row["status"],
        "dailyLimit": None if row["daily_limit"] is None else money(row["daily_limit"]),
        "monthlyLimit": None if row["monthly_limit"] is None else money(row["monthly_limit"]),
        "issuedAt": f"{row['issued_on']}T08:00:00Z",
    }
