"""Tokens for applications and for clients."""

import hmac

from flask import Response

from sandbox import guards
from sandbox.answers import ApiError, answer, body_fields, query_values
from sandbox.services import services
from sandbox.settings import DEMO_CLIENT_PASSWORD
from sandbox.store.histories import UnknownClientError
from sandbox.views import bank_blueprint

bp = bank_blueprint("tokens")

# The banks always announce a day; how long a token really lives is a switch.
_ANNOUNCED_LIFE = 86_400


@bp.post("/auth/bank-token")
def issue(bank: str) -> Response:
    """Give an application its token; id and secret come in the query."""
    client_id, secret = query_values("client_id", "client_secret")
    settings = services().settings
    if client_id != settings.team_id:
        raise ApiError(401, "Invalid client_id")
    if not hmac.compare_digest(secret.encode(), settings.team_secret.encode()):
        raise ApiError(401, "Invalid client_secret")
    life = services().switches.of(bank).token_life
    token = services().tokens.issue(bank=bank, kind="team", subject=client_id, life=life)
    return answer(
        {
            "access_token": token,
            "token_type": "bearer",
            "client_id": client_id,
            "algorithm": "HS256",
            "expires_in": _ANNOUNCED_LIFE,
        },
    )


@bp.post("/auth/login")
def login(bank: str) -> Response:
    """Give a client a token of their own."""
    body = body_fields(username=str, password=str)
    life = services().switches.of(bank).token_life
    token = client_token(bank, body["username"], body["password"], life=life)
    if token is None:
        raise ApiError(401, "Invalid credentials")
    return answer({"access_token": token, "token_type": "bearer", "client_id": body["username"]})


@bp.get("/auth/me")
def me(bank: str) -> Response:
    """Say whose token this is."""
    return answer({"client_id": guards.client(bank), "type": "client"})


def client_token(bank: str, client_id: str, password: str, *, life: int) -> str | None:
    """Return a token for the right password: the team's secret, or the documented one of the demo."""
    settings = services().settings
    good = [
        hmac.compare_digest(password.encode(), known.encode())
        for known in (settings.team_secret, DEMO_CLIENT_PASSWORD)
    ]
    if not any(good):
        return None
    try:
        services().histories.index_of(client_id)
    except UnknownClientError:
        return None
    return services().tokens.issue(bank=bank, kind="client", subject=client_id, life=life)
