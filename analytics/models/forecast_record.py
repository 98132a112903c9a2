"""What was predicted, kept so that it can be compared with what came."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from financehub.fields import MoneyField

if TYPE_CHECKING:
    from financehub.users.models import User


class ForecastRecordQuerySet(models.QuerySet["ForecastRecord"]):
    def for_user(self, user: "User") -> Self:
        return self.filter(user=user)


class ForecastRecord(models.Model):
    """A day's forecast of the balance of some accounts `days` later, in rubles; one a day and length.

    The accounts are those that the forecast was of: one connected later is in no comparison.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    made_on = models.DateField(_("сделан"))
    days = models.PositiveSmallIntegerField(_("на сколько дней"))
    target_on = models.DateField(_("на какой день"))
    amount = MoneyField(_("остаток"))
    low = MoneyField()
    high = MoneyField()
    accounts = models.JSONField(default=list)

    objects = ForecastRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("прогноз")
        verbose_name_plural = _("прогнозы")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "made_on", "days"], name="forecast_once_a_day"),
            models.CheckConstraint(
                condition=models.Q(low__lte=models.F("amount"), amount__lte=models.F("high")),
                name="forecast_within_its_band",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}:{self.made_on}+{self.days}"
