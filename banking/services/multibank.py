"""Services: we as the provider. A partner bank asks, the client decides, every use of it is on record.

A request is answered alike whether or not there is such a client: what a partner cannot see, it cannot
collect. The journal's line is written in the transaction that opens the data, and before the data.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from banking.models import AuditEvent, Bank, Consent, ConsentEvent, PartnerBank
from banking.models.bank import OUTSIDE
from banking.models.consent import ConsentQuerySet
from banking.services import consents
from financehub.errors import DomainError
from financehub.users.models import User, normalise_login

ACCOUNTS = "accounts.read"
BALANCES = "balances.read"
TRANSACTIONS = "transactions.read"
PAYMENTS = "payments.write"
PRODUCTS = "products.read"
SCOPES = (ACCOUNTS, BALANCES, TRANSACTIONS, PAYMENTS, PRODUCTS)
LONGEST_TERM = timedelta(days=365)
REJECTED_FOR = timedelta(days=1)

Actor = ConsentEvent.Actor
Kind = ConsentEvent.Kind


class InvalidConsent(DomainError):
    """There is none, or not for this: one answer, so that nobody learns which of the reasons holds."""

    code = "invalid_consent"
    message = "Invalid or expired consent"


class ScopeMissing(DomainError):
    """The consent is good, and does not open this."""

    code = "scope_missing"

    def __init__(self, scope: str) -> None:
        super().__init__(f"The consent does not include {scope}")


class NothingToDecide(DomainError):
    code = "nothing_to_decide"
    message = _("Этот запрос уже не ждёт решения: партнёр заменил его, или вы уже ответили.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Which scopes, for how long and what for."""

    scopes: tuple[str, ...]
    duration: timedelta
    purpose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Who wants in, to which bank's data (none: every bank's), on which terms."""

    partner: PartnerBank
    bank: Bank | None
    terms: Terms


@dataclass(frozen=True, slots=True)
class Asked:
    """What a partner is told of its request."""

    consent_id: str
    valid_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The consent that a partner presents, with the client and the bank that it says it is for.

    A call that names no client leaves `client_id` None: the consent alone names them.
    """

    partner: PartnerBank
    consent_id: str
    bank_code: str
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """What a consent has opened: whose data, of which bank."""

    consent: Consent
    person: User
    bank: Bank


def find_client(client_id: str) -> User | None:
    """The client behind a login, an e-mail or a number; None for nobody."""
    people = User.objects.filter(is_active=True, role=User.Role.CUSTOMER)
    if client_id.isascii() and client_id.isdecimal():
        return people.filter(pk=int(client_id)).first() if len(client_id) <= 18 else None
    return people.filter(email=normalise_login(client_id)).first()


@transaction.atomic
def ask(*, wish: Wish, client_id: str, now: datetime) -> Asked:
    """Put a partner's request before its client: what to call it, and until when it would last.

    Without such a client, or after a refusal of the same day, there is an answer and no request.
    """
    client = find_client(client_id)
    consent_id = _new_id()
    if client is not None and not _refused_lately(wish, client, now=now):
        consent_id = put_before(client, wish=wish, actor=Actor.PARTNER, now=now).consent_id
    return Asked(consent_id, now + wish.terms.duration)


@transaction.atomic
def put_before(person: User, *, wish: Wish, actor: ConsentEvent.Actor, now: datetime) -> Consent:
    """Record a request that the person has to decide on; it takes the place of one that waits.

    A row of its own: whoever looks at the request before can not say yes to this one.
    """
    _hold(person)
    _same_place(wish.partner, person, wish.bank).awaiting().delete()
    consent = Consent.objects.create(
        partner=wish.partner,
        person=person,
        bank=wish.bank,
        consent_id=_new_id(),
        status=Consent.Status.AWAITING,
        permissions=list(wish.terms.scopes),
        purpose=wish.terms.purpose,
        requested_at=now,
        expires_at=now + wish.terms.duration,
    )
    consents.note(consent, Kind.REQUESTED, actor=actor, now=now)
    return consent


@transaction.atomic
def approve(*, consent: Consent, now: datetime) -> Consent:
    """The person says yes; raises NothingToDecide. An access that the partner has already ends with it."""
    partner, person = _sides(consent)
    _hold(person)
    if consent.is_expired(now) or not PartnerBank.objects.filter(pk=partner.pk, is_active=True).exists():
        raise NothingToDecide
    for older in _same_place(partner, person, consent.bank).granted():
        _give_way(older, now=now)
    waiting = Consent.objects.awaiting().filter(pk=consent.pk)
    if not waiting.update(status=Consent.Status.GRANTED, granted_at=now):
        raise NothingToDecide
    consent.status, consent.granted_at = Consent.Status.GRANTED, now
    consents.note(consent, Kind.GRANTED, actor=Actor.PERSON, now=now)
    _note_in_journal(
        consent, AuditEvent.Kind.PARTNER_ALLOWED, actor=person, now=now, scopes=consent.permissions
    )
    return consent


@transaction.atomic
def reject(*, consent: Consent, now: datetime) -> Consent:
    """The person says no; raises NothingToDecide."""
    if consent.is_lapsed(now) or consent.status != Consent.Status.AWAITING:
        raise NothingToDecide
    if not _end(consent, Consent.Status.REJECTED, actor=Actor.PERSON, now=now):
        raise NothingToDecide
    return consent


@transaction.atomic
def revoke(*, consent: Consent, actor: ConsentEvent.Actor, now: datetime) -> bool:
    """End an access, or take a request back; False when it had ended before."""
    had_access = consent.status == Consent.Status.GRANTED
    if consent.is_expired(now) or not _end(consent, Consent.Status.REVOKED, actor=actor, now=now):
        return False
    if had_access:
        by_person = consent.person if actor == Actor.PERSON else None
        _note_in_journal(consent, AuditEvent.Kind.PARTNER_CLOSED, actor=by_person, now=now)
    return True


def revoke_by_partner(*, partner: PartnerBank, consent_id: str, now: datetime) -> None:
    """A partner gives up what it has, or what it asked for; an id that opens nothing is as good as ended."""
    open_ones = Consent.objects.filter(status__in=[Consent.Status.AWAITING, Consent.Status.GRANTED])
    consent = _with_sides(open_ones).filter(partner=partner, consent_id=consent_id).first()
    if consent is not None:
        revoke(consent=consent, actor=Actor.PARTNER, now=now)


@transaction.atomic
def enter(access: Access, *, scope: str, now: datetime) -> Opened:
    """Open a client's data to a partner, and note which; raises InvalidConsent or ScopeMissing.

    A transfer leaves a line of its own when it is ordered.
    """
    opened = _open(access, now=now)
    if scope not in opened.consent.permissions:
        raise ScopeMissing(scope)
    living = Consent.objects.alive(now).filter(pk=opened.consent.pk, partner__is_active=True)
    if not living.update(last_used_at=now):
        raise InvalidConsent
    if scope != PAYMENTS:
        _note_in_journal(
            opened.consent, AuditEvent.Kind.PARTNER_READ, actor=None, bank=opened.bank, now=now, scope=scope
        )
    return opened


def _open(access: Access, *, now: datetime) -> Opened:
    """The consent that fits everything that the partner says of it."""
    living = _with_sides(Consent.objects.alive(now))
    consent = living.filter(partner=access.partner, consent_id=access.consent_id).first()
    bank = Bank.objects.filter(code=access.bank_code.lower()).exclude(code=OUTSIDE).first()
    if consent is None or bank is None or consent.bank_id not in {None, bank.pk}:
        raise InvalidConsent
    _partner, person = _sides(consent)
    if not person.is_active or (access.client_id is not None and not _is_named(person, access.client_id)):
        raise InvalidConsent
    return Opened(consent, person, bank)


def _is_named(person: User, client_id: str) -> bool:
    return client_id == str(person.pk) or normalise_login(client_id) == person.email


def _refused_lately(wish: Wish, client: User, *, now: datetime) -> bool:
    """Whether the client has said no within a day: asking again at once is pressing, not asking."""
    refused = _same_place(wish.partner, client, wish.bank).filter(status=Consent.Status.REJECTED)
    return refused.filter(ended_at__gt=now - REJECTED_FOR).exists()


def _end(consent: Consent, status: Consent.Status, *, actor: ConsentEvent.Actor, now: datetime) -> bool:
    """Close a consent that is as it was when it was read, with its line of history."""
    ended = {"status": status, "ended_at": now, "ended_by": actor}
    open_ones = Consent.objects.filter(status__in=[Consent.Status.AWAITING, Consent.Status.GRANTED])
    if not open_ones.filter(pk=consent.pk, status=consent.status).update(**ended):
        return False
    for name, value in ended.items():
        setattr(consent, name, value)
    consents.note(consent, Kind(status), actor=actor, now=now)
    return True


def _give_way(older: Consent, *, now: datetime) -> None:
    """A newer consent takes the place of one in use; one that is over has ended by its date."""
    if older.expires_at is not None and older.is_expired(now):
        _end(older, Consent.Status.EXPIRED, actor=Actor.SYSTEM, now=older.expires_at)
    else:
        _end(older, Consent.Status.RENEWED, actor=Actor.SYSTEM, now=now)


def _same_place(partner: PartnerBank, person: User, bank: Bank | None) -> ConsentQuerySet:
    """What a partner asked a person for, or has from them, at one bank."""
    return Consent.objects.filter(partner=partner, person=person, bank=bank)


def _with_sides(found: ConsentQuerySet) -> ConsentQuerySet:
    return found.select_related("partner", "person", "bank")


def _sides(consent: Consent) -> tuple[PartnerBank, User]:
    """The two who agree; every partner's consent has both."""
    if consent.partner is None or consent.person is None:
        raise Consent.DoesNotExist(f"consent {consent.pk} is a bank's")
    return consent.partner, consent.person


def _hold(person: User) -> None:
    """One decision of a person at a time."""
    User.objects.select_for_update(no_key=True).filter(pk=person.pk).first()


def _new_id() -> str:
    return f"consent-{secrets.token_hex(16)}"


def _note_in_journal(
    consent: Consent,
    kind: AuditEvent.Kind,
    *,
    actor: User | None,
    bank: Bank | None = None,
    now: datetime,
    **detail: Any,
) -> None:
    """A line about a partner; `actor` is None when the partner itself did it."""
    partner, person = _sides(consent)
    place = bank or consent.bank
    AuditEvent.objects.create(
        person=person,
        actor=actor,
        kind=kind,
        bank_code=place.code if place else "",
        detail={"partner": partner.code, "partner_name": partner.name, "consent": consent.pk} | detail,
        at=now,
    )
