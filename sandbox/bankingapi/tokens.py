"""The token endpoint of Keycloak: client credentials in a form, tokens that live minutes."""

import hmac

from flask import Blueprint, Response, request

from sandbox.answers import answer
from sandbox.bankingapi.guards import ISSUER
from sandbox.bankingapi.refusals import TokenError
from sandbox.services import services

bp = Blueprint("oauth", __name__)

REALM = "kubernetes"
_FORM = "application/x-www-form-urlencoded"


@bp.post("/auth/realms/<realm>/protocol/openid-connect/token")
def issue(bank: str, realm: str) -> Response:
    """Give an application its token."""
    if realm != REALM:
        raise TokenError(404, "Realm does not exist")
    if request.mimetype != _FORM:
        raise TokenError(415, "HTTP 415 Unsupported Media Type")
    _check_grant(request.form.get("grant_type"))
    settings = services().settings
    client_id = _known_client(request.form.get("client_id", ""), request.form.get("client_secret", ""))
    life = settings.oauth_token_life
    token = services().tokens.issue(bank=ISSUER, kind="application", subject=client_id, life=life)
    return answer(
        {
            "access_token": token,
            "expires_in": life,
            "refresh_expires_in": 0,
            "token_type": "Bearer",
            "not-before-policy": 0,
            "scope": "openid profile email",
        }
    )


def _check_grant(grant: str | None) -> None:
    if grant is None:
        raise TokenError(400, "invalid_request", "Missing form parameter: grant_type")
    if grant != "client_credentials":
        raise TokenError(400, "unsupported_grant_type", "Unsupported grant_type")


def _known_client(client_id: str, secret: str) -> str:
    settings = services().settings
    is_known = client_id == settings.oauth_client_id
    if not hmac.compare_digest(secret.encode(), settings.oauth_client_secret.encode()) or not is_known:
        raise TokenError(401, "unauthorized_client", "Invalid client or Invalid client credentials")
    return client_id
