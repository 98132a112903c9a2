"""Decoded answers for the parsers' tests, without a bank."""

from typing import Any

from banking.clients.answers import Answer


def answer(document: Any) -> Answer:
    return Answer(bank="vbank", request_id="interaction-1", status=200, document=document)


def transaction(**changes: Any) -> dict[str, Any]:
    """A purchase; `amount` and `currency` go into their inner object."""
    row = {
        "accountId": "acc-1",
        "transactionId": "tx-1",
        "amount": {"amount": changes.pop("amount", "936.92"), "currency": changes.pop("currency", "RUB")},
        "creditDebitIndicator": "Debit",
        "status": "completed",
        "bookingDateTime": "2025-11-01T02:53:00Z",
        "valueDateTime": "2025-11-01T02:53:00Z",
        "transactionInformation": "Покупка по карте",
        "bankTransactionCode": {"code": "01"},
        "merchant": {
            "merchantId": "merchant-cafe-001",
            "name": "Кафе «Зерно»",
            "mccCode": "5812",
            "category": "restaurant",
            "city": "Казань",
        },
        "transactionLocation": None,
        "card": {"cardNumber": "****0001"},
        "counterparty": None,
    }
    return row | changes


def page_of(*rows: Any, links: Any = None, **meta: Any) -> dict[str, Any]:
    return {"data": {"transaction": list(rows)}, "links": links or {}, "meta": meta}
