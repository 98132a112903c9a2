"""Services: how a connection gets access to a bank, learns of its fate, renews it and gives it up.

A consent at a bank is a request until the client signs it; some banks sign at once, others ask the
client first. Which, the bank's answer says. A renewal is one more consent beside the one in use.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http import HTTPStatus

import structlog

from banking.clients import errors
from banking.clients.schemas import ConsentAnswer
from banking.models import BankConnection, Consent, ConsentEvent
from banking.services import calls, circuit, consents
from banking.services.access import BankAccess
from banking.services.consents import CONSENT_STATUS, AlreadyAsked, ConnectionForgotten

log = structlog.get_logger(__name__)

PERMISSIONS = ("ReadAccountsDetail", "ReadBalances", "ReadTransactionsDetail", "ReadCards")
REASON = "Показать счета и операции в одном месте"
TELL_AGAIN_AFTER = timedelta(hours=1)
TELL_AT_MOST = timedelta(days=30)


def ask_for_access(connection: BankConnection, *, now: datetime) -> Consent:
    """Request a consent at the bank and put its answer on record; one that waits already is the answer.

    Raises a BankError, or ConnectionForgotten when there is no longer anybody to ask for.
    """
    calls.respect_wish(connection, now=now)
    try:
        consent = consents.begin(connection, permissions=list(PERMISSIONS), purpose=REASON, now=now)
    except AlreadyAsked as already:
        consents.follow(connection, now=now)
        return already.consent
    try:
        answer = _request(connection, now=now)
    except errors.BankError as error:
        consents.withdraw(consent)
        calls.note_wish(connection, error, now=now)
        raise
    try:
        consents.record_answer(consent, answer, now=now)
    except ConnectionForgotten:
        _revoke(connection, answer.consent_id, now=now)
        raise
    if consent.status == Consent.Status.GRANTED:
        tell_of_ended(connection, now=now)
    return consent


def check_access(consent: Consent, *, says_signed: bool, now: datetime) -> bool:
    """Ask the bank where a waiting consent stands; True when this call opened the access.

    However many pages and workers ask, the bank is asked once in two seconds. Banks of the
    published version answer "waiting" for ever: when the person says that it is signed, the data
    itself is tried, unless an older consent that is still alive would open it. Raises a BankError,
    BankUnavailable also where the bank is silent and somebody else has the probe.
    """
    connection = consent.source
    calls.respect_wish(connection, now=now)
    if not consents.may_ask(consent, now=now):
        return False
    if not circuit.admits(connection, by_person=says_signed, now=now):
        raise errors.BankUnavailable(bank=connection.bank.code, reason="circuit")
    with _taking_note(connection, now=now), BankAccess(connection, now=now) as access:
        answer = access.with_token(
            lambda token: access.client.get_account_consent(
                token, consent_or_request_id=consent.request_id or consent.consent_id
            )
        )
        status = CONSENT_STATUS[answer.status]
        is_renewal = Consent.objects.alive(now).filter(connection=connection).exists()
        if status == Consent.Status.AWAITING and says_signed and not is_renewal and _opens(access):
            status = Consent.Status.GRANTED
    if status == Consent.Status.AWAITING or not consents.move(consent, status, answer, now=now):
        return False
    if status == Consent.Status.GRANTED:
        tell_of_ended(connection, now=now)
    return status == Consent.Status.GRANTED


@contextmanager
def _taking_note(connection: BankConnection, *, now: datetime) -> Iterator[None]:
    """Remember what the bank's answer, or its silence, means for the next call."""
    try:
        yield
    except errors.BankError as error:
        calls.note_wish(connection, error, now=now)
        circuit.note_failure(connection, error, now=now)
        raise
    circuit.note_answer(connection)


def learn_why_closed(connection: BankConnection, *, now: datetime) -> None:
    """The bank refused data for want of a consent: ask once whether it was revoked or has expired."""
    consent = connection.consents.granted().first()
    if consent is None:
        consents.follow(connection, now=now)
        if connection.status == BankConnection.Status.ACTIVE:
            consents.set_status(connection, BankConnection.Status.REVOKED, now=now)
        return
    consent.connection = connection
    if consent.is_expired(now):
        consents.move(consent, Consent.Status.EXPIRED, now=now, actor=ConsentEvent.Actor.SYSTEM)
    else:
        consents.move(consent, _fate_told_by_bank(consent, now=now), now=now)


def give_up_access(connection: BankConnection, *, actor: str, now: datetime) -> bool:
    """End the connection's consents here and at the bank; False when the bank could not be told."""
    consents.cancel_waiting(connection, now=now)
    all_named = True
    for consent in Consent.objects.granted().filter(connection=connection):
        consent.connection = connection
        is_over = consent.is_expired(now)
        status = Consent.Status.EXPIRED if is_over else Consent.Status.REVOKED
        consents.move(consent, status, now=now, actor=ConsentEvent.Actor.SYSTEM if is_over else actor)
        all_named = bool(is_over or consent.consent_id) and all_named
    return tell_of_ended(connection, now=now) and all_named


def tell_of_ended(connection: BankConnection, *, now: datetime) -> bool:
    """Revoke at the bank what has ended here; what fails is told again later. False when something did."""
    due = Consent.objects.filter(connection=connection).exclude(revoke_due_at=None)
    all_told = True
    for consent in due.order_by("pk"):
        told = _revoke(connection, consent.consent_id, now=now)
        again = None if told else _tell_again_at(consent, now=now)
        Consent.objects.filter(pk=consent.pk).update(revoke_due_at=again)
        all_told = told and all_told
    return all_told


def _tell_again_at(consent: Consent, *, now: datetime) -> datetime | None:
    """When to try again; never, once the consent is over by its date or the bank long does not listen."""
    later = now + TELL_AGAIN_AFTER
    gives_up_at = min(filter(None, ((consent.ended_at or now) + TELL_AT_MOST, consent.expires_at)))
    return later if later < gives_up_at else None


def _request(connection: BankConnection, *, now: datetime) -> ConsentAnswer:
    with BankAccess(connection, now=now) as access:
        answer = access.with_token(
            lambda token: access.client.request_account_consent(
                token, client_id=connection.client_id, permissions=PERMISSIONS, reason=REASON
            )
        )
        if answer.status == "granted" and answer.expires_at is None:
            return _with_dates(access, answer)
        return answer


def _revoke(connection: BankConnection, consent_id: str | None, *, now: datetime) -> bool:
    """End a consent at the bank; False when there is no id to name it by, or the bank fails.

    One that the bank does not know is over there.
    """
    if not consent_id:
        return False
    try:
        with BankAccess(connection, now=now) as access:
            access.with_token(
                lambda token: access.client.revoke_account_consent(token, consent_id=consent_id)
            )
    except errors.Refused as error:
        return error.status == HTTPStatus.NOT_FOUND
    except errors.BankError as error:
        log.warning("consent_not_revoked_at_bank", bank=error.bank, code=error.code)
        return False
    return True


def _with_dates(access: BankAccess, answer: ConsentAnswer) -> ConsentAnswer:
    """The answer to a request lacks the last day; the consent itself tells it."""
    consent_id = answer.consent_id or ""
    try:
        told = access.client.get_account_consent(access.token(), consent_or_request_id=consent_id)
    except errors.BankError as error:
        log.info("consent_dates_unknown", bank=error.bank, code=error.code)
        return answer
    return told if told.consent_id == answer.consent_id else answer


def _opens(access: BankAccess) -> bool:
    """Whether the client's data opens. The Banking API shows somebody else's to whoever names no consent."""
    if access.connection.channel != BankConnection.Channel.BANK:
        return False
    client_id = access.connection.client_id
    return access.client.opens_without_consent_id(access.token(), client_id=client_id)


def _fate_told_by_bank(consent: Consent, *, now: datetime) -> Consent.Status:
    try:
        with BankAccess(consent.source, now=now) as access:
            answer = access.client.get_account_consent(
                access.token(), consent_or_request_id=consent.consent_id or consent.request_id
            )
    except errors.BankError:
        return Consent.Status.REVOKED
    return Consent.Status.EXPIRED if answer.status == "expired" else Consent.Status.REVOKED
