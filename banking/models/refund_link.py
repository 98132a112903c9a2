"""Refunds and the purchases that they take back."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from banking.models.transaction import Transaction

if TYPE_CHECKING:
    from financehub.users.models import User


class RefundLinkQuerySet(models.QuerySet["RefundLink"]):
    def for_user(self, user: "User") -> Self:
        return self.filter(user=user)


class RefundLink(models.Model):
    """A refund and its purchase. Without a purchase it says that the person found none of them right."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="refund_links")
    refund = models.OneToOneField(Transaction, models.CASCADE, related_name="refund_link")
    purchase = models.ForeignKey(Transaction, models.CASCADE, null=True, blank=True, related_name="refunds")
    by_person = models.BooleanField(_("решил человек"), default=False)

    objects = RefundLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("возврат покупки")
        verbose_name_plural = _("возвраты покупок")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(purchase__isnull=False) | models.Q(by_person=True),
                name="refund_link_says_something",
            )
        ]

    def __str__(self) -> str:
        return f"{self.refund_id}:{self.purchase_id}"
