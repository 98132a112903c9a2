"""Account consents: the application asks, polls and revokes; the client signs."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, request

from sandbox import guards
from sandbox.answers import ApiError, answer, body_fields
from sandbox.services import services
from sandbox.store.consents import Consent, ConsentRequest, RequestGoneError
from sandbox.store.histories import UnknownClientError
from sandbox.views import bank_blueprint
from sandbox.wire import unzoned, zoned

bp = bank_blueprint("consents")

_NOBODY = "test_bank"
_WAITING_LIFE = timedelta(days=90)
_WIRE_STATUS = {"active": "Authorized", "revoked": "Revoked", "expired": "Expired"}


@bp.post("/account-consents/request")
def ask(bank: str) -> Response:
    """Take an application's request; an automatic bank grants it at once."""
    guards.team(bank)
    body = body_fields(client_id=str, permissions=list)
    client_id = body["client_id"]
    try:
        services().histories.ensure(client_id)
    except UnknownClientError:
        raise ApiError(404, f"Client {client_id} not found") from None
    granted_to = request.headers.get("X-Requesting-Bank") or body.get("requesting_bank") or _NOBODY
    asked = services().consents.request(
        bank=bank,
        client_id=client_id,
        granted_to=str(granted_to),
        granted_to_name=str(body.get("requesting_bank_name") or "Test Bank"),
        permissions=[str(permission) for permission in body["permissions"]],
        reason=str(body.get("reason") or ""),
        approve=services().switches.of(bank).auto_approve,
    )
    return answer(_asked(asked))


@bp.get("/account-consents/<any_id>")
def show(bank: str, any_id: str) -> Response:
    """Tell how a request or a consent stands."""
    claims = guards.caller(bank)
    asked = services().consents.find_request(bank=bank, request_id=any_id)
    if asked and claims.subject not in {asked.granted_to, asked.client_id}:
        raise ApiError(404, "Consent not found")
    if asked and (asked.consent_id is None or _hides_signing(bank)):
        return answer(_waiting_document(bank, asked))
    consent_id = asked.consent_id if asked and asked.consent_id else any_id
    consent = _consent_or_404(bank, consent_id)
    if claims.subject not in {consent.granted_to, consent.client_id}:
        raise ApiError(404, "Consent not found")
    return answer(_consent_document(bank, consent))


@bp.delete("/account-consents/<consent_id>")
def revoke(bank: str, consent_id: str) -> Response:
    """End a consent at the application's wish; only its own."""
    team = guards.team(bank)
    consent = _consent_or_404(bank, consent_id)
    if consent.granted_to != team:
        raise ApiError(404, "Consent not found")
    services().consents.revoke(bank=bank, consent_id=consent_id)
    return Response(status=204, content_type="application/json")


@bp.get("/account-consents/requests")
def waiting(bank: str) -> Response:
    """List what waits for the client's signature."""
    requests = services().consents.waiting(bank=bank, client_id=guards.client(bank))
    return answer({"requests": [_waiting_line(asked) for asked in requests]})


@bp.post("/account-consents/sign")
def sign(bank: str) -> Response:
    """Approve or refuse a request as the client."""
    client_id = guards.client(bank)
    body = body_fields(request_id=str, action=str)
    if body["action"] not in {"approve", "reject"}:
        raise ApiError(400, f"Invalid action: {body['action']}")
    request_id = body["request_id"]
    try:
        consent = services().consents.decide(
            bank=bank, request_id=request_id, client_id=client_id, approve=body["action"] == "approve"
        )
    except RequestGoneError:
        raise ApiError(404, f"Consent request {request_id} not found or already processed") from None
    if consent is None:
        return answer({"request_id": request_id, "status": "rejected"})
    return answer(
        {
            "consent_id": consent.consent_id,
            "status": "active",
            "granted_to": consent.granted_to,
            "permissions": consent.permissions,
            "expires_at": unzoned(consent.expires_at),
            "signed_at": unzoned(consent.created_at),
        },
    )


@bp.get("/account-consents/my-consents")
def mine(bank: str) -> Response:
    """List the client's active consents."""
    consents = services().consents.active(bank=bank, client_id=guards.client(bank))
    return answer({"consents": [_own_line(consent) for consent in consents]})


@bp.delete("/account-consents/my-consents/<consent_id>")
def withdraw(bank: str, consent_id: str) -> Response:
    """End a consent at the client's wish."""
    client_id = guards.client(bank)
    if _consent_or_404(bank, consent_id).client_id != client_id:
        raise ApiError(404, "Consent not found")
    ended = services().consents.revoke(bank=bank, consent_id=consent_id)
    return answer({"consent_id": consent_id, "status": "Revoked", "revoked_at": unzoned(ended)})


def _hides_signing(bank: str) -> bool:
    """Tell whether the bank never reports by the request id that the client signed."""
    return services().switches.of(bank).dialect == "published"


def _consent_or_404(bank: str, consent_id: str) -> Consent:
    consent = services().consents.find(bank=bank, consent_id=consent_id)
    if consent is None:
        raise ApiError(404, "Consent not found")
    return consent


def _asked(asked: ConsentRequest) -> dict[str, Any]:
    if asked.consent_id is None:
        return {
            "request_id": asked.request_id,
            "status": "pending",
            "message": "Запрос отправлен на одобрение",
            "created_at": unzoned(asked.created_at),
            "auto_approved": False,
        }
    return {
        "request_id": asked.request_id,
        "consent_id": asked.consent_id,
        "status": "approved",
        "message": "Согласие одобрено автоматически",
        "created_at": unzoned(asked.created_at),
        "auto_approved": True,
    }


def _waiting_document(bank: str, asked: ConsentRequest) -> dict[str, Any]:
    refused = asked.status == "rejected" and not _hides_signing(bank)
    return _document(
        any_id=asked.request_id,
        status="Rejected" if refused else "AwaitingAuthorization",
        created=asked.created_at,
        changed=(asked.decided_at if refused else None) or asked.created_at,
        permissions=asked.permissions,
        expires=datetime.now(UTC) + _WAITING_LIFE,
    )


def _consent_document(bank: str, consent: Consent) -> dict[str, Any]:
    expired_unseen = consent.status == "expired" and _hides_signing(bank)
    return _document(
        any_id=consent.consent_id,
        status="Authorized" if expired_unseen else _WIRE_STATUS[consent.status],
        created=consent.created_at,
        changed=consent.changed_at,
        permissions=consent.permissions,
        expires=consent.expires_at,
    )


def _document(
    *, any_id: str, status: str, created: datetime, changed: datetime, permissions: Any, expires: datetime
) -> dict[str, Any]:
    return {
        "data": {
            "consentId": any_id,
            "status": status,
            "creationDateTime": zoned(created),
            "statusUpdateDateTime": zoned(changed),
            "permissions": permissions,
            "expirationDateTime": zoned(expires),
        },
        "links": {"self": f"/account-consents/{any_id}"},
        "meta": {},
    }


def _waiting_line(asked: ConsentRequest) -> dict[str, Any]:
    return {
        "request_id": asked.request_id,
        "requesting_bank": asked.granted_to,
        "requesting_bank_name": asked.granted_to_name,
        "permissions": asked.permissions,
        "reason": asked.reason,
        "created_at": unzoned(asked.created_at),
        "status": "pending",
    }


def _own_line(consent: Consent) -> dict[str, Any]:
    return {
        "consent_id": consent.consent_id,
        "granted_to": consent.granted_to,
        "permissions": consent.permissions,
        "status": "active",
        "signed_at": unzoned(consent.created_at),
        "expires_at": unzoned(consent.expires_at),
        "last_accessed": consent.last_used_at and unzoned(consent.last_used_at),
    }
