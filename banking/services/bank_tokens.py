"""Services: tokens of partner banks, signed with a key of ours and verified by its public half."""

import re
import secrets
from datetime import datetime, timedelta
from typing import Any

import jwt
import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from banking.models import BankKey, PartnerBank
from financehub import crypto
from financehub.errors import DomainError
from financehub.users.models import User

log = structlog.get_logger(__name__)

ALGORITHM = "RS256"
AUDIENCE = "interbank"
TOKEN_TYPE = "bank"  # noqa: S105  a claim, not a secret
LIFE = timedelta(minutes=60)
KEY_SIZE = 2048
LONGEST_TOKEN = 4096
KID = re.compile(r"[a-z0-9-]{1,64}")
# Whatever else a header names (jku, x5u, jwk, crit, …) would be a key, or a rule, of the sender's choice.
HEADER = frozenset({"alg", "kid", "typ"})
REQUIRED = ["exp", "iat", "jti", "sub", "iss", "aud", "type"]


class NotTheirBanker(DomainError):
    """Neither an administrator nor a banker of that very bank."""

    code = "not_their_banker"
    message = _("Токен банка выдаётся администратору и сотруднику этого банка.")


class UnknownPartner(DomainError):
    code = "unknown_partner"
    message = _("Такого партнёра нет, или он отключён.")


class InvalidBankToken(DomainError):
    """Forged, expired, for somebody else, or its partner does not work with us any more."""

    code = "invalid_bank_token"
    message = "Invalid bank token"


def issue(
    *, user: User, bank_code: str, audience: str = AUDIENCE, purpose: str = AUDIENCE, now: datetime
) -> str:
    """A token for a partner bank, good for an hour; raises NotTheirBanker or UnknownPartner.

    Who may not have it is told so before it is looked up whether there is such a partner.
    """
    code = bank_code.lower()
    is_banker = user.role == User.Role.BANKER and user.bank_code == code != ""
    if not is_banker and user.role != User.Role.ADMIN:
        raise NotTheirBanker
    if not PartnerBank.objects.filter(code=code, is_active=True).exists():
        raise UnknownPartner
    key, private = _signing_pair(now=now)
    claims = {
        "sub": code,
        "iss": code,
        "aud": audience,
        "type": TOKEN_TYPE,
        "purpose": purpose,
        "jti": secrets.token_hex(16),
        "iat": now,
        "exp": now + LIFE,
    }
    log.info("bank_token_issued", partner=code, person=user.pk, kid=key.kid)
    return jwt.encode(claims, private, algorithm=ALGORITHM, headers={"kid": key.kid})


def verify(raw: str, *, now: datetime) -> PartnerBank:
    """The partner bank that a token speaks for; raises InvalidBankToken."""
    try:
        claims = jwt.decode(
            raw,
            _public_key(raw, now=now),
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            options={"require": REQUIRED},
        )
    except jwt.InvalidTokenError as error:
        raise InvalidBankToken from error
    if claims["type"] != TOKEN_TYPE or claims["iss"] != claims["sub"]:
        raise InvalidBankToken
    partner = PartnerBank.objects.filter(code=claims["sub"], is_active=True).first()
    if partner is None:
        raise InvalidBankToken
    return partner


def rotate(*, now: datetime) -> BankKey:
    """Sign with a new key from now on; the one before verifies until its last token has ended.

    Of two that rotate at once the first does it for both.
    """
    try:
        with transaction.atomic():
            BankKey.objects.signing().update(is_signing=False, retires_at=now + LIFE)
            BankKey.objects.filter(retires_at__lte=now).delete()
            return _make_key(now=now)
    except IntegrityError:
        return BankKey.objects.signing().get()


def published(*, now: datetime) -> list[dict[str, Any]]:
    """The public halves as a JSON Web Key Set lists them; makes the first key if there is none."""
    signing_key(now=now)
    return [_as_jwk(key) for key in BankKey.objects.verifying(now).order_by("-is_signing", "-created_at")]


def signing_key(*, now: datetime) -> BankKey:
    """The key that signs, made at the first need: of several makers one wins, for all of them."""
    key = BankKey.objects.signing().first()
    if key is not None:
        return key
    try:
        with transaction.atomic():
            return _make_key(now=now)
    except IntegrityError:
        return BankKey.objects.signing().get()


def _signing_pair(*, now: datetime) -> tuple[BankKey, str]:
    """The key that signs and its private half; one that cannot be opened any more gives way to a new one."""
    key = signing_key(now=now)
    try:
        return key, key.open_private()
    except crypto.UnreadableSecret:
        log.warning("bank_key_unreadable", kid=key.kid)
        fresh = rotate(now=now)
        return fresh, fresh.open_private()


def _make_key(*, now: datetime) -> BankKey:
    private = rsa.generate_private_key(public_exponent=65537, key_size=KEY_SIZE)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    kid = f"financehub-{now:%Y%m%d}-{secrets.token_hex(4)}"
    return BankKey.objects.create(
        kid=kid,
        public_pem=public.decode(),
        private_sealed=crypto.seal(pem.decode(), owner=BankKey.owner_of(kid)),
        created_at=now,
    )


def _public_key(raw: str, *, now: datetime) -> str:
    """The key that a token names, out of ours only; raises InvalidBankToken."""
    if len(raw) > LONGEST_TOKEN:
        raise InvalidBankToken
    header = jwt.get_unverified_header(raw)
    kid = header.get("kid", "")
    if not HEADER.issuperset(header) or header.get("alg") != ALGORITHM or not KID.fullmatch(kid):
        raise InvalidBankToken
    key = BankKey.objects.verifying(now).filter(kid=kid).first()
    if key is None:
        raise InvalidBankToken
    return key.public_pem


def _as_jwk(key: BankKey) -> dict[str, Any]:
    public = serialization.load_pem_public_key(key.public_pem.encode())
    if not isinstance(public, rsa.RSAPublicKey):
        raise TypeError(f"{key.kid} is no RSA key")
    numbers = jwt.algorithms.RSAAlgorithm.to_jwk(public, as_dict=True)
    return {
        "kty": "RSA",
        "use": "sig",
        "alg": ALGORITHM,
        "kid": key.kid,
        "n": numbers["n"],
        "e": numbers["e"],
    }
