"""What a person's months come to, by account and category, kept so that reports need not read every row."""

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from banking.models.account import Account
from banking.models.category import Category
from financehub.fields import MoneyField

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler

    from financehub.periods import Period
    from financehub.users.models import User


class FirstOfMonth(models.Func):
    """The first day of a date's month, computed by the database itself.

    TruncMonth would call into Python for every row of SQLite.
    """

    template = "CAST(date_trunc('month', %(expressions)s) AS date)"
    output_field = models.DateField()
    arity = 1

    def as_sqlite(self, compiler: "SQLCompiler", connection: "BaseDatabaseWrapper", **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="date(%(expressions)s, 'start of month')", **extra)


class MonthTotalQuerySet(models.QuerySet["MonthTotal"]):
    def for_user(self, user: "User") -> Self:
        return self.filter(user=user)

    def within(self, months: "Period") -> Self:
        """The whole months of a period."""
        return self.filter(month__gte=months.start, month__lt=months.end)


class MonthTotal(models.Model):
    """All rows of one month, account, category, currency and kind: their number, and what counts of them.

    Derived from the transactions and refreshed together with them (`banking.totals`); it may be
    thrown away and rebuilt.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    month = models.DateField()
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    category = models.ForeignKey(Category, models.CASCADE, related_name="+")
    currency = models.CharField(max_length=3)
    kind = models.CharField(max_length=8, choices=Category.Kind.choices)
    rows = models.PositiveIntegerField()
    counted = models.PositiveIntegerField()
    amount = MoneyField()

    objects = MonthTotalQuerySet.as_manager()

    class Meta:
        verbose_name = _("итог месяца")
        verbose_name_plural = _("итоги месяцев")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "month", "account", "category", "currency", "kind"],
                name="month_total_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id}:{self.month}:{self.account_id}:{self.category_id}:{self.currency}:{self.kind}"
