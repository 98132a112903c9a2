"""Who gets a bank token, which tokens open nothing, and how keys change under way."""

import base64
import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
import time_machine
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from banking.models import BankKey, PartnerBank
from banking.models.partner import BankKeyQuerySet
from banking.services import bank_tokens, keys
from financehub.users import tokens
from financehub.users.models import User
from tests.api.conftest import read
from tests.factories import UserFactory
from tests.multibank.conftest import ROOT, Desk, api_of, desk_of, token_for

OURS = f"{ROOT}/bank-token"
AUTH = "/api/v1/auth/bank-token"
KEYS = "/.well-known/jwks.json"
OPEN = f"{ROOT}/bank-statistics?bank_code=pbank"
PAST = int((datetime.now(UTC) - timedelta(minutes=1)).timestamp())


def person_api(**fields: Any) -> APIClient:
    return api_of(str(tokens.AccessToken.for_user(UserFactory(**fields))))


# Who gets one


@pytest.mark.parametrize("slash", ["", "/"])
def test_an_administrator_gets_a_token_that_opens_the_calls(
    admin_api: APIClient, partner: PartnerBank, slash: str
) -> None:
    answer = read(admin_api.post(OURS + slash, {"bank_code": "PBank"}, format="json"))
    assert (answer["expires_in"], answer["token_type"]) == (3600, "Bearer")
    claims = jwt.decode(answer["token"], options={"verify_signature": False})
    assert (claims["sub"], claims["iss"], claims["aud"], claims["type"]) == (
        "pbank",
        "pbank",
        "interbank",
        "bank",
    )
    assert claims["exp"] - claims["iat"] == 3600
    assert api_of(answer["token"]).get(OPEN).status_code == 200


def test_the_auth_call_gives_it_in_its_own_shape(admin_api: APIClient, partner: PartnerBank) -> None:
    answer = read(admin_api.post(AUTH, {"bank_code": "pbank"}, format="json"))
    access = answer.pop("access_token")
    assert answer == {"token_type": "Bearer", "algorithm": "RS256", "expires_in": 3600}
    assert api_of(access).get(OPEN).status_code == 200
    other = read(admin_api.post(AUTH, {"bank_code": "pbank", "audience": "ledger"}, format="json"))
    assert api_of(other["access_token"]).get(OPEN).status_code == 401


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ({"role": User.Role.ADMIN}, 200),
        ({"role": User.Role.BANKER, "bank_code": "pbank"}, 200),
        ({"role": User.Role.BANKER, "bank_code": "vbank"}, 403),
        ({"role": User.Role.BANKER}, 403),
        ({"role": User.Role.AUDITOR}, 403),
        ({"bank_code": "pbank"}, 403),
        ({}, 403),
    ],
)
@pytest.mark.parametrize("address", [OURS, AUTH])
def test_only_administrators_and_the_banks_own_bankers_get_one(
    partner: PartnerBank, address: str, who: dict[str, Any], status: int
) -> None:
    assert person_api(**who).post(address, {"bank_code": "pbank"}, format="json").status_code == status


def test_nobody_is_told_which_partners_there_are(
    anna_api: APIClient, admin_api: APIClient, partner: PartnerBank
) -> None:
    known, unknown = (
        anna_api.post(OURS, {"bank_code": code}, format="json") for code in ("pbank", "no-bank")
    )
    assert (known.status_code, known.content) == (403, unknown.content)
    assert admin_api.post(OURS, {"bank_code": "no-bank"}, format="json").status_code == 404
    PartnerBank.objects.update(is_active=False)
    assert admin_api.post(OURS, {"bank_code": "pbank"}, format="json").status_code == 404
    assert APIClient().post(OURS, {"bank_code": "pbank"}, format="json").status_code == 401


# Which ones open nothing


def encoded(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def forged(
    key: BankKey, *, with_key: Any = None, alg: str = "RS256", headers: Any = None, **changes: Any
) -> str:
    """A token of the partner's with some claims changed; None takes a claim out."""
    now = int(timezone.now().timestamp())
    usual = {"sub": "pbank", "iss": "pbank", "aud": "interbank", "type": "bank", "jti": "1"}
    claims = {k: v for k, v in (usual | {"iat": now, "exp": now + 60} | changes).items() if v is not None}
    signed_with = key.open_private() if with_key is None else with_key
    return jwt.encode(claims, signed_with, algorithm=alg, headers={"kid": key.kid} | (headers or {}))


def by_hand(key: BankKey, alg: str, signature: str = "") -> str:
    _head, body, _signature = forged(key).split(".")
    return f"{encoded({'alg': alg, 'kid': key.kid, 'typ': 'JWT'})}.{body}.{signature}"


def signed_with_the_public_key(key: BankKey) -> str:
    """The library refuses to make one, so it is put together by hand."""
    head, body, _ = by_hand(key, "HS256").split(".")
    algorithm = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    signature = algorithm.sign(f"{head}.{body}".encode(), key.public_pem.encode())
    return f"{head}.{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def with_another_rsa_key(key: BankKey) -> str:
    stolen = key.open_private()
    other = bank_tokens.rotate(now=timezone.now() - 2 * bank_tokens.LIFE).open_private()
    assert other != stolen
    return forged(BankKey.objects.signing().get(), with_key=stolen)


def persons(key: BankKey) -> str:
    return str(tokens.AccessToken.for_user(UserFactory(role=User.Role.ADMIN)))


ATTACKS: dict[str, Callable[[BankKey], str]] = {
    "no algorithm": lambda key: by_hand(key, "none"),
    "no algorithm, mixed case": lambda key: by_hand(key, "nOnE"),
    "HMAC with the public key": signed_with_the_public_key,
    "another RSA algorithm": lambda key: forged(key, alg="RS512"),
    "PSS": lambda key: forged(key, alg="PS256"),
    "another RSA key": with_another_rsa_key,
    "signature cut off": lambda key: forged(key).rpartition(".")[0] + ".",
    "signature altered": lambda key: forged(key)[:-6] + "AAAAAA",
    "payload altered": lambda key: forged(key).split(".")[0] + "." + encoded({"sub": "qbank"}) + ".AA",
    "unknown key": lambda key: forged(key, headers={"kid": "financehub-1"}),
    "key id with a path": lambda key: forged(key, headers={"kid": "../../dev/null"}),
    "key id with SQL": lambda key: forged(key, headers={"kid": "' OR 1=1 --"}),
    "no key id": lambda key: forged(key, headers={"kid": ""}),
    "key by URL": lambda key: forged(key, headers={"jku": "http://127.0.0.1:9/jwks.json"}),
    "certificate by URL": lambda key: forged(key, headers={"x5u": "http://127.0.0.1:9/cert"}),
    "key in the header": lambda key: forged(key, headers={"jwk": {"kty": "oct", "k": "AA"}}),
    "critical header": lambda key: forged(key, headers={"crit": ["exp"]}),
    "another audience": lambda key: forged(key, aud="financehub-api"),
    "no audience": lambda key: forged(key, aud=None),
    "another issuer": lambda key: forged(key, iss="qbank"),
    "no issuer": lambda key: forged(key, iss=None),
    "another kind": lambda key: forged(key, type="access"),
    "no kind": lambda key: forged(key, type=None),
    "expired": lambda key: forged(key, exp=PAST),
    "no expiry": lambda key: forged(key, exp=None),
    "not valid yet": lambda key: forged(key, nbf=PAST + 3600),
    "made in the future": lambda key: forged(key, iat=PAST + 3600),
    "nobody's": lambda key: forged(key, sub="nobody", iss="nobody"),
    "of a number": lambda key: forged(key, sub=7, iss="7"),
    "a person's token": persons,
    "too long": lambda key: forged(key, more="x" * 5000),
    "no token at all": lambda _key: "not.a.token",
    "not ASCII": lambda _key: "тест".encode().decode("latin-1"),
}


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("attack", ATTACKS)
def test_a_token_is_refused(attack: str, partner: PartnerBank, key: BankKey) -> None:
    assert api_of(forged(key)).get(OPEN).status_code == 200
    answer = api_of(ATTACKS[attack](key)).get(OPEN)
    assert (answer.status_code, answer.json()) == (401, {"detail": "Invalid bank token"})
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_without_a_token_one_is_asked_for(partner: PartnerBank) -> None:
    for client in (APIClient(), api_of("")):
        answer = client.get(OPEN)
        assert (answer.status_code, answer.json()) == (401, {"detail": "Bank token required"})


def test_a_partner_that_was_switched_off_is_shut_out_at_once(desk: Desk) -> None:
    assert desk.client.get(OPEN).status_code == 200
    PartnerBank.objects.update(is_active=False)
    assert desk.client.get(OPEN).status_code == 401


def test_a_bank_token_opens_nothing_of_a_persons(desk: Desk) -> None:
    for address in ("/api/v1/accounts", "/api/v1/auth/me", "/api/v1/consents/requests", OURS):
        assert desk.client.get(address).status_code == 401


# Keys


def test_the_published_keys_verify_the_tokens(partner: PartnerBank, client: Client) -> None:
    token = token_for(partner)
    answer = client.get(KEYS)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    (found,) = jwt.PyJWKSet.from_dict(answer.json()).keys
    assert found.key_id == jwt.get_unverified_header(token)["kid"]
    assert jwt.decode(token, found.key, algorithms=["RS256"], audience="interbank")["sub"] == "pbank"
    assert set(answer.json()["keys"][0]) == {"kty", "use", "alg", "kid", "n", "e"}


def test_the_key_is_made_at_the_first_need_and_sealed(db: None, client: Client) -> None:
    assert not BankKey.objects.exists()
    first, again = (client.get(KEYS).json() for _ in range(2))
    assert first == again
    key = BankKey.objects.get()
    assert "PRIVATE" not in key.private_sealed
    assert "BEGIN PRIVATE KEY" in key.open_private()


@pytest.mark.django_db(transaction=True)
def test_of_many_that_need_the_first_key_one_makes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    signing, looked, together = BankKeyQuerySet.signing, threading.local(), threading.Barrier(4, timeout=20)
    found: list[str] = []

    def none_at_first(keys: BankKeyQuerySet) -> BankKeyQuerySet:
        """All four see that there is none before the first of them writes."""
        if hasattr(looked, "once"):
            return signing(keys)
        looked.once = True
        together.wait()
        return keys.none()

    def need() -> None:
        try:
            found.append(bank_tokens.signing_key(now=timezone.now()).kid)
        finally:
            connection.close()

    monkeypatch.setattr(BankKeyQuerySet, "signing", none_at_first)
    threads = [threading.Thread(target=need) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [BankKey.objects.get().kid] * 4


def test_keys_change_during_use(desk: Desk, client: Client) -> None:
    old = BankKey.objects.get().kid
    call_command("rotate_bank_keys")
    fresh = desk_of(desk.partner)
    new = BankKey.objects.signing().get().kid
    assert [key["kid"] for key in client.get(KEYS).json()["keys"]] == [new, old]
    assert {each.client.get(OPEN).status_code for each in (desk, fresh)} == {200}

    with time_machine.travel(timezone.now() + bank_tokens.LIFE - timedelta(seconds=5), tick=False):
        assert desk.client.get(OPEN).status_code == 200
    with time_machine.travel(timezone.now() + bank_tokens.LIFE + timedelta(seconds=5), tick=False):
        assert desk.client.get(OPEN).status_code == 401
        assert [key["kid"] for key in client.get(KEYS).json()["keys"]] == [new]
        call_command("rotate_bank_keys")
    assert not BankKey.objects.filter(kid=old).exists()


def test_the_keys_are_encrypted_anew_with_the_tokens(desk: Desk, settings: Any) -> None:
    (old,), new = settings.BANK_TOKEN_KEYS, Fernet.generate_key().decode()
    settings.BANK_TOKEN_KEYS = [new, old]
    rotation = keys.Rotation()
    assert (len(list(keys.rotate_tokens(rotation))), rotation.rotated) == (keys.count_tokens(), 1)
    settings.BANK_TOKEN_KEYS = [new]
    assert desk_of(desk.partner).client.get(OPEN).status_code == 200
    assert BankKey.objects.count() == 1


def test_a_key_that_cannot_be_opened_any_more_gives_way(desk: Desk, settings: Any) -> None:
    settings.BANK_TOKEN_KEYS = [Fernet.generate_key().decode()]
    fresh = desk_of(desk.partner)
    assert {each.client.get(OPEN).status_code for each in (desk, fresh)} == {200}
    assert BankKey.objects.count() == 2


@pytest.mark.parametrize("code", ["a b", "х", "", "x" * 33])
def test_what_is_no_code_is_not_registered(db: None, code: str) -> None:
    with pytest.raises(CommandError):
        call_command("register_partner", code, "Новый")


@pytest.mark.parametrize("code", ["new-bank", "Q_1"])
def test_partners_are_registered_by_command(db: None, code: str) -> None:
    call_command("register_partner", code, "Новый")
    PartnerBank.objects.update(is_active=False)
    call_command("register_partner", code, "Новее")
    partner = PartnerBank.objects.get(code=code.lower())
    assert (partner.name, partner.is_active) == ("Новее", True)


def test_the_admin_site_registers_and_never_renames_the_code(client: Client, partner: PartnerBank) -> None:
    client.force_login(User.objects.create_superuser("root", "correct horse 7"))
    added = client.post("/admin/banking/partnerbank/add/", {"code": "ZBank", "name": "Z", "is_active": "on"})
    assert (added.status_code, PartnerBank.objects.filter(code="zbank").count()) == (302, 1)
    change = f"/admin/banking/partnerbank/{partner.pk}/change/"
    client.post(change, {"code": "evil", "name": "Новое", "is_active": "on"})
    partner.refresh_from_db()
    assert (partner.code, partner.name) == ("pbank", "Новое")
    key = bank_tokens.signing_key(now=timezone.now())
    page = client.get(f"/admin/banking/bankkey/{key.pk}/change/").content.decode()
    assert key.kid in page
    assert key.private_sealed not in page
