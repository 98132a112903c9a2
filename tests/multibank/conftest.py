"""A partner bank with its token, Anna at VBank, and her consent."""

import json
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.test import APIClient

from banking.models import Account, Bank, BankKey, Consent, PartnerBank, Transaction
from banking.services import bank_tokens, multibank
from financehub.users import tokens
from financehub.users.models import User
from tests.factories import (
    NOW,
    AccountFactory,
    BankFactory,
    ConnectionFactory,
    PartnerConsentFactory,
    PartnerFactory,
    TransactionFactory,
    UserFactory,
)

ROOT = "/api/v1/multibank"


@pytest.fixture(scope="session")
def _rsa_keys() -> list[rsa.RSAPrivateKey]:
    """Made once: they take a while."""
    return [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2)]


@pytest.fixture(autouse=True)
def _quick_keys(_rsa_keys: list[rsa.RSAPrivateKey], monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys come in turn out of the two that are made already."""
    made = iter(_rsa_keys * 20)
    monkeypatch.setattr(bank_tokens.rsa, "generate_private_key", lambda **_: next(made))


@pytest.fixture
def admin(db: None) -> User:
    return UserFactory(email="admin@financehub.ru", role=User.Role.ADMIN)


@pytest.fixture
def partner(db: None) -> PartnerBank:
    return PartnerFactory()


@pytest.fixture
def other_partner(db: None) -> PartnerBank:
    return PartnerFactory(code="qbank", name="Другой Партнёр")


@pytest.fixture
def key(db: None) -> BankKey:
    """The key that signs."""
    return bank_tokens.signing_key(now=timezone.now())


def token_for(partner: PartnerBank) -> str:
    admin, _ = User.objects.get_or_create(email="root@financehub.ru", defaults={"role": User.Role.ADMIN})
    return bank_tokens.issue(user=admin, bank_code=partner.code, now=timezone.now())


def api_of(token: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


@dataclass(frozen=True, slots=True)
class Desk:
    """A partner's program: it posts to the seven calls."""

    partner: PartnerBank
    client: APIClient

    def call(self, name: str, body: dict[str, Any] | None = None, **headers: str) -> HttpResponse:
        if name == "bank-statistics":
            return self.client.get(f"{ROOT}/{name}", body)
        return self.client.post(
            f"{ROOT}/{name}", json.dumps(body or {}), content_type="application/json", headers=headers
        )


def desk_of(partner: PartnerBank) -> Desk:
    return Desk(partner, api_of(token_for(partner)))


@pytest.fixture
def desk(partner: PartnerBank) -> Desk:
    return desk_of(partner)


@pytest.fixture
def admin_api(admin: User) -> APIClient:
    return api_of(str(tokens.AccessToken.for_user(admin)))


@dataclass(frozen=True, slots=True)
class Home:
    """What a person has at VBank and at ABank, with two rows of each kind that matters."""

    person: User
    bank: Bank
    account: Account
    elsewhere: Account
    salary: Transaction
    purchase: Transaction


def home_of(person: User) -> Home:
    bank = BankFactory()
    account = AccountFactory(connection=ConnectionFactory(user=person, bank=bank))
    abank = BankFactory(code="abank", short_name="ABank")
    elsewhere = AccountFactory(connection=ConnectionFactory(user=person, bank=abank))
    TransactionFactory(account=elsewhere, description="ЧУЖОЙ БАНК")
    TransactionFactory(account=account, status=Transaction.Status.DECLINED)
    return Home(
        person=person,
        bank=bank,
        account=account,
        elsewhere=elsewhere,
        purchase=TransactionFactory(account=account, booked_at=NOW - timedelta(hours=1)),
        salary=TransactionFactory(
            account=account, amount=Decimal("90000.00"), slug="income-salary", description="ЗАРПЛАТА"
        ),
    )


@pytest.fixture
def home(anna: User) -> Home:
    return home_of(anna)


@pytest.fixture
def consent(home: Home, partner: PartnerBank) -> Consent:
    """Everything of Anna's at VBank, for ninety days."""
    return PartnerConsentFactory(
        partner=partner, person=home.person, bank=home.bank, permissions=list(multibank.SCOPES)
    )


def presented(consent: Consent, **changes: Any) -> dict[str, Any]:
    """What a partner sends to read under a consent."""
    usual = {"target_bank": "vbank", "consent_id": consent.consent_id, "client_id": consent.person.email}
    return usual | changes


def ordered(consent: Consent, home: Home, **changes: Any) -> dict[str, Any]:
    """What a partner sends to move money under a consent."""
    usual = {
        "from_bank": "vbank",
        "from_account": str(home.account.pk),
        "to_bank": "abank",
        "to_account": home.elsewhere.number,
        "amount": 10.5,
        "consent_id": consent.consent_id,
    }
    return usual | changes
