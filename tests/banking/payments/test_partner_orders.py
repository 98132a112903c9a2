"""A transfer that a partner orders goes the way of all transfers, to banks that really book."""

from decimal import Decimal

import pytest
from django.utils import timezone

from banking.models import AuditEvent, Consent, ConsentEvent, Transfer
from banking.partner_actions import PartnerOrder, make_partner_transfer
from banking.presenters.transfers import state_of
from banking.services import multibank
from tests.banking.payments.household import Household
from tests.factories import PartnerConsentFactory

pytestmark = pytest.mark.django_db


def _orders(household: Household, consent: Consent) -> Transfer:
    access = multibank.Access(
        partner=consent.partner, consent_id=consent.consent_id, bank_code=household.source.bank.code
    )
    order = PartnerOrder(
        from_account=household.source.number,
        to_bank=household.elsewhere.bank.code,
        to_account=household.elsewhere.number,
        amount=Decimal("12.00"),
        currency="RUB",
        purpose="Отпуск",
        key="key-1",
    )
    return make_partner_transfer(access=access, order=order, now=timezone.now())


@pytest.fixture
def consent(household: Household) -> Consent:
    return PartnerConsentFactory(
        person=household.user, bank=household.source.bank, permissions=[multibank.PAYMENTS]
    )


def test_a_partners_order_is_booked_once_and_told_in_the_journal(household, consent, drive):
    made = [_orders(household, consent) for _ in range(2)]
    assert made[0] == made[1]

    transfer = drive(made[0])

    assert transfer.state == Transfer.State.CONFIRMED
    assert household.bookings(transfer) == 1
    lines = AuditEvent.objects.filter(person=household.user).order_by("pk")
    assert [(line.kind, line.actor, line.detail.get("partner")) for line in lines] == [
        ("transfer_ordered", None, "pbank"),
        ("transfer_confirmed", None, None),
    ]


@pytest.mark.parametrize("how", ["revoked", "expired", "partner switched off"])
def test_what_is_not_sent_yet_goes_with_the_partners_consent(household, consent, drive, how):
    transfer = _orders(household, consent)
    match how:
        case "revoked":
            multibank.revoke(consent=consent, actor=ConsentEvent.Actor.PERSON, now=timezone.now())
        case "expired":
            Consent.objects.filter(pk=consent.pk).update(expires_at=timezone.now())
        case _:
            type(consent.partner).objects.filter(pk=consent.partner_id).update(is_active=False)
    transfer = drive(transfer)
    assert (transfer.state, transfer.error_code) == (Transfer.State.REJECTED, "partner_not_allowed")
    assert (transfer.sent_at, household.bookings(transfer)) == (None, 0)
    assert state_of(transfer).text.startswith("Согласие партнёра")
