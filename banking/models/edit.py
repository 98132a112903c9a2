"""What a person changed on rows: kept with what was there before, so that it can be explained and undone."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from banking.models.category_rule import CategoryRule
from banking.models.transaction import Transaction

if TYPE_CHECKING:
    from financehub.users.models import User


class EditQuerySet(models.QuerySet["Edit"]):
    def for_user(self, user: "User") -> Self:
        return self.filter(user=user)

    def newest_first(self) -> Self:
        return self.order_by("-at", "-id")


class Edit(models.Model):
    """One deed of a person on one row or on many. An undo is a deed of its own and points at the other."""

    class Kind(models.TextChoices):
        CATEGORY = "category", _("Категория")
        NOTE = "note", _("Заметка")
        TAGS = "tags", _("Теги")
        SPLIT = "split", _("Разделена на части")
        UNSPLIT = "unsplit", _("Снова одной строкой")
        DISSOLVE = "dissolve", _("Разделение снято банком")
        EXCLUDE = "exclude", _("Не учитывать в суммах")
        INCLUDE = "include", _("Учитывать в суммах")
        REVIEW = "review", _("Проверено")
        RULE = "rule", _("Правило применено")
        MERGE = "merge", _("Категории объединены")
        PAIR = "pair", _("Перевод между своими счетами")
        UNPAIR = "unpair", _("Не перевод")
        AMEND = "amend", _("Операция исправлена")
        DELETE = "delete", _("Удалено")
        RESTORE = "restore", _("Возвращено")
        UNDO = "undo", _("Отмена")

    FINAL_KINDS = frozenset({Kind.UNDO, Kind.DISSOLVE})  # neither can be taken back

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="edits")
    kind = models.CharField(_("что сделано"), max_length=8, choices=Kind.choices)
    at = models.DateTimeField(_("когда"))
    rows = models.PositiveIntegerField(_("операций"))
    rule = models.ForeignKey(CategoryRule, models.SET_NULL, null=True, blank=True, related_name="runs")
    undone_at = models.DateTimeField(_("отменено"), null=True, blank=True)
    undoes = models.OneToOneField(
        "self", models.CASCADE, null=True, blank=True, related_name="undone_by", verbose_name=_("отменяет")
    )

    objects = EditQuerySet.as_manager()

    class Meta:
        verbose_name = _("изменение")
        verbose_name_plural = _("изменения")
        indexes: ClassVar = [models.Index(fields=["user", "-at", "-id"], name="edit_newest")]

    def __str__(self) -> str:
        return f"{self.user_id}:{self.kind}:{self.at:%Y-%m-%d %H:%M}"


class RowChange(models.Model):
    """What an edit did to one row: the columns that it changed, as they were and as they became."""

    edit = models.ForeignKey(Edit, models.CASCADE, related_name="changes")
    transaction = models.ForeignKey(Transaction, models.CASCADE, related_name="changes")
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        verbose_name = _("изменение операции")
        verbose_name_plural = _("изменения операций")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["edit", "transaction"], name="row_change_once_per_edit")
        ]

    def __str__(self) -> str:
        return f"{self.edit_id}:{self.transaction_id}"
