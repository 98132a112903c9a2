"""Services: the life of consents on record. Every step is one transaction with its line of history.

The state of a connection follows from its consents: it is open while one of them is, waits only when
none is, and otherwise stands as its last access ended.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from banking.clients.schemas import ConsentAnswer
from banking.models import AuditEvent, BankConnection, Consent, ConsentEvent
from financehub.errors import DomainError

Actor = ConsentEvent.Actor
Kind = ConsentEvent.Kind

ASK_AT_MOST_EVERY = timedelta(seconds=2)
ASKING_TAKES_AT_MOST = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(hours=1)

CONNECTION_STATUS = {
    Consent.Status.REJECTED: BankConnection.Status.REJECTED,
    Consent.Status.REVOKED: BankConnection.Status.REVOKED,
    Consent.Status.EXPIRED: BankConnection.Status.EXPIRED,
}
OPENS = {BankConnection.Status.REQUESTED, BankConnection.Status.ACTIVE}
CONSENT_STATUS = {"waiting": Consent.Status.AWAITING} | {
    status.value: status for status in Consent.Status if status != Consent.Status.AWAITING
}


class ConnectionForgotten(DomainError):
    """The person cancelled while the bank was asked; the consent, if any, ends unused."""

    code = "connection_forgotten"
    message = _("Это подключение уже отменено.")


class AlreadyAsked(DomainError):
    """A request of the connection waits: a second one would only confuse its client."""

    code = "already_asked"
    message = _("Запрос доступа уже ждёт подтверждения.")

    def __init__(self, consent: Consent) -> None:
        super().__init__()
        self.consent = consent


@transaction.atomic
def begin(connection: BankConnection, *, permissions: list[str], purpose: str, now: datetime) -> Consent:
    """Note that a consent is about to be asked for; raises AlreadyAsked or ConnectionForgotten.

    The row itself keeps a second asker away; one left by a worker that died gives way.
    """
    present = _hold(connection)
    if present is None or present.status not in OPENS:
        raise ConnectionForgotten
    waiting = Consent.objects.awaiting().filter(connection=connection).first()
    if waiting is not None:
        if waiting.is_asked or waiting.requested_at > now - ASKING_TAKES_AT_MOST:
            raise AlreadyAsked(waiting)
        waiting.delete()
    consent = Consent.objects.create(
        connection=connection,
        status=Consent.Status.AWAITING,
        permissions=permissions,
        purpose=purpose,
        requested_at=now,
    )
    note(consent, Kind.REQUESTED, actor=Actor.PERSON, now=now)
    return consent


def withdraw(consent: Consent) -> None:
    """The bank could not be asked: there is no consent."""
    Consent.objects.awaiting().filter(pk=consent.pk, request_id="", consent_id="").delete()


@transaction.atomic
def record_answer(consent: Consent, answer: ConsentAnswer, *, now: datetime) -> None:
    """Put the bank's answer to the request on record; raises ConnectionForgotten when nobody waits for it."""
    connection = consent.source
    named = {"request_id": answer.request_id or "", "consent_id": answer.consent_id or ""}
    asked = Consent.objects.awaiting().filter(pk=consent.pk)
    if _hold(connection) is None or not asked.update(**named, next_check_at=now + ASK_AT_MOST_EVERY):
        raise ConnectionForgotten
    consent.request_id, consent.consent_id = named["request_id"], named["consent_id"]
    status = CONSENT_STATUS[answer.status]
    if status == Consent.Status.AWAITING:
        note(consent, Kind.AWAITING, actor=Actor.BANK, now=now)
        follow(connection, now=now)
    else:
        move(consent, status, answer, now=now)


@transaction.atomic
def move(
    consent: Consent,
    status: Consent.Status,
    answer: ConsentAnswer | None = None,
    *,
    now: datetime,
    actor: str = Actor.BANK,
) -> bool:
    """Give a consent its new status, its line of history, and its connection the state that follows.

    False when it has moved already: two callers may hear the same news. A consent that is granted
    takes the place of the one before, which ends and is still to be revoked at the bank.
    """
    _hold(consent.source)
    mine = Consent.objects.filter(pk=consent.pk, status=consent.status)
    if not mine.exists():
        return False
    if status == Consent.Status.GRANTED:
        _replace_older(consent, now=now)
    changes = _changes(consent, status, answer, actor=actor, now=now)
    mine.update(**changes)
    for name, value in changes.items():
        setattr(consent, name, value)
    note(consent, Kind(status), actor=actor, now=consent.ended_at or now)
    follow(consent.source, ended=consent, now=now)
    return True


def _changes(
    consent: Consent, status: Consent.Status, answer: ConsentAnswer | None, *, actor: str, now: datetime
) -> dict[str, Any]:
    changes: dict[str, Any] = {"status": status, "next_check_at": None}
    if answer is not None:
        changes["consent_id"] = answer.consent_id or consent.consent_id
        changes["permissions"] = list(answer.permissions) or consent.permissions
        changes["expires_at"] = answer.expires_at or consent.expires_at
    if status == Consent.Status.GRANTED:
        changes["granted_at"] = now
    elif status == Consent.Status.EXPIRED and consent.is_expired(now):
        changes |= {"ended_at": consent.expires_at, "ended_by": actor}
    else:
        changes |= {"ended_at": now, "ended_by": actor}
    if status in {Consent.Status.REVOKED, Consent.Status.RENEWED} and actor != Actor.BANK:
        changes["revoke_due_at"] = now if consent.consent_id else None
    return changes


def _replace_older(consent: Consent, *, now: datetime) -> None:
    """End the consent that this one renews."""
    older = Consent.objects.granted().filter(connection=consent.connection_id).exclude(pk=consent.pk).first()
    if older is None:
        return
    status = Consent.Status.EXPIRED if older.is_expired(now) else Consent.Status.RENEWED
    changes = _changes(older, status, None, actor=Actor.SYSTEM, now=now)
    Consent.objects.filter(pk=older.pk).update(**changes)
    note(older, Kind(status), actor=Actor.SYSTEM, now=changes["ended_at"])
    if status == Consent.Status.RENEWED:
        _note_in_journal(consent, now=now)


def _note_in_journal(consent: Consent, *, now: datetime) -> None:
    connection = consent.source
    AuditEvent.objects.create(
        person_id=connection.user_id,
        actor_id=connection.user_id,
        kind=AuditEvent.Kind.RENEWED,
        bank_code=connection.bank.code,
        detail={"consent": consent.pk},
        at=now,
    )


def cancel_waiting(connection: BankConnection, *, now: datetime) -> bool:
    """The person gives up a request that the bank's client has not signed; False when none waits."""
    waiting = Consent.objects.awaiting().filter(connection=connection).first()
    if waiting is None:
        return False
    waiting.connection = connection
    return move(waiting, Consent.Status.REVOKED, now=now, actor=Actor.PERSON)


def follow(connection: BankConnection, *, ended: Consent | None = None, now: datetime) -> None:
    """Bring a connection's state in step with its consents; one that stays open is left alone."""
    row = BankConnection.objects.filter(pk=connection.pk).values_list("status", flat=True).first()
    connection.status = row or connection.status
    consents = Consent.objects.filter(connection=connection)
    if consents.alive(now).exists():
        status = BankConnection.Status.ACTIVE
    elif any(consent.is_asked for consent in consents.awaiting()):
        status = BankConnection.Status.AWAITING
    elif row == BankConnection.Status.REQUESTED and ended is not None and ended.granted_at is not None:
        return  # an older access ended while a new one is asked for: the answer to that decides
    else:
        status = _last_state(connection, ended)
    if status != connection.status:
        set_status(connection, status, now=now)


def _last_state(connection: BankConnection, ended: Consent | None) -> BankConnection.Status:
    """How a connection without access came to be so: by its last access, else by its last request."""
    had_access = Consent.objects.filter(connection=connection).exclude(granted_at=None)
    is_refused = ended is not None and ended.status == Consent.Status.REJECTED
    last = ended if is_refused else had_access.order_by("granted_at", "pk").last() or ended
    if last is None:
        return BankConnection.Status(connection.status)
    if last.status == Consent.Status.REVOKED and last.revoked_by_person:
        return BankConnection.Status.DISCONNECTED
    return CONNECTION_STATUS.get(Consent.Status(last.status), BankConnection.Status.EXPIRED)


def set_status(connection: BankConnection, status: BankConnection.Status, *, now: datetime) -> None:
    """Put the state on the row. What has just opened is due, should nobody come to read it."""
    connection.status = status
    connection.failures = 0
    connection.last_error_code = ""
    connection.next_run_at = now if status == BankConnection.Status.ACTIVE else None
    BankConnection.objects.filter(pk=connection.pk).update(
        status=status, failures=0, last_error_code="", next_run_at=connection.next_run_at
    )


def may_ask(consent: Consent, *, now: datetime) -> bool:
    """Take the turn to ask the bank about a waiting consent: one in two seconds, whoever asks."""
    waited = now - consent.requested_at
    pause = min(max(ASK_AT_MOST_EVERY, waited / 10), LONGEST_PAUSE)
    waiting = Consent.objects.awaiting().filter(pk=consent.pk).exclude(request_id="", consent_id="")
    turn = waiting.exclude(checked_at__gt=now - ASK_AT_MOST_EVERY)
    return bool(turn.update(checked_at=now, next_check_at=now + pause))


def expire(*, connection: BankConnection | None = None, now: datetime) -> int:
    """Put the end of all consents, or a connection's, that are past their date on record; counts them."""
    past = Consent.objects.past_their_date(now).select_related("connection").order_by("pk")
    if connection is not None:
        past = past.filter(connection=connection)
    return sum(move(consent, Consent.Status.EXPIRED, now=now, actor=Actor.SYSTEM) for consent in past)


def forget_untold(connection: BankConnection) -> None:
    """The connection turns to another system of its bank, which must not hear of consents at the old one."""
    Consent.objects.filter(connection=connection).exclude(revoke_due_at=None).update(revoke_due_at=None)
    BankConnection.objects.filter(pk=connection.pk).update(retry_after=None)
    connection.retry_after = None


def note(consent: Consent, kind: ConsentEvent.Kind, *, actor: str, now: datetime) -> None:
    """Add a line to a consent's history."""
    ConsentEvent.objects.create(consent=consent, kind=kind, actor=actor, at=now)


def _hold(connection: BankConnection) -> BankConnection | None:
    """Keep a connection's row until the transaction ends; None when it is gone."""
    return BankConnection.objects.select_for_update().filter(pk=connection.pk).first()
