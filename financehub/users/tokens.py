"""Access and refresh tokens: issued in pairs, renewed once, ended together."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.db import transaction
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import AuthUser, Token
from rest_framework_simplejwt.utils import datetime_from_epoch, get_md5_hash_password

from financehub.errors import DomainError
from financehub.users.models import User


class InvalidRefreshToken(DomainError):
    """Forged, expired, used before, or its person is gone, blocked or has a new password."""

    code = "invalid_refresh_token"
    message = "Invalid refresh token"


class PersonToken(Token):
    """A token that names its person by number and e-mail; roles are looked up at each request."""

    @classmethod
    def for_user(cls, user: AuthUser) -> Self:
        token = super().for_user(user)
        token["user_id"] = user.pk
        token["email"] = user.get_username()
        return token

    def verify(self) -> None:
        super().verify()
        if not isinstance(self.get("user_id"), int):
            raise TokenError("Token names nobody")


class AccessToken(PersonToken):
    """Opens the API for half an hour."""

    token_type = "access"  # noqa: S105  a claim, not a secret
    lifetime = api_settings.ACCESS_TOKEN_LIFETIME


class RefreshToken(PersonToken):
    """Is exchanged once for a new pair.

    simplejwt's own class looks for spent tokens while it parses, before anything is locked; ours
    leaves that question to `refresh`, which asks it under the lock.
    """

    token_type = "refresh"  # noqa: S105  a claim, not a secret
    lifetime = api_settings.REFRESH_TOKEN_LIFETIME


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a sign-in or a renewal hands out."""

    user: User
    access: str
    refresh: str


def issue(*, user: User) -> TokenPair:
    """A new pair. Only the id of the refresh token is stored: the table opens no account."""
    token = RefreshToken.for_user(user)
    OutstandingToken.objects.create(
        user=user,
        jti=token["jti"],
        token="",
        created_at=token.current_time,
        expires_at=datetime_from_epoch(token["exp"]),
    )
    return TokenPair(user=user, access=str(AccessToken.for_user(user)), refresh=str(token))


def refresh(*, raw: str) -> TokenPair:
    """Exchange a refresh token for a new pair, once; raise InvalidRefreshToken otherwise.

    A token that comes a second time was stolen, from its owner or by its owner's rival: all tokens
    of the person end. That must stay even though the caller is refused, hence `durable`.
    """
    token = _parse(raw)
    with transaction.atomic(durable=True):
        pair = _exchange(token)
    if pair is None:
        raise InvalidRefreshToken
    return pair


def revoke(*, raw: str) -> None:
    """End a refresh token at logout; one that is invalid already needs no ending."""
    try:
        token = _parse(raw)
    except InvalidRefreshToken:
        return
    _spend(OutstandingToken.objects.filter(jti=token["jti"]).first())


def forget_expired(*, now: datetime) -> int:
    """Delete what is kept of refresh tokens that have expired; how many rows they were."""
    deleted, _by_model = OutstandingToken.objects.filter(expires_at__lte=now).delete()
    return deleted


def _parse(raw: str) -> RefreshToken:
    try:
        return RefreshToken(raw)  # type: ignore[arg-type]  # simplejwt annotates its own class only
    except TokenError as error:
        raise InvalidRefreshToken from error


def _exchange(token: RefreshToken) -> TokenPair | None:
    """One renewal at a time per person: their row is the lock."""
    user = User.objects.select_for_update(no_key=True).filter(pk=token["user_id"]).first()
    outstanding = OutstandingToken.objects.filter(jti=token["jti"], user=user).first()
    if user is None or outstanding is None:
        return None
    if not _spend(outstanding):
        _revoke_all(user)
        return None
    if not user.is_active or token.get(api_settings.REVOKE_TOKEN_CLAIM) != get_md5_hash_password(
        user.password
    ):
        return None
    return issue(user=user)


def _spend(outstanding: OutstandingToken | None) -> bool:
    """Whether this call was the one that used the token up."""
    if outstanding is None:
        return False
    _row, spent_now = BlacklistedToken.objects.get_or_create(token=outstanding)
    return spent_now


def _revoke_all(user: User) -> None:
    live = OutstandingToken.objects.filter(user=user, blacklistedtoken=None)
    BlacklistedToken.objects.bulk_create(
        [BlacklistedToken(token=token) for token in live], ignore_conflicts=True
    )
