"""Twenty-four tokens that must not open the API, and not break it either."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from rest_framework.test import APIClient

from financehub.users import actions, tokens
from financehub.users.models import User
from tests.conftest import PASSWORD

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning"),  # forgers use what they have
]


def encoded(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def claims(user: User) -> dict[str, Any]:
    return jwt.decode(str(tokens.AccessToken.for_user(user)), options={"verify_signature": False})


def forged(
    user: User, *, key: Any = None, algorithm: str = "HS256", headers: Any = None, **changes: Any
) -> str:
    """A token of the person's with some claims changed; None takes a claim out."""
    payload = {name: value for name, value in (claims(user) | changes).items() if value is not None}
    return jwt.encode(payload, key or settings.JWT_SIGNING_KEY, algorithm=algorithm, headers=headers)


def unsigned(user: User, algorithm: str) -> str:
    return f"{encoded({'alg': algorithm, 'typ': 'JWT'})}.{encoded(claims(user))}."


def with_rsa(user: User) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return forged(user, key=pem, algorithm="RS256")


def altered_payload(user: User, other_id: int) -> str:
    head, _payload, signature = str(tokens.AccessToken.for_user(user)).split(".")
    return f"{head}.{encoded(claims(user) | {'user_id': other_id})}.{signature}"


def of_deleted_person(user: User) -> str:
    token = str(tokens.AccessToken.for_user(user))
    user.delete()
    return token


def of_blocked_person(user: User) -> str:
    User.objects.filter(pk=user.pk).update(is_active=False)
    return str(tokens.AccessToken.for_user(user))


def from_before_the_new_password(user: User) -> str:
    token = str(tokens.AccessToken.for_user(user))
    actions.change_password(user=user, current=PASSWORD, password="another horse 8", now=datetime.now(UTC))
    return token


def from_now(minutes: int) -> int:
    return int((datetime.now(UTC) + timedelta(minutes=minutes)).timestamp())


OTHER_KEY = "another-key-that-is-long-enough-0123456789"

ATTACKS: dict[str, Callable[[User], str]] = {
    "no algorithm": lambda user: unsigned(user, "none"),
    "no algorithm, mixed case": lambda user: unsigned(user, "nOnE"),
    "signature cut off": lambda user: str(tokens.AccessToken.for_user(user)).rpartition(".")[0] + ".",
    "signature altered": lambda user: str(tokens.AccessToken.for_user(user))[:-4] + "AAAA",
    "payload altered": lambda user: altered_payload(user, user.pk + 1),
    "another key": lambda user: forged(user, key=OTHER_KEY),
    "the key of the sessions": lambda user: forged(user, key=settings.SECRET_KEY),
    "another HMAC": lambda user: forged(user, algorithm="HS512"),
    "RSA": with_rsa,
    "key id with a path": lambda user: forged(user, key=OTHER_KEY, headers={"kid": "../../dev/null"}),
    "key by URL": lambda user: forged(user, key=OTHER_KEY, headers={"jku": "http://127.0.0.1:9/jwks"}),
    "a refresh token": lambda user: tokens.issue(user=user).refresh,
    "another kind": lambda user: forged(user, type="sliding"),
    "no kind": lambda user: forged(user, type=None),
    "expired": lambda user: forged(user, exp=from_now(-1)),
    "no expiry": lambda user: forged(user, exp=None),
    "not valid yet": lambda user: forged(user, nbf=from_now(60)),
    "another audience": lambda user: forged(user, aud="somebody-else"),
    "another issuer": lambda user: forged(user, iss="somebody-else"),
    "nobody's": lambda user: forged(user, user_id=None),
    "of a person by text": lambda user: forged(user, user_id="1 OR 1=1"),
    "of a deleted person": of_deleted_person,
    "of a blocked person": of_blocked_person,
    "from before the new password": from_before_the_new_password,
}


def test_the_table_has_twenty_four_cases() -> None:
    assert len(ATTACKS) == 24


@pytest.mark.parametrize("attack", ATTACKS)
def test_token_is_refused(attack: str, anna: User) -> None:
    token = ATTACKS[attack](anna)
    answer = APIClient().get("/api/v1/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert isinstance(answer.json()["detail"], str)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("attack", [name for name in ATTACKS if name != "a refresh token"])
def test_token_renews_nothing(attack: str, anna: User) -> None:
    token = ATTACKS[attack](anna)
    answer = APIClient().post("/api/v1/auth/refresh", {"refresh_token": token}, format="json")
    assert answer.status_code == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Bearer ...",
        "Bearer a.b.c",
        "Bearer \xff\xfe",
        "Bearer eyJhbGciOiJIUzI1NiJ9.%%%.x",
        f"Bearer {'x' * 20_000}",
        f"Bearer {encoded([])}.{encoded([])}.x",
        f"Bearer {encoded({'alg': ['HS256']})}.{encoded({})}.x",
        "Basic YW5uYTpwYXNzd29yZA==",
        "Token abc",
        "bearer",
        "",
    ],
)
def test_malformed_header_is_refused(anna: User, header: str) -> None:
    answer = APIClient().get("/api/v1/auth/me", headers={"Authorization": header})
    assert answer.status_code == HTTPStatus.UNAUTHORIZED
