"""Who is calling, and what the client has allowed: every data view asks here first."""

from flask import request

from sandbox.answers import ApiError, consent_required
from sandbox.services import services
from sandbox.store.consents import Consent
from sandbox.tokens import Claims, InvalidTokenError


def caller(bank: str) -> Claims:
    """Return the claims of the token that was sent."""
    header = request.headers.get("Authorization")
    if not header:
        raise ApiError(403, "Not authenticated")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise ApiError(403, "Invalid authentication credentials")
    try:
        return services().tokens.check(bank=bank, token=token)
    except InvalidTokenError:
        raise ApiError(401, "Could not validate credentials") from None


def team(bank: str) -> str:
    """Return the application that calls; a client's own token is not enough."""
    claims = caller(bank)
    if claims.kind != "team":
        raise ApiError(401, "Insufficient permissions")
    return claims.subject


def client(bank: str) -> str:
    """Return the client who calls with a token of the login."""
    claims = caller(bank)
    if claims.kind != "client":
        raise ApiError(401, "Insufficient permissions")
    return claims.subject


def listed_client(bank: str, permission: str, refusal: ApiError) -> str:
    """Return whose accounts are asked for in a call with `?client_id=`."""
    claims = caller(bank)
    if "X-Requesting-Bank" not in request.headers:
        return _owner(claims)
    client_id = request.args.get("client_id")
    if not client_id:
        raise ApiError(400, "client_id required for interbank requests")
    check_consent(bank, claims, client_id, permission, refusal)
    return client_id


def check_access(bank: str, client_id: str, permission: str, message: str) -> None:
    """Refuse unless the caller may see this client's account."""
    claims = caller(bank)
    if "X-Requesting-Bank" not in request.headers:
        if _owner(claims) != client_id:
            raise ApiError(403, "Access denied")
        return
    check_consent(bank, claims, client_id, permission, consent_required(message))


def check_consent(bank: str, claims: Claims, client_id: str, permission: str, refusal: ApiError) -> Consent:
    """Return the consent by which this application may do this, or refuse."""
    named = request.headers["X-Requesting-Bank"]
    if claims.kind != "team" or claims.subject != named:
        raise refusal
    for consent in _offered(bank, client_id, named):
        fits = consent.client_id == client_id and consent.granted_to == named
        if fits and consent.is_active and permission in consent.permissions:
            services().consents.note_use(consent)
            return consent
    raise refusal


def _offered(bank: str, client_id: str, named: str) -> list[Consent]:
    """Return the consent of the header; the published dialect takes any active one when it is left out."""
    consent_id = request.headers.get("X-Consent-Id")
    if consent_id:
        consent = services().consents.find(bank=bank, consent_id=consent_id)
        return [consent] if consent else []
    if services().switches.of(bank).dialect == "published":
        return services().consents.active(bank=bank, client_id=client_id, granted_to=named)
    return []


def _owner(claims: Claims) -> str:
    if claims.kind != "client":
        raise ApiError(401, "Client token required for own account access")
    return claims.subject
