"""What partner banks ask for, and what people offer them: consents, and transfers under a consent."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from banking import tasks
from banking.actions import UnsupportedBank
from banking.models import Bank, Consent, ConsentEvent, PartnerBank, Transfer
from banking.queries import multibank as queries
from banking.services import multibank, transfer_orders
from banking.services.bank_tokens import UnknownPartner
from financehub.users.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerOrder:
    """A transfer that a partner wants; accounts by our number for them, or by the bank's."""

    from_account: str
    to_bank: str
    to_account: str
    amount: Decimal
    currency: str
    purpose: str
    key: str

    def key_of(self, partner: PartnerBank) -> str:
        """The partner's key, unlike any that the person or another partner may choose."""
        return f"{partner.code}:{hashlib.sha256(self.key.encode()).hexdigest()}"


def ask_client(
    *, partner: PartnerBank, client_id: str, bank_code: str, terms: multibank.Terms, now: datetime
) -> multibank.Asked:
    """A partner asks a client for access to what they have at a bank; raises UnsupportedBank.

    The answer does not tell whether there is such a client.
    """
    wish = multibank.Wish(partner=partner, bank=_bank(bank_code), terms=terms)
    return multibank.ask(wish=wish, client_id=client_id, now=now)


def offer_consent(
    *, person: User, partner_code: str, bank_code: str | None, terms: multibank.Terms, now: datetime
) -> Consent:
    """A person begins a consent for a partner, still to be approved.

    Raises UnknownPartner or UnsupportedBank.
    """
    partner = PartnerBank.objects.filter(code=partner_code.lower(), is_active=True).first()
    if partner is None:
        raise UnknownPartner
    bank = _bank(bank_code) if bank_code else None
    wish = multibank.Wish(partner=partner, bank=bank, terms=terms)
    return multibank.put_before(person, wish=wish, actor=ConsentEvent.Actor.PERSON, now=now)


@transaction.atomic
def make_partner_transfer(*, access: multibank.Access, order: PartnerOrder, now: datetime) -> Transfer:
    """Order a transfer between a client's own accounts on a partner's word; the same key, the same transfer.

    Raises InvalidConsent, ScopeMissing, UnsupportedBank, or as `actions.make_transfer` does.
    """
    opened = multibank.enter(access, scope=multibank.PAYMENTS, now=now)
    source = queries.account_named(user=opened.person, bank=opened.bank, name=order.from_account)
    target = queries.account_named(user=opened.person, bank=_bank(order.to_bank), name=order.to_account)
    if source is None or target is None:
        raise transfer_orders.AccountNotFound
    if order.currency != source.currency:
        raise transfer_orders.DifferentCurrencies
    placed = transfer_orders.place(
        user=opened.person,
        order=transfer_orders.Order(
            from_account_id=source.pk,
            to_account_id=target.pk,
            amount=order.amount,
            purpose=order.purpose,
            key=order.key_of(access.partner),
        ),
        under=opened.consent,
        now=now,
    )
    transaction.on_commit(lambda: tasks.send_transfer(placed.pk))
    return placed


def _bank(code: str) -> Bank:
    """A bank of the registry: nothing else that a caller writes names one."""
    bank = Bank.objects.filter(code=code.lower(), is_active=True).first()
    if bank is None:
        raise UnsupportedBank
    return bank
