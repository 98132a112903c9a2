"""What a person allowed FinanceHub to read at a bank."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from banking.models.connection import BankConnection

if TYPE_CHECKING:
    from financehub.users.models import User

EXPIRING_WITHIN = timedelta(days=7)


class ConsentQuerySet(models.QuerySet["Consent"]):
    def for_user(self, user: "User") -> Self:
        return self.filter(connection__user=user)

    def granted(self) -> Self:
        return self.filter(status=Consent.Status.GRANTED)

    def alive(self, now: datetime) -> Self:
        """Granted ones whose last day has not passed, whatever the bank calls them."""
        return self.granted().filter(models.Q(expires_at=None) | models.Q(expires_at__gt=now))

    def past_their_date(self, now: datetime) -> Self:
        """Granted ones whose end nobody has put on record yet."""
        return self.granted().filter(expires_at__lte=now)

    def awaiting(self) -> Self:
        return self.filter(status=Consent.Status.AWAITING)

    def in_states(self, states: Iterable["Consent.State"], now: datetime) -> Self:
        """Those in any of the states that `Consent.state` derives."""
        found = models.Q(pk__in=[])
        for state in states:
            found |= _in_state(state, now)
        return self.filter(found)


def _in_state(state: "Consent.State", now: datetime) -> models.Q:
    unnamed = models.Q(request_id="", consent_id="")
    awaiting, granted = (
        models.Q(status=status) for status in (Consent.Status.AWAITING, Consent.Status.GRANTED)
    )
    soon = now + EXPIRING_WITHIN
    derived = {
        Consent.State.REQUESTED: awaiting & unnamed,
        Consent.State.AWAITING: awaiting & ~unnamed,
        Consent.State.GRANTED: granted & (models.Q(expires_at=None) | models.Q(expires_at__gt=soon)),
        Consent.State.EXPIRING: granted & models.Q(expires_at__gt=now, expires_at__lte=soon),
        Consent.State.EXPIRED: models.Q(status=Consent.Status.EXPIRED)
        | (granted & models.Q(expires_at__lte=now)),
    }
    return derived.get(state, models.Q(status=state.value))


class Consent(models.Model):
    """A consent at a bank: a request until the client signs it, then access until a date.

    A granted consent without `consent_id` is one whose id the bank never told: it opens by itself.
    A connection has at most one granted consent, and one that waits: to be the first, or to renew it.
    """

    class Status(models.TextChoices):
        """What has happened to it; what time does to it, `state` derives."""

        AWAITING = "awaiting", _("Ждёт подтверждения")
        GRANTED = "granted", _("Действует")
        RENEWED = "renewed", _("Продлено")
        REJECTED = "rejected", _("Отклонено")
        REVOKED = "revoked", _("Отозвано")
        EXPIRED = "expired", _("Истекло")

    class State(models.TextChoices):
        """How it stands at a moment."""

        REQUESTED = "requested", _("Отправляем запрос")
        AWAITING = "awaiting", _("Ждёт подтверждения")
        GRANTED = "granted", _("Действует")
        EXPIRING = "expiring", _("Скоро закончится")
        RENEWED = "renewed", _("Продлено")
        REJECTED = "rejected", _("Отклонено")
        REVOKED = "revoked", _("Отозвано")
        EXPIRED = "expired", _("Истекло")

    connection = models.ForeignKey(BankConnection, models.CASCADE, related_name="consents")
    request_id = models.CharField(max_length=100, blank=True)
    consent_id = models.CharField(max_length=100, blank=True)
    status = models.CharField(max_length=16, choices=Status.choices)
    permissions = models.JSONField(default=list)
    purpose = models.CharField(max_length=200, blank=True)
    requested_at = models.DateTimeField()
    granted_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=16, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    next_check_at = models.DateTimeField(null=True, blank=True)
    revoke_due_at = models.DateTimeField(null=True, blank=True)  # when to tell the bank that it has ended

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("согласие")
        verbose_name_plural = _("согласия")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection"],
                condition=models.Q(status="awaiting"),
                name="consent_one_waiting_per_connection",
                violation_error_message=_("Запрос доступа уже ждёт подтверждения."),
            ),
            models.UniqueConstraint(
                fields=["connection"],
                condition=models.Q(status="granted"),
                name="consent_one_granted_per_connection",
                violation_error_message=_("У этого подключения уже есть действующее согласие."),
            ),
        ]

    def __str__(self) -> str:
        return self.consent_id or self.request_id

    @property
    def revoked_by_person(self) -> bool:
        """Whether the person ended it, who is then not asked to connect again."""
        return self.ended_by == ConsentEvent.Actor.PERSON

    @property
    def is_asked(self) -> bool:
        """Whether the bank has answered to the request: until then there is nothing to name it by."""
        return bool(self.request_id or self.consent_id)

    def state(self, now: datetime) -> "Consent.State":
        """How it stands now: dates decide, for banks keep calling a consent authorised after its end."""
        if self.status == Consent.Status.AWAITING and not self.is_asked:
            return Consent.State.REQUESTED
        if self.status != Consent.Status.GRANTED:
            return Consent.State(self.status)
        if self.is_expired(now):
            return Consent.State.EXPIRED
        return Consent.State.EXPIRING if self.is_expiring(now) else Consent.State.GRANTED

    def is_expired(self, now: datetime) -> bool:
        """Whether its last day has passed."""
        return self.expires_at is not None and self.expires_at <= now

    def is_expiring(self, now: datetime) -> bool:
        """Whether it ends within the seven days in which we ask for a renewal."""
        return self.expires_at is not None and now < self.expires_at <= now + EXPIRING_WITHIN


class ConsentEvent(models.Model):
    """One line of a consent's history."""

    class Kind(models.TextChoices):
        REQUESTED = "requested", _("Запрошено")
        AWAITING = "awaiting", _("Ждёт подтверждения")
        GRANTED = "granted", _("Подтверждено")
        EXPIRING = "expiring", _("Скоро закончится")
        RENEWED = "renewed", _("Продлено")
        EXPIRED = "expired", _("Истекло")
        REVOKED = "revoked", _("Отозвано")
        REJECTED = "rejected", _("Отклонено")

    class Actor(models.TextChoices):
        PERSON = "person", _("вы")
        BANK = "bank", _("банк")
        PARTNER = "partner", _("партнёр")
        SYSTEM = "system", _("FinanceHub")

    consent = models.ForeignKey(Consent, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    actor = models.CharField(max_length=16, choices=Actor.choices)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("событие согласия")
        verbose_name_plural = _("события согласий")

    def __str__(self) -> str:
        return f"{self.consent_id}:{self.kind}"
