"""What a person decided of a series, kept with what was there before, so that it can be taken back."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from analytics.models.recurring_series import RecurringSeries

if TYPE_CHECKING:
    from financehub.users.models import User


class SeriesChangeQuerySet(models.QuerySet["SeriesChange"]):
    def for_user(self, user: "User") -> Self:
        return self.filter(series__user=user)


class SeriesChange(models.Model):
    """One deed: the person's columns as they were and as they became."""

    series = models.ForeignKey(RecurringSeries, models.CASCADE, related_name="changes")
    at = models.DateTimeField(_("когда"))
    before = models.JSONField()
    after = models.JSONField()
    undone_at = models.DateTimeField(_("отменено"), null=True, blank=True)

    objects = SeriesChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("решение о регулярном платеже")
        verbose_name_plural = _("решения о регулярных платежах")
        indexes: ClassVar = [models.Index(fields=["series", "-at"], name="series_change_newest")]

    def __str__(self) -> str:
        return f"{self.series_id}:{self.at:%Y-%m-%d %H:%M}"
