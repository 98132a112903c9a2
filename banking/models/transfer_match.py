"""Pairs of rows that are, or may be, one transfer: how sure that is and why, and what the person decided."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from banking.models.edit import Edit
from banking.models.transaction import Transaction

if TYPE_CHECKING:
    from financehub.users.models import User


class TransferMatchQuerySet(models.QuerySet["TransferMatch"]):
    def for_user(self, user: "User") -> Self:
        return self.filter(user=user)

    def suggested(self) -> Self:
        return self.filter(state=TransferMatch.State.SUGGESTED)

    def accepted(self) -> Self:
        return self.filter(state=TransferMatch.State.ACCEPTED)

    def rejected(self) -> Self:
        return self.filter(state=TransferMatch.State.REJECTED)

    def of_persons(self) -> Self:
        """What a person decided, which no synchronisation changes."""
        return self.filter(by_person=True)


class TransferMatch(models.Model):
    """Two rows and what was decided of them. A rejected pair is never offered again.

    Which rows are paired at the moment stands on the rows (`Transaction.transfer_pair`); an accepted pair
    of which a bank does not show one side now is parted there and joined again when the side is back.
    """

    class State(models.TextChoices):
        SUGGESTED = "suggested", _("Предложена")
        ACCEPTED = "accepted", _("Это перевод")
        REJECTED = "rejected", _("Не перевод")

    class Kind(models.TextChoices):
        OWN = "own", _("Перевод между своими счетами")
        RETURNED = "returned", _("Перевод, который вернулся")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="transfer_matches")
    out = models.ForeignKey(Transaction, models.CASCADE, related_name="matches_out")
    into = models.ForeignKey(Transaction, models.CASCADE, related_name="matches_into")
    kind = models.CharField(_("вид"), max_length=8, choices=Kind.choices, default=Kind.OWN)
    state = models.CharField(_("состояние"), max_length=9, choices=State.choices)
    by_person = models.BooleanField(_("решил человек"), default=False)
    score = models.SmallIntegerField(_("оценка"))
    reasons = models.JSONField(_("причины"), default=list)
    decided_at = models.DateTimeField(_("решено"), null=True, blank=True)
    edit = models.ForeignKey(Edit, models.SET_NULL, null=True, blank=True, related_name="transfer_matches")

    objects = TransferMatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("пара перевода")
        verbose_name_plural = _("пары переводов")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["out", "into"], name="transfer_match_once"),
            models.UniqueConstraint(
                fields=["out"], condition=models.Q(state="accepted"), name="transfer_match_one_for_debit"
            ),
            models.UniqueConstraint(
                fields=["into"], condition=models.Q(state="accepted"), name="transfer_match_one_for_credit"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["user", "state"], name="transfer_match_by_state")]

    def __str__(self) -> str:
        return f"{self.out_id}:{self.into_id}:{self.state}"
