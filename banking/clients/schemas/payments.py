"""Clients: a transfer as it is ordered at a bank, and what the bank says of it and of its consent."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from banking.clients.answers import Answer
from banking.clients.schemas.fields import (
    BadField,
    amount,
    body_of,
    currency_code,
    header_id,
    mapping,
    optional_moment,
    required_id,
    text,
)

PaymentConsentStatus = Literal["waiting", "granted", "used", "rejected", "revoked", "expired"]
PaymentStatus = Literal["in_process", "completed", "rejected"]

CONSENT_STATUSES: dict[str, PaymentConsentStatus] = {
    "pending": "waiting",
    "awaitingauthorization": "waiting",
    "awaitingauthorisation": "waiting",
    "approved": "granted",
    "active": "granted",
    "valid": "granted",
    "authorized": "granted",
    "authorised": "granted",
    "used": "used",
    "consumed": "used",
    "rejected": "rejected",
    "revoked": "revoked",
    "expired": "expired",
}
PAYMENT_STATUSES: dict[str, PaymentStatus] = {
    "acceptedsettlementinprocess": "in_process",
    "acceptedtechnicalvalidation": "in_process",
    "accepted": "in_process",
    "pending": "in_process",
    "acceptedsettlementcompleted": "completed",
    "acceptedcreditsettlementcompleted": "completed",
    "completed": "completed",
    "rejected": "rejected",
    "failed": "rejected",
}
REQUEST_PREFIX = "pcr-"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOrder:
    """One transfer between two accounts, by their numbers; `creditor_bank` only for another bank."""

    debtor_number: str = field(repr=False)
    creditor_number: str = field(repr=False)
    creditor_bank: str | None
    creditor_name: str = field(repr=False)
    amount: Decimal
    currency: str
    comment: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentConsentAnswer:
    """Where a payment consent stands; `granted` always comes with a `consent_id`."""

    status: PaymentConsentStatus
    request_id: str | None
    consent_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAnswer:
    """What became of an order. That the bank took it does not say that the money arrived."""

    payment_id: str
    status: PaymentStatus
    amount: Decimal | None
    currency: str | None
    updated_at: datetime | None


def parse_payment_consent(answer: Answer, *, asked_for: str | None = None) -> PaymentConsentAnswer:
    """A payment consent from the answer to a request, or to a question about the id `asked_for`."""
    body = body_of(answer)
    told = {**body, **mapping(body.get("data"))}
    status = CONSENT_STATUSES.get(text(told.get("status"), 40).lower())
    if status is None:
        raise answer.invalid("status", "unknown")
    consent_id = header_id(told.get("consent_id")) or header_id(told.get("consentId"))
    request_id = header_id(told.get("request_id")) or header_id(told.get("requestId"))
    if asked_for is not None and asked_for.startswith(REQUEST_PREFIX):
        request_id = asked_for
    if consent_id is not None and (consent_id == request_id or consent_id.startswith(REQUEST_PREFIX)):
        request_id, consent_id = request_id or consent_id, None
    if status == "granted" and consent_id is None:
        status = "waiting"
    return PaymentConsentAnswer(status=status, request_id=request_id, consent_id=consent_id)


def parse_payment(answer: Answer) -> PaymentAnswer:
    """A payment; a status that we do not know is no answer to whether the money moved."""
    told = mapping(body_of(answer).get("data"))
    status = PAYMENT_STATUSES.get(text(told.get("status"), 60).lower())
    if status is None:
        raise answer.invalid("data.status", "unknown")
    try:
        payment_id = required_id(told, "paymentId")
    except BadField as bad:
        raise answer.invalid(f"data.{bad.field}", bad.reason) from None
    currency = _currency(told.get("currency"))
    return PaymentAnswer(
        payment_id=payment_id,
        status=status,
        amount=_amount(told.get("amount"), currency),
        currency=currency,
        updated_at=optional_moment(told.get("statusUpdateDateTime")),
    )


def _currency(value: Any) -> str | None:
    try:
        return currency_code(value, "currency")
    except BadField:
        return None


def _amount(value: Any, currency: str | None) -> Decimal | None:
    """The repeated amount; an unreadable one does not make the outcome doubtful."""
    try:
        return None if currency is None else amount(value, currency, "amount")
    except BadField:
        return None
