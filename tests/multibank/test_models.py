"""Rules about partners that the database itself keeps."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from banking.models import Bank, BankKey, Consent, PartnerBank
from tests.factories import ConsentFactory, PartnerConsentFactory
from tests.multibank.conftest import Home


def broken(make: Any, *, rule: str = "(?i)unique") -> None:
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        make()


def test_a_consent_is_of_a_connection_or_of_a_partner(home: Home, partner: PartnerBank) -> None:
    rule = "consent_of_connection_or_partner"
    broken(lambda: ConsentFactory(connection=home.account.connection, partner=partner), rule=rule)
    broken(lambda: ConsentFactory(connection=home.account.connection, person=home.person), rule=rule)
    broken(lambda: ConsentFactory(connection=home.account.connection, bank=home.bank), rule=rule)
    broken(lambda: PartnerConsentFactory(partner=None, person=home.person), rule=rule)
    broken(lambda: PartnerConsentFactory(partner=partner, person=None), rule=rule)


@pytest.mark.parametrize("status", [Consent.Status.AWAITING, Consent.Status.GRANTED])
@pytest.mark.parametrize("code", ["vbank", None])
def test_a_partner_has_one_of_each_kind_per_client_and_bank(
    home: Home, partner: PartnerBank, status: str, code: str | None
) -> None:
    bank = Bank.objects.get(code=code) if code else None
    place = {"partner": partner, "person": home.person, "status": status}
    PartnerConsentFactory(**place, bank=bank)
    broken(lambda: PartnerConsentFactory(**place, bank=bank))
    PartnerConsentFactory(**place, bank=Bank.objects.get(code="abank"))


def test_partners_name_a_consent_by_one_id(home: Home, consent: Consent) -> None:
    broken(lambda: PartnerConsentFactory(person=home.person, bank=None, consent_id=consent.consent_id))


def test_one_key_signs_and_the_others_retire(db: None) -> None:
    now = timezone.now()
    key = {"public_pem": "", "private_sealed": "", "created_at": now}
    BankKey.objects.create(kid="one", **key)
    broken(lambda: BankKey.objects.create(kid="two", **key))
    rule = "bank_key_signs_or_retires"
    broken(lambda: BankKey.objects.create(kid="two", is_signing=False, **key), rule=rule)
    later = now + timedelta(hours=1)
    broken(lambda: BankKey.objects.create(kid="two", retires_at=later, **key), rule=rule)
    BankKey.objects.create(kid="two", is_signing=False, retires_at=later, **key)
    assert BankKey.objects.verifying(later).count() == 1
