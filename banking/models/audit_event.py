"""Who looked at, or changed, a person's data."""

from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from financehub.users.models import User


class LineIsFinal(TypeError):
    """Somebody tried to change or remove a line of the journal."""


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def for_user(self, user: "User") -> Self:
        return self.filter(person=user)

    def update(self, **_fields: Any) -> NoReturn:
        raise LineIsFinal("lines of the journal are never changed")

    def delete(self) -> NoReturn:
        raise LineIsFinal("lines of the journal are never removed")


class AuditEvent(models.Model):
    """One line of the journal of access to a person's data; lines are added, never changed.

    A trigger of the database refuses both too. So a line cannot follow the person who is removed: it
    keeps the bare number, and there is no constraint to the person's row.
    """

    class Kind(models.TextChoices):
        CONNECTED = "connected", _("Банк подключён")
        SYNCED = "synced", _("Данные обновлены")
        RENEWED = "renewed", _("Доступ продлён")
        DISCONNECTED = "disconnected", _("Банк отключён")
        PARTNER_ALLOWED = "partner_allowed", _("Партнёру открыт доступ")
        PARTNER_READ = "partner_read", _("Партнёр прочитал данные")
        PARTNER_CLOSED = "partner_closed", _("Доступ партнёра закрыт")
        TRANSFER_ORDERED = "transfer_ordered", _("Перевод создан")
        TRANSFER_CONFIRMED = "transfer_confirmed", _("Перевод выполнен")
        TRANSFER_REJECTED = "transfer_rejected", _("Перевод не выполнен")

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, related_name="audit_events", db_constraint=False
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
    )
    kind = models.CharField(max_length=32, choices=Kind.choices)
    bank_code = models.CharField(max_length=32, blank=True)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField()

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("событие журнала")
        verbose_name_plural = _("журнал доступа")
        indexes: ClassVar = [models.Index(fields=["person", "-at", "-id"], name="audit_of_person")]

    def __str__(self) -> str:
        return f"{self.person_id}:{self.kind}"

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise LineIsFinal("lines of the journal are never changed")
        super().save(*args, **options)

    def delete(self, *_args: Any, **_options: Any) -> NoReturn:
        raise LineIsFinal("lines of the journal are never removed")
