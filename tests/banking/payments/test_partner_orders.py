"""A transfer that a partner orders goes the way of all transfers, to banks that really book."""

from decimal import Decimal

import pytest
from django.utils import timezone

from banking.models import AuditEvent, Transfer
from banking.partner_actions import PartnerOrder, make_partner_transfer
from banking.services import multibank
from tests.factories import PartnerConsentFactory


@pytest.mark.django_db
def test_a_partners_order_is_booked_once_and_told_in_the_journal(household, drive):
    consent = PartnerConsentFactory(
        person=household.user, bank=household.source.bank, permissions=[multibank.PAYMENTS]
    )
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
    made = [make_partner_transfer(access=access, order=order, now=timezone.now()) for _ in range(2)]
    assert made[0] == made[1]

    transfer = drive(made[0])

    assert transfer.state == Transfer.State.CONFIRMED
    assert household.bookings(transfer) == 1
    lines = AuditEvent.objects.filter(person=household.user).order_by("pk")
    assert [(line.kind, line.actor, line.detail.get("partner")) for line in lines] == [
        ("transfer_ordered", None, "pbank"),
        ("transfer_confirmed", None, None),
    ]
