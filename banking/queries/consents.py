"""Questions about consents: which there are, how they stand, what has happened to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import F, Prefetch

from banking.models import Consent, ConsentEvent
from banking.models.consent import EXPIRING_WITHIN, ConsentQuerySet

if TYPE_CHECKING:
    from financehub.users.models import User

MOST_ENDED = 30
SIDES = ("connection__bank", "partner", "person", "bank")
State = Consent.State
WAITING = (State.REQUESTED, State.AWAITING)
ENDED = (State.RENEWED, State.REJECTED, State.REVOKED, State.EXPIRED)


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing that happened to a consent, by whose hand."""

    kind: ConsentEvent.Kind
    actor: ConsentEvent.Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class ConsentFacts:
    """A consent with how it stands and what has happened to it, the newest first."""

    consent: Consent
    state: Consent.State
    history: tuple[HistoryLine, ...]


@dataclass(frozen=True, slots=True)
class Consents:
    """A person's consents: those that wait for them, those in use by their last day, those that ended."""

    waiting: tuple[ConsentFacts, ...]
    in_use: tuple[ConsentFacts, ...]
    ended: tuple[ConsentFacts, ...]
    has_more_ended: bool


def consents_of(*, user: "User", now: datetime) -> Consents:
    """Every consent of a person that matters, and the last ones that ended."""
    found = _with_history(Consent.objects.for_user(user))
    waiting = found.in_states(WAITING, now)
    in_use = found.alive(now).order_by(F("expires_at").asc(nulls_last=True), "pk")
    ended = found.in_states(ENDED, now)
    newest = list(ended.order_by("-requested_at", "-pk")[: MOST_ENDED + 1])
    return Consents(
        waiting=_facts(waiting.order_by("requested_at", "pk"), now=now),
        in_use=_facts(in_use, now=now),
        ended=_facts(newest[:MOST_ENDED], now=now),
        has_more_ended=len(newest) > MOST_ENDED,
    )


def consents_in(*, user: "User", states: Sequence[Consent.State] | None, now: datetime) -> ConsentQuerySet:
    """A person's consents of certain states, or all of them, newest first."""
    found = Consent.objects.for_user(user)
    if states is not None:
        found = found.in_states(states, now)
    return found.select_related(*SIDES).order_by("-requested_at", "-pk")


def partner_requests_of(
    *, user: "User", states: Sequence[Consent.State] | None, now: datetime
) -> ConsentQuerySet:
    """What partners asked a person for, decided or not, newest first."""
    return consents_in(user=user, states=states, now=now).of_partners()


def consent_of(*, user: "User", pk: int) -> Consent:
    """One consent with its history; raises Consent.DoesNotExist for anyone else's."""
    return _with_history(Consent.objects.for_user(user)).get(pk=pk)


def partner_consent_of(*, user: "User", pk: int) -> Consent:
    """What one partner asked a person for; raises Consent.DoesNotExist for a bank's or anyone else's."""
    return _with_history(Consent.objects.for_user(user)).of_partners().get(pk=pk)


def history_of(consent: Consent, *, now: datetime) -> tuple[HistoryLine, ...]:
    """What has happened to a consent, newest first: what is on record, and what its date alone tells."""
    kinds, actors = ConsentEvent.Kind, ConsentEvent.Actor
    lines = [HistoryLine(kinds(event.kind), actors(event.actor), event.at) for event in consent.events.all()]
    ends_at = consent.expires_at
    if consent.granted_at is not None and ends_at is not None:
        warned_at = max(ends_at - EXPIRING_WITHIN, consent.granted_at)
        if warned_at <= min(now, consent.ended_at or now):
            lines.append(HistoryLine(kinds.EXPIRING, actors.SYSTEM, warned_at))
    if ends_at is not None and consent.ended_at is None and consent.state(now) == Consent.State.EXPIRED:
        lines.append(HistoryLine(kinds.EXPIRED, actors.SYSTEM, ends_at))
    order = list(kinds)
    return tuple(sorted(lines, key=lambda line: (line.at, order.index(line.kind)), reverse=True))


def _with_history(consents: ConsentQuerySet) -> ConsentQuerySet:
    events = Prefetch("events", ConsentEvent.objects.order_by("at", "pk"))
    return consents.select_related(*SIDES).prefetch_related(events)


def _facts(consents: "ConsentQuerySet | list[Consent]", *, now: datetime) -> tuple[ConsentFacts, ...]:
    return tuple(
        ConsentFacts(consent, consent.state(now), history_of(consent, now=now)) for consent in consents
    )
