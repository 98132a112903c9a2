"""Services: how a connection gets access to a bank, learns of its fate, and gives it up.

A consent at a bank is a request until the client signs it; some banks sign at once, others ask the
client first. Which, the bank's answer says.
"""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from banking.clients import errors
from banking.clients.schemas import ConsentAnswer
from banking.models import BankConnection, Consent, ConsentEvent
from banking.services.access import BankAccess
from financehub.errors import DomainError

log = structlog.get_logger(__name__)

PERMISSIONS = ("ReadAccountsDetail", "ReadBalances", "ReadTransactionsDetail", "ReadCards")
REASON = "Показать счета и операции в одном месте"
ASK_AT_MOST_EVERY = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(hours=1)

CONNECTION_STATUS = {
    Consent.Status.AWAITING: BankConnection.Status.AWAITING,
    Consent.Status.GRANTED: BankConnection.Status.ACTIVE,
    Consent.Status.REJECTED: BankConnection.Status.REJECTED,
    Consent.Status.REVOKED: BankConnection.Status.REVOKED,
    Consent.Status.EXPIRED: BankConnection.Status.EXPIRED,
}
CONSENT_STATUS = {"waiting": Consent.Status.AWAITING} | {
    status.value: status for status in Consent.Status if status != Consent.Status.AWAITING
}


class ConnectionForgotten(DomainError):
    """The person cancelled while the bank was asked; the consent, if any, ends unused."""

    code = "connection_forgotten"
    message = _("Это подключение уже отменено.")


def ask_for_access(connection: BankConnection, *, now: datetime) -> Consent:
    """Request a consent at the bank and put its answer on record.

    Raises a BankError, or ConnectionForgotten when there is no longer anybody to ask for.
    """
    with BankAccess(connection, now=now) as access:
        answer = access.with_token(
            lambda token: access.client.request_account_consent(
                token, client_id=connection.client_id, permissions=PERMISSIONS, reason=REASON
            )
        )
        if answer.status == "granted" and answer.expires_at is None:
            answer = _with_dates(access, answer)
    try:
        return _record_request(connection, answer, now=now)
    except ConnectionForgotten:
        _revoke(connection, answer.consent_id, now=now)
        raise


def check_access(consent: Consent, *, says_signed: bool, now: datetime) -> bool:
    """Ask the bank where a waiting consent stands; True when this call opened the access.

    However many pages and workers ask, the bank is asked once in two seconds. Banks of the
    published version answer "waiting" for ever: when the person says that it is signed, the data
    itself is tried. Raises a BankError.
    """
    if not _may_ask(consent, now=now):
        return False
    with BankAccess(consent.connection, now=now) as access:
        answer = access.with_token(
            lambda token: access.client.get_account_consent(
                token, consent_or_request_id=consent.request_id or consent.consent_id
            )
        )
        status = CONSENT_STATUS[answer.status]
        if status == Consent.Status.AWAITING and says_signed and _opens(access):
            status = Consent.Status.GRANTED
    if status == Consent.Status.AWAITING:
        return False
    return _move(consent, status, answer, now=now) and status == Consent.Status.GRANTED


def learn_why_closed(connection: BankConnection, *, now: datetime) -> None:
    """The bank refused data for want of a consent: ask once whether it was revoked or has expired."""
    consent = connection.consents.granted().order_by("-granted_at").first()
    if consent is None:
        _set_connection(connection, BankConnection.Status.REVOKED, now=now)
        return
    consent.connection = connection
    status = Consent.Status.EXPIRED if consent.is_expired(now) else _fate_told_by_bank(consent, now=now)
    _move(consent, status, None, now=now)


def give_up_access(connection: BankConnection, *, actor: str, now: datetime) -> bool:
    """Revoke the connection's consents at the bank; False when the bank could not be told."""
    told = True
    for consent in Consent.objects.granted().filter(connection=connection):
        told = _revoke(connection, consent.consent_id, now=now) and told
        _move(consent, Consent.Status.REVOKED, None, now=now, actor=actor)
    return told


def _revoke(connection: BankConnection, consent_id: str | None, *, now: datetime) -> bool:
    """End a consent at the bank; False when there is no id to name it by, or the bank fails."""
    if not consent_id:
        return False
    try:
        with BankAccess(connection, now=now) as access:
            access.with_token(
                lambda token: access.client.revoke_account_consent(token, consent_id=consent_id)
            )
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
    client_id = access.connection.client_id
    return access.client.opens_without_consent_id(access.token(), client_id=client_id)


def _fate_told_by_bank(consent: Consent, *, now: datetime) -> Consent.Status:
    try:
        with BankAccess(consent.connection, now=now) as access:
            answer = access.client.get_account_consent(
                access.token(), consent_or_request_id=consent.consent_id or consent.request_id
            )
    except errors.BankError:
        return Consent.Status.REVOKED
    return Consent.Status.EXPIRED if answer.status == "expired" else Consent.Status.REVOKED


def _may_ask(consent: Consent, *, now: datetime) -> bool:
    waited = now - consent.requested_at
    pause = min(max(ASK_AT_MOST_EVERY, waited / 10), LONGEST_PAUSE)
    recently = now - ASK_AT_MOST_EVERY
    waiting = Consent.objects.awaiting().filter(pk=consent.pk)
    return bool(waiting.exclude(checked_at__gt=recently).update(checked_at=now, next_check_at=now + pause))


@transaction.atomic
def _record_request(connection: BankConnection, answer: ConsentAnswer, *, now: datetime) -> Consent:
    if not BankConnection.objects.select_for_update().filter(pk=connection.pk):
        raise ConnectionForgotten
    Consent.objects.awaiting().filter(connection=connection).update(status=Consent.Status.REVOKED)
    consent = Consent.objects.create(
        connection=connection,
        request_id=answer.request_id or "",
        consent_id=answer.consent_id or "",
        status=Consent.Status.AWAITING,
        permissions=list(PERMISSIONS),
        requested_at=now,
        next_check_at=now + ASK_AT_MOST_EVERY,
    )
    ConsentEvent.objects.create(
        consent=consent, kind=ConsentEvent.Kind.REQUESTED, actor=ConsentEvent.Actor.PERSON, at=now
    )
    status = CONSENT_STATUS[answer.status]
    if status == Consent.Status.AWAITING:
        _set_connection(connection, BankConnection.Status.AWAITING, now=now)
    else:
        _move(consent, status, answer, now=now)
    return consent


@transaction.atomic
def _move(
    consent: Consent,
    status: Consent.Status,
    answer: ConsentAnswer | None,
    *,
    now: datetime,
    actor: str = ConsentEvent.Actor.BANK,
) -> bool:
    """Give a consent its new state, its line of history, and its connection the state that follows.

    False when it has moved already: two callers may hear the same news.
    """
    BankConnection.objects.select_for_update().filter(pk=consent.connection_id).first()
    news: dict[str, Any] = {"status": status, "next_check_at": None}
    if answer is not None:
        news["consent_id"] = answer.consent_id or consent.consent_id
        news["permissions"] = list(answer.permissions) or consent.permissions
        news["expires_at"] = answer.expires_at or consent.expires_at
    if status == Consent.Status.GRANTED:
        news["granted_at"] = now
    if not Consent.objects.filter(pk=consent.pk, status=consent.status).update(**news):
        return False
    for name, value in news.items():
        setattr(consent, name, value)
    ConsentEvent.objects.create(consent=consent, kind=status.value, actor=actor, at=now)
    _set_connection(consent.connection, CONNECTION_STATUS[status], now=now)
    return True


def _set_connection(connection: BankConnection, status: BankConnection.Status, *, now: datetime) -> None:
    """Put the state on the row. What has just opened is due, should nobody come to read it."""
    connection.status = status
    connection.failures = 0
    connection.last_error_code = ""
    connection.next_run_at = now if status == BankConnection.Status.ACTIVE else None
    BankConnection.objects.filter(pk=connection.pk).update(
        status=status, failures=0, last_error_code="", next_run_at=connection.next_run_at
    )
