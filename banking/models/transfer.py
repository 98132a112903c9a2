"""Transfers that a person orders here between their own accounts."""

import re
import secrets
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from banking.models.account import Account
from banking.models.bank import Bank
from banking.models.consent import Consent
from financehub.fields import MoneyField

if TYPE_CHECKING:
    from financehub.users.models import User


# Where a transfer may start, and where it may end: a loan is repaid by its own schedule.
PAYING_KINDS: frozenset[str] = frozenset({Account.Kind.CURRENT, Account.Kind.SAVINGS})
PAYABLE_KINDS: frozenset[str] = PAYING_KINDS | {Account.Kind.DEPOSIT, Account.Kind.CARD}
LONGEST_KEY = 100
LONGEST_PURPOSE = 140
REFERENCE = re.compile(r"\bFH-[0-9A-F]{8}\b")


def new_reference() -> str:
    """A reference that no other transfer has, short enough to be read out."""
    return f"FH-{secrets.token_hex(4).upper()}"


class TransferQuerySet(models.QuerySet["Transfer"]):
    def for_user(self, user: "User") -> Self:
        return self.filter(user=user)

    def open(self) -> Self:
        """Transfers whose end is not known yet."""
        return self.filter(state__in=Transfer.OPEN_STATES)

    def due(self, now: datetime) -> Self:
        """Open transfers that a worker may take up now."""
        return self.open().filter(next_check_at__lte=now).free(now)

    def free(self, now: datetime) -> Self:
        """Transfers that no living worker holds."""
        return self.filter(models.Q(lease_until=None) | models.Q(lease_until__lt=now))

    def inside_banks(self) -> Self:
        return self.filter(from_bank=models.F("to_bank"))

    def between_banks(self) -> Self:
        return self.exclude(from_bank=models.F("to_bank"))

    def with_places(self) -> Self:
        return self.select_related("from_bank", "to_bank")

    def newest_first(self) -> Self:
        """The order of every list and of its keyset pages."""
        return self.order_by("-created_at", "-id")


class Transfer(models.Model):
    """An order to move money between two accounts of one person, and what became of it.

    The row is written before anything leaves for the bank, and is what a worker works off. It is sent
    at most once: from `sent` on, a worker only asks what happened. `reference` stands in the bank's
    text, so that the debit can be told from every other one. What an account was called stays here,
    should the account go.
    """

    class State(models.TextChoices):
        CREATED = "created", _("Готовится")
        SENT = "sent", _("Отправлен")
        CONFIRMED = "confirmed", _("Выполнен")
        REJECTED = "rejected", _("Не выполнен")
        UNKNOWN = "unknown", _("Проверяем")

    OPEN_STATES = (State.CREATED, State.SENT, State.UNKNOWN)

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="transfers")
    from_account = models.ForeignKey(Account, models.SET_NULL, null=True, blank=True, related_name="+")
    to_account = models.ForeignKey(Account, models.SET_NULL, null=True, blank=True, related_name="+")
    from_bank = models.ForeignKey(Bank, models.PROTECT, related_name="+")
    to_bank = models.ForeignKey(Bank, models.PROTECT, related_name="+")
    from_name = models.CharField(_("со счёта"), max_length=150)
    to_name = models.CharField(_("на счёт"), max_length=150)
    from_number = models.CharField(max_length=34)
    to_number = models.CharField(max_length=34)
    partner_consent = models.ForeignKey(
        Consent, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name=_("согласие партнёра")
    )
    amount = MoneyField(_("сумма"))
    currency = models.CharField(_("валюта"), max_length=3)
    purpose = models.CharField(_("комментарий"), max_length=LONGEST_PURPOSE, blank=True)

    key = models.CharField(_("ключ повтора"), max_length=LONGEST_KEY, editable=False)
    body_hash = models.CharField(max_length=64, editable=False)
    reference = models.CharField(_("номер"), max_length=16, unique=True, default=new_reference)

    state = models.CharField(_("состояние"), max_length=16, choices=State.choices, default=State.CREATED)
    consent_request_id = models.CharField(max_length=100, blank=True)
    consent_id = models.CharField(max_length=100, blank=True)
    payment_id = models.CharField(_("номер платежа в банке"), max_length=100, blank=True)
    error_code = models.CharField(max_length=64, blank=True)
    bank_words = models.CharField(_("ответ банка"), max_length=200, blank=True)

    created_at = models.DateTimeField(_("создан"))
    sent_at = models.DateTimeField(_("отправлен"), null=True, blank=True)
    checked_at = models.DateTimeField(_("проверен"), null=True, blank=True)
    settled_at = models.DateTimeField(_("завершён"), null=True, blank=True)
    next_check_at = models.DateTimeField(null=True, blank=True)
    checks = models.PositiveSmallIntegerField(_("проверок"), default=0)
    worker = models.CharField(max_length=64, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)

    objects = TransferQuerySet.as_manager()

    class Meta:
        verbose_name = _("перевод")
        verbose_name_plural = _("переводы")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "key"],
                name="transfer_key_once_per_person",
                violation_error_message=_("Этот перевод уже есть."),
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0),
                name="transfer_amount_positive",
                violation_error_message=_("Сумма перевода должна быть больше нуля."),
            ),
            models.CheckConstraint(
                condition=models.Q(from_account=None)
                | models.Q(to_account=None)
                | ~models.Q(from_account=models.F("to_account")),
                name="transfer_between_two_accounts",
                violation_error_message=_("Выберите два разных счёта."),
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["created", "sent", "unknown"], settled_at=None)
                | models.Q(state__in=["confirmed", "rejected"], settled_at__isnull=False),
                name="transfer_settled_when_over",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["created", "rejected"]) | models.Q(sent_at__isnull=False),
                name="transfer_sent_before_known",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "-created_at", "-id"], name="transfer_newest"),
            models.Index(
                fields=["next_check_at"],
                condition=models.Q(state__in=["created", "sent", "unknown"]),
                name="transfer_due",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN_STATES

    @property
    def is_between_banks(self) -> bool:
        return self.from_bank_id != self.to_bank_id

    @property
    def awaits_approval(self) -> bool:
        """Whether the bank waits for its client to sign this very transfer."""
        return self.state == self.State.CREATED and bool(self.consent_request_id) and not self.consent_id
