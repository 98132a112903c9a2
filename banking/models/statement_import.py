"""Files of rows that a person brings, and how the columns of such files are read."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from banking.models.account import Account

if TYPE_CHECKING:
    from financehub.users.models import User


class StatementImportQuerySet(models.QuerySet["StatementImport"]):
    def for_user(self, user: "User") -> Self:
        return self.filter(user=user)

    def newest_first(self) -> Self:
        return self.order_by("-uploaded_at", "-id")


class StatementImport(models.Model):
    """One file for one account: waiting until its columns are settled, then in the account, or taken back.

    The file is kept, packed, only while it waits. Its rows know the import that they came with, so
    that taking it back removes those and no other.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Ждёт проверки")
        DONE = "done", _("Загружен")
        UNDONE = "undone", _("Отменён")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="statement_imports")
    account = models.ForeignKey(Account, models.CASCADE, related_name="statement_imports")
    file_name = models.CharField(_("файл"), max_length=200)
    state = models.CharField(_("состояние"), max_length=8, choices=State.choices, default=State.WAITING)
    content = models.BinaryField(null=True, editable=False)
    columns = models.JSONField(_("столбцы"), default=dict)
    rows_new = models.PositiveIntegerField(_("новых"), default=0)
    rows_known = models.PositiveIntegerField(_("уже были"), default=0)
    rows_failed = models.PositiveIntegerField(_("с ошибками"), default=0)
    uploaded_at = models.DateTimeField(_("загружен"))
    imported_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = StatementImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("загрузка выписки")
        verbose_name_plural = _("загрузки выписок")
        indexes: ClassVar = [models.Index(fields=["user", "-uploaded_at", "-id"], name="statement_newest")]

    def __str__(self) -> str:
        return f"{self.user_id}:{self.pk}:{self.state}"


class ImportProfile(models.Model):
    """How a person's files with a certain header are read; the next one of its kind is read so at once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="import_profiles")
    signature = models.CharField(max_length=32)
    columns = models.JSONField(_("столбцы"))
    used_at = models.DateTimeField(_("использован"))

    class Meta:
        verbose_name = _("разметка выписки")
        verbose_name_plural = _("разметки выписок")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "signature"], name="import_profile_once_per_header")
        ]

    def __str__(self) -> str:
        return f"{self.user_id}:{self.signature}"
