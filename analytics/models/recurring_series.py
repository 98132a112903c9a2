"""What comes again and again: found in the rows, judged by the person."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from analytics.recurring.cadence import Cadence, Moved, Schedule
from banking.models import Account, Category, Transaction
from financehub.fields import MoneyField

if TYPE_CHECKING:
    from decimal import Decimal

    from financehub.users.models import User

LONGEST_NAME = 100


class RecurringSeriesQuerySet(models.QuerySet["RecurringSeries"]):
    def for_user(self, user: "User") -> Self:
        return self.filter(user=user)

    def wanted(self) -> Self:
        """All but those of which the person said that they are none."""
        return self.exclude(decision=RecurringSeries.Decision.DISMISSED)


class RecurringSeries(models.Model):
    """A payment or an income with its rhythm and its price.

    All but `name`, `decision` and `decided_at` is found anew whenever rows change; those three are the
    person's and stay. Whether it was missed or has ended is told from the dates when it is read.
    """

    class Decision(models.TextChoices):
        SUGGESTED = "suggested", _("Предложено")
        CONFIRMED = "confirmed", _("Подтверждено")
        DISMISSED = "dismissed", _("Не регулярный")
        ENDED = "ended", _("Закончился")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recurring_series")
    payee = models.CharField(max_length=200, editable=False)
    title = models.CharField(_("название"), max_length=200)
    kind = models.CharField(_("вид"), max_length=8, choices=Category.Kind.choices)
    category = models.ForeignKey(Category, models.RESTRICT, related_name="+")
    account = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    cadence = models.CharField(max_length=12, choices=[(one.value, one.name) for one in Cadence])
    slot_on = models.DateField(help_text="The day by the calendar of the last sighting.")
    day_of_month = models.PositiveSmallIntegerField()
    moved = models.CharField(max_length=6, blank=True, choices=[(one.value, one.name) for one in Moved])
    currency = models.CharField(_("валюта"), max_length=3)
    is_fixed = models.BooleanField()
    amount = MoneyField(_("сумма"))
    low = MoneyField()
    high = MoneyField()
    price_before = MoneyField(null=True)
    price_since = models.DateField(null=True)
    first_seen = models.DateField()
    last_seen = models.DateField()
    sightings = models.PositiveIntegerField()

    name = models.CharField(_("своё название"), max_length=LONGEST_NAME, blank=True)
    decision = models.CharField(max_length=9, choices=Decision.choices, default=Decision.SUGGESTED)
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = RecurringSeriesQuerySet.as_manager()

    class Meta:
        verbose_name = _("регулярный платёж")
        verbose_name_plural = _("регулярные платежи")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(decision__in=["suggested", "confirmed", "dismissed", "ended"]),
                name="recurring_series_decision_known",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["expense", "income"]), name="recurring_series_is_no_transfer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}:{self.pk}"

    @property
    def called(self) -> str:
        """The person's name for it, else what the bank calls it."""
        return self.name or self.title

    @property
    def schedule(self) -> Schedule:
        """Its days, numbered from the last sighting."""
        return Schedule(Cadence(self.cadence), self.slot_on, self.day_of_month, Moved(self.moved))

    @property
    def a_year(self) -> "Decimal":
        """What it comes to in a year, signed."""
        return self.amount * Cadence(self.cadence).a_year


class SeriesRow(models.Model):
    """A row that belongs to a series; to one at most.

    Banking removes the rows of a whole account in one statement and knows nothing of this table, so the
    database does not hold it to the rows: what is left over goes when series are looked for again.
    """

    series = models.ForeignKey(RecurringSeries, models.CASCADE, related_name="rows")
    transaction = models.OneToOneField(Transaction, models.CASCADE, related_name="+", db_constraint=False)

    class Meta:
        verbose_name = _("операция регулярного платежа")
        verbose_name_plural = _("операции регулярных платежей")

    def __str__(self) -> str:
        return f"{self.series_id}:{self.transaction_id}"
