"""What a person wants certain rows to be, now and whenever such rows come."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from banking.models.account import Account
from banking.models.category import Category
from financehub.fields import MoneyField

if TYPE_CHECKING:
    from financehub.users.models import User

LONGEST_TEXT = 100


class CategoryRuleQuerySet(models.QuerySet["CategoryRule"]):
    def for_user(self, user: "User") -> Self:
        return self.filter(user=user)

    def newest_first(self) -> Self:
        """The order in which rules are tried: a later one knows better."""
        return self.order_by("-id")


class CategoryRule(models.Model):
    """Conditions that must all hold, and the category that follows. Texts are plain, never patterns."""

    class Match(models.TextChoices):
        CONTAINS = "contains", _("содержит")
        STARTS = "starts", _("начинается с")

    class Direction(models.TextChoices):
        ANY = "", _("Любое")
        OUT = "out", _("Списание")
        IN = "in", _("Поступление")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="category_rules")
    category = models.ForeignKey(Category, models.RESTRICT, related_name="rules")
    match = models.CharField(_("как сравнивать"), max_length=8, choices=Match.choices, default=Match.CONTAINS)
    text = models.CharField(_("текст"), max_length=LONGEST_TEXT, blank=True)
    lowest = MoneyField(_("сумма от"), null=True, blank=True)
    highest = MoneyField(_("сумма до"), null=True, blank=True)
    direction = models.CharField(_("направление"), max_length=3, choices=Direction.choices, blank=True)
    account = models.ForeignKey(Account, models.CASCADE, null=True, blank=True, related_name="category_rules")
    mcc = models.CharField("MCC", max_length=4, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CategoryRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("правило")
        verbose_name_plural = _("правила")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(text="", mcc="")
                | Q(account__isnull=False)
                | Q(lowest__isnull=False)
                | Q(highest__isnull=False),
                name="category_rule_has_a_condition",
                violation_error_message=_("Правилу нужно хотя бы одно условие: текст, сумма, счёт или MCC."),
            ),
            models.CheckConstraint(
                condition=Q(direction__in=["", "in", "out"]), name="category_rule_direction_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}:{self.pk}"
