"""Payment consents and payments, in the flat form of the hosted banks and the nested one of the published."""

import re
from datetime import datetime
from typing import Any

from flask import Response, request

from sandbox import guards
from sandbox.answers import ApiError, answer, body_fields, crash
from sandbox.services import services
from sandbox.settings import parse_moment
from sandbox.store.histories import UnknownClientError
from sandbox.store.payment_consents import Initiation, PaymentConsent
from sandbox.store.payments import (
    IN_PROCESS,
    ConsentUnusableError,
    ForeignConsentError,
    Payment,
    PaymentRefusedError,
)
from sandbox.views import bank_blueprint
from sandbox.wire import money, unzoned, zoned

bp = bank_blueprint("payments")

_AMOUNT = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,2}0*)?")
_LONGEST_COMMENT = 500
_INVALID_CONSENT = {
    "error": "INVALID_CONSENT",
    "message": "Согласие недействительно, истекло или уже использовано",
}


class BrokenAmountError(Exception):
    """The published server fails on amounts that are not numbers."""


@bp.errorhandler(BrokenAmountError)
def broken_amount(_error: BrokenAmountError) -> Response:
    """Fail as the published server does."""
    return crash()


@bp.post("/payment-consents/request")
def ask(bank: str) -> Response:
    """Take an application's request for one payment; an automatic bank grants it at once."""
    client_id, wanted, valid_until = _asked_nested(bank) if _is_published(bank) else _asked_flat(bank)
    if wanted.amount <= 0:
        raise ApiError(400, "Amount must be positive")
    consent = services().payment_consents.request(
        bank=bank,
        client_id=client_id,
        granted_to=request.headers["X-Requesting-Bank"],
        wanted=wanted,
        valid_until=valid_until,
        approve=services().switches.of(bank).auto_approve_payments,
    )
    return answer(_request_answer(bank, consent))


@bp.get("/payment-consents/<any_id>")
def show_consent(bank: str, any_id: str) -> Response:
    """Tell how a request or a consent stands."""
    return answer(_consent_document(_own_consent(bank, any_id), any_id))


@bp.delete("/payment-consents/<consent_id>")
def revoke(bank: str, consent_id: str) -> Response:
    """End a consent; a request that waits cannot be taken back."""
    consent = _own_consent(bank, consent_id)
    if consent.consent_id is None:
        raise ApiError(404, "Payment consent not found")
    services().payment_consents.revoke(bank=bank, consent_id=consent.consent_id)
    return Response(status=204, content_type="application/json")


@bp.post("/payments")
def pay(bank: str) -> Response:
    """Carry an order out. Status 201 says that it was taken, not that the money arrived."""
    named = guards.team(bank)
    consent_id = request.headers.get("X-Payment-Consent-Id")
    if not consent_id:
        hint = {"consent_request_url": "/payment-consents/request"}
        message = "Требуется согласие клиента на платеж"
        raise ApiError(403, {"error": "PAYMENT_CONSENT_REQUIRED", "message": message} | hint)
    initiation = body_fields(data=dict)["data"].get("initiation")
    if not isinstance(initiation, dict):
        raise ApiError(400, "Missing initiation data")
    order = _initiation(bank, initiation)
    asking = request.headers.get("X-Requesting-Bank", named)
    if asking != named:
        raise _mismatch()
    try:
        payment = services().payments.pay(
            bank=bank,
            client_id=_known_client(request.args.get("client_id")),
            granted_to=asking,
            consent_id=consent_id,
            order=order,
            target_bank=_target_bank(bank, initiation),
            settlement=services().switches.of(bank).settlement,
        )
    except ConsentUnusableError:
        raise ApiError(403, _INVALID_CONSENT) from None
    except ForeignConsentError:
        raise _mismatch() from None
    except PaymentRefusedError as refused:
        raise ApiError(400, str(refused)) from None
    return answer(_payment_document(payment), 201)


@bp.get("/payments/<payment_id>")
def show(bank: str, payment_id: str) -> Response:
    """Tell how a payment stands; one that was under way is finished when the bank no longer delays."""
    team = guards.team(bank)
    payment = services().payments.find(bank=bank, payment_id=payment_id)
    if payment is None or payment.granted_to != team:
        raise ApiError(404, "Payment not found")
    settlement = services().switches.of(bank).settlement
    if payment.status == IN_PROCESS and settlement != "delayed":
        payment = services().payments.settle(payment, settlement)
    return answer(_payment_document(payment))


def _is_published(bank: str) -> bool:
    return services().switches.of(bank).dialect == "published"


def _asked_flat(bank: str) -> tuple[str, Initiation, datetime | None]:
    """Read the hosted form, asked with the application's token."""
    team = guards.team(bank)
    body = body_fields(requesting_bank=str, client_id=str, debtor_account=str)
    if request.headers.get("X-Requesting-Bank") != team:
        raise ApiError(400, "Header x-requesting-bank required")
    if body.get("consent_type", "single_use") != "single_use":
        raise ApiError(400, f"Consent type not supported: {body['consent_type']}")
    wanted = Initiation(
        debtor_account=body["debtor_account"],
        creditor_account=_text(body.get("creditor_account")) or None,
        creditor_name=_text(body.get("creditor_name")),
        amount=_kopecks(bank, body.get("amount")),
        currency=_text(body.get("currency")) or "RUB",
        reference=_text(body.get("reference")),
    )
    return _known_client(body["client_id"]), wanted, _last_moment(body.get("valid_until"))


def _asked_nested(bank: str) -> tuple[str, Initiation, datetime | None]:
    """Read the published form, asked with the client's own token."""
    guards.client(bank)
    if "X-Requesting-Bank" not in request.headers:
        raise ApiError(400, "Header x-requesting-bank required")
    client_id = request.args.get("client_id")
    if not client_id:
        raise ApiError(400, "Query parameter client_id required")
    _known_client(client_id)
    initiation = body_fields(data=dict)["data"].get("initiation")
    if not isinstance(initiation, dict):
        raise ApiError(400, "Missing initiation data")
    if guards.client(bank) != client_id:
        raise ApiError(404, f"Client {client_id} not found")
    return client_id, _initiation(bank, initiation), None


def _initiation(bank: str, document: dict[str, Any]) -> Initiation:
    instructed = _object(document.get("instructedAmount"))
    comment = _text(document.get("comment"))
    remittance = _text(_object(document.get("remittanceInformation")).get("unstructured"))
    return Initiation(
        debtor_account=_text(_object(document.get("debtorAccount")).get("identification")),
        creditor_account=_text(_object(document.get("creditorAccount")).get("identification")) or None,
        creditor_name=_text(document.get("creditorName")),
        amount=_kopecks(bank, instructed.get("amount")),
        currency=_text(instructed.get("currency")) or "RUB",
        reference=(comment or remittance)[:_LONGEST_COMMENT],
    )


def _target_bank(bank: str, initiation: dict[str, Any]) -> str | None:
    """Return where the payee is said to be; the published server asks every bank for the number."""
    named = _text(_object(initiation.get("creditorAccount")).get("bank_code")).lower()
    return None if _is_published(bank) else named or bank


def _known_client(client_id: str | None) -> str:
    if not client_id:
        raise ApiError(400, "Query parameter client_id required")
    try:
        services().histories.ensure(client_id)
    except UnknownClientError:
        raise ApiError(404, f"Client {client_id} not found") from None
    return client_id


def _kopecks(bank: str, sent: Any) -> int:
    text = str(sent) if isinstance(sent, str | int | float) and not isinstance(sent, bool) else ""
    if not text.isascii() or not _AMOUNT.fullmatch(text):
        if _is_published(bank):
            raise BrokenAmountError
        raise ApiError(400, "Invalid amount")
    roubles, _, rest = text.lstrip("+-").partition(".")
    kopecks = int(roubles) * 100 + int((rest + "00")[:2])
    return -kopecks if text.startswith("-") else kopecks


def _last_moment(sent: Any) -> datetime | None:
    try:
        return parse_moment(sent) if isinstance(sent, str) and sent else None
    except ValueError:
        raise ApiError(400, "Invalid valid_until") from None


def _own_consent(bank: str, any_id: str) -> PaymentConsent:
    caller = guards.caller(bank).subject
    consent = services().payment_consents.find(bank=bank, any_id=any_id)
    if consent is None or caller not in {consent.granted_to, consent.client_id}:
        raise ApiError(404, "Payment consent not found")
    return consent


def _request_answer(bank: str, consent: PaymentConsent) -> dict[str, Any]:
    waits = consent.consent_id is None
    document: dict[str, Any] = {
        "request_id": consent.request_id,
        "consent_id": consent.consent_id,
        "status": "pending" if waits else "approved",
        "auto_approved": not waits,
        "message": "Требуется одобрение клиента" if waits else "Согласие одобрено автоматически",
    }
    if _is_published(bank):
        return document | {"expires_in": None if waits else "90 days"}
    ends = consent.valid_until and unzoned(datetime.fromisoformat(consent.valid_until))
    return document | {"consent_type": "single_use", "valid_until": ends}


def _consent_document(consent: PaymentConsent, asked_for: str) -> dict[str, Any]:
    initiation: dict[str, Any] = {
        "instructedAmount": {"amount": money(consent.amount), "currency": consent.currency},
        "debtorAccount": {"identification": consent.debtor_account},
    }
    if consent.creditor_account:
        initiation["creditorAccount"] = {"identification": consent.creditor_account}
    if consent.creditor_name:
        initiation["creditorName"] = consent.creditor_name
    if consent.reference:
        initiation["remittanceInformation"] = {"unstructured": consent.reference}
    return {
        "data": {
            "consentId": consent.consent_id or consent.request_id,
            "status": consent.status,
            "creationDateTime": zoned(datetime.fromisoformat(consent.created_at)),
            "statusUpdateDateTime": zoned(datetime.fromisoformat(consent.changed_at)),
            "initiation": initiation,
        },
        "links": {"self": f"/payment-consents/{asked_for}"},
        "meta": {},
    }


def _payment_document(payment: Payment) -> dict[str, Any]:
    return {
        "data": {
            "paymentId": payment.payment_id,
            "status": payment.status,
            "creationDateTime": zoned(datetime.fromisoformat(payment.created_at)),
            "statusUpdateDateTime": zoned(datetime.fromisoformat(payment.changed_at)),
            "description": payment.description,
            "amount": money(payment.amount),
            "currency": payment.currency,
        },
        "links": {"self": f"/payments/{payment.payment_id}"},
        "meta": {},
    }


def _mismatch() -> ApiError:
    return ApiError(403, {"error": "CONSENT_MISMATCH", "message": "Согласие выдано другому банку"})


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
