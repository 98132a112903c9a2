"""What a person's days come to, kept so that sums over years need not read every row."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from banking.models.category import Category
from financehub.fields import MoneyField

if TYPE_CHECKING:
    from financehub.periods import Period
    from financehub.users.models import User


class DayTotalQuerySet(models.QuerySet["DayTotal"]):
    def for_user(self, user: "User") -> Self:
        return self.filter(user=user)

    def booked_in(self, period: "Period") -> Self:
        return self.filter(date__gte=period.start, date__lt=period.end)


class DayTotal(models.Model):
    """All rows of one day, currency and kind: how many there are, how many count, and their sum.

    Derived from the transactions and refreshed together with them (`banking.totals`); it may be
    thrown away and rebuilt.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    date = models.DateField()
    currency = models.CharField(max_length=3)
    kind = models.CharField(max_length=8, choices=Category.Kind.choices)
    rows = models.PositiveIntegerField()
    counted = models.PositiveIntegerField()
    amount = MoneyField()

    objects = DayTotalQuerySet.as_manager()

    class Meta:
        verbose_name = _("итог дня")
        verbose_name_plural = _("итоги дней")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "date", "currency", "kind"], name="day_total_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id}:{self.date}:{self.currency}:{self.kind}"
