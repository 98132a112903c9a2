"""What a currency was worth in rubles on a day, and who said so."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Collection

    from financehub.periods import Period


class ExchangeRateQuerySet(models.QuerySet["ExchangeRate"]):
    def of(self, currencies: "Collection[str]") -> Self:
        return self.filter(currency__in=currencies)

    def published_in(self, days: "Period") -> Self:
        return self.filter(date__gte=days.start, date__lt=days.end)


class ExchangeRate(models.Model):
    """Rubles for one unit of a currency from a day on, until the next list.

    The list may count by tens or thousands of units; that is divided away before it is stored.
    """

    class Source(models.TextChoices):
        CBR = "cbr", _("Банк России")
        BUNDLED = "bundled", _("демо-банки, курсы вымышлены")

    currency = models.CharField(_("валюта"), max_length=3)
    date = models.DateField(_("день"))
    rate = models.DecimalField(_("рублей за единицу"), max_digits=20, decimal_places=10)
    source = models.CharField(_("источник"), max_length=8, choices=Source.choices)

    objects = ExchangeRateQuerySet.as_manager()

    class Meta:
        verbose_name = _("курс валюты")
        verbose_name_plural = _("курсы валют")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["currency", "date"], name="rate_once_a_day"),
            models.CheckConstraint(
                condition=models.Q(rate__gt=0),
                name="rate_above_zero",
                violation_error_message=_("Курс больше нуля."),
            ),
            models.CheckConstraint(
                condition=~models.Q(currency="RUB"),
                name="rate_of_another_currency",
                violation_error_message=_("У рубля курса к рублю нет."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency}:{self.date}"
