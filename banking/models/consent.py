"""What a person allowed FinanceHub to read at a bank."""

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

    def awaiting(self) -> Self:
        return self.filter(status=Consent.Status.AWAITING)


class Consent(models.Model):
    """A consent at a bank: a request until the client signs it, then access until a date.

    A granted consent without `consent_id` is one whose id the bank never told: it opens by itself.
    """

    class Status(models.TextChoices):
        AWAITING = "awaiting", _("Ждёт подтверждения")
        GRANTED = "granted", _("Действует")
        REJECTED = "rejected", _("Отклонено")
        REVOKED = "revoked", _("Отозвано")
        EXPIRED = "expired", _("Истекло")

    connection = models.ForeignKey(BankConnection, models.CASCADE, related_name="consents")
    request_id = models.CharField(max_length=100, blank=True)
    consent_id = models.CharField(max_length=100, blank=True)
    status = models.CharField(max_length=16, choices=Status.choices)
    permissions = models.JSONField(default=list)
    requested_at = models.DateTimeField()
    granted_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    next_check_at = models.DateTimeField(null=True, blank=True)

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
        ]

    def __str__(self) -> str:
        return self.consent_id or self.request_id

    def is_expired(self, now: datetime) -> bool:
        """Banks keep calling a consent authorised after its date: the date decides."""
        return self.expires_at is not None and self.expires_at <= now

    def is_expiring(self, now: datetime) -> bool:
        """Whether it ends within the seven days in which we ask for a renewal."""
        return self.expires_at is not None and now < self.expires_at <= now + EXPIRING_WITHIN


class ConsentEvent(models.Model):
    """One line of a consent's history."""

    class Kind(models.TextChoices):
        REQUESTED = "requested", _("Запрошено")
        GRANTED = "granted", _("Подтверждено")
        REJECTED = "rejected", _("Отклонено")
        REVOKED = "revoked", _("Отозвано")
        EXPIRED = "expired", _("Истекло")

    class Actor(models.TextChoices):
        PERSON = "person", _("вы")
        BANK = "bank", _("банк")
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
