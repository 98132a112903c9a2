"""The bank's front door and health."""

from datetime import UTC, datetime

from flask import Response

from sandbox.answers import answer
from sandbox.banks import BANK_NAMES
from sandbox.views import bank_blueprint
from sandbox.wire import unzoned

bp = bank_blueprint("service")


@bp.get("")
@bp.get("/")
def root(bank: str) -> Response:
    """Say which bank this is."""
    return answer(
        {"bank": BANK_NAMES[bank], "bank_code": bank, "api_version": "2.1", "status": "online"},
    )


@bp.get("/health")
def health(bank: str) -> Response:
    """Say that the bank is up."""
    return answer({"status": "ok", "bank": bank, "timestamp": unzoned(datetime.now(UTC))})


@bp.get("/.well-known/jwks.json")
def keys(bank: str) -> Response:
    """Show the key set, which is a decoration at these banks: the tokens are HS256."""
    key = {
        "kid": f"{bank}-2025",
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "n": "placeholder_modulus",
        "e": "AQAB",
    }
    return answer({"keys": [key]})
