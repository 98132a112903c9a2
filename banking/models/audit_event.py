"""Who looked at, or changed, a person's data."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from financehub.users.models import User


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def for_user(self, user: "User") -> Self:
        return self.filter(person=user)


class AuditEvent(models.Model):
    """One line of the journal of access to a person's data; lines are added, never changed."""

    class Kind(models.TextChoices):
        CONNECTED = "connected", _("Банк подключён")
        SYNCED = "synced", _("Данные обновлены")
        DISCONNECTED = "disconnected", _("Банк отключён")
        TRANSFER_ORDERED = "transfer_ordered", _("Перевод создан")
        TRANSFER_CONFIRMED = "transfer_confirmed", _("Перевод выполнен")
        TRANSFER_REJECTED = "transfer_rejected", _("Перевод не выполнен")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="audit_events")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(max_length=32, choices=Kind.choices)
    bank_code = models.CharField(max_length=32, blank=True)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField()

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("событие журнала")
        verbose_name_plural = _("журнал доступа")
        indexes: ClassVar = [models.Index(fields=["person", "-at"], name="audit_of_person")]

    def __str__(self) -> str:
        return f"{self.person_id}:{self.kind}"
