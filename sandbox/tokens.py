"""HS256 tokens, good only at the bank that signed them."""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass
from typing import Any

_HEADER = {"alg": "HS256", "typ": "JWT"}


class InvalidTokenError(Exception):
    """The token is garbage, expired, recalled or another bank's."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a good token says: `kind` is "team" or "client"."""

    kind: str
    subject: str


class TokenIssuer:
    """Makes and checks the tokens of all banks."""

    def __init__(self, master_secret: str) -> None:
        self._master = hashlib.sha256(b"sandbox-tokens:" + master_secret.encode()).digest()
        self._recalled_before: dict[str, float] = {}

    def issue(self, *, bank: str, kind: str, subject: str, life: int) -> str:
        """Sign a token."""
        now = time.time()
        claims = {
            "sub": subject,
            "client_id": subject,
            "type": kind,
            "iss": bank,
            "aud": "openbanking",
            "iat": now,
            "exp": now + life,
            "jti": secrets.token_hex(8),
        }
        if kind == "client":
            claims["bank"] = "self"
        signed = f"{_encode(_HEADER)}.{_encode(claims)}"
        return f"{signed}.{self._signature(bank, signed)}"

    def check(self, *, bank: str, token: str) -> Claims:
        """Return the claims of a good token."""
        signed, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(bank, signed).encode()):
            raise InvalidTokenError
        claims = _decode(signed.partition(".")[2])
        if claims["exp"] <= time.time() or claims["iat"] <= self._recalled_before.get(bank, 0):
            raise InvalidTokenError
        return Claims(kind=claims["type"], subject=claims["sub"])

    def recall(self, *, bank: str) -> None:
        """Make every token issued so far worthless."""
        self._recalled_before[bank] = time.time()

    def form_mark(self, *, bank: str, token: str) -> str:
        """Return the mark that proves a form was sent from a page made for this token."""
        return hmac.new(self._key(bank), b"form:" + token.encode(), hashlib.sha256).hexdigest()

    def _key(self, bank: str) -> bytes:
        return hmac.digest(self._master, bank.encode(), "sha256")

    def _signature(self, bank: str, signed: str) -> str:
        digest = hmac.digest(self._key(bank), signed.encode(), "sha256")
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _encode(document: dict[str, Any]) -> str:
    raw = json.dumps(document, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> dict[str, Any]:
    try:
        document = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError) as error:
        raise InvalidTokenError from error
    if not isinstance(document, dict):
        raise InvalidTokenError
    return document
