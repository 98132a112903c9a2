"""Accounts and their balances."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from banking.models.bank import Bank
from banking.models.connection import BankConnection
from financehub.fields import MoneyField

if TYPE_CHECKING:
    from financehub.users.models import User


class AccountQuerySet(models.QuerySet["Account"]):
    def for_user(self, user: "User") -> Self:
        """The person's accounts but those that they removed."""
        return self.filter(user=user, removed_at=None)

    def open(self) -> Self:
        return self.filter(closed_at=None, removed_at=None)

    def removed(self) -> Self:
        return self.filter(removed_at__isnull=False)

    def told_by_banks(self) -> Self:
        """Without the accounts that people keep by hand: those are shown to nobody else."""
        return self.filter(connection__isnull=False)

    def with_bank(self) -> Self:
        return self.select_related("bank", "connection")


class Account(models.Model):
    """An account at a bank, with the balance that the bank named last.

    A bank's account ids repeat across banks, so the key is (person, bank, external id). Whatever
    happens to the connection, the account and its history stay. An account that the person removed
    is remembered without its rows, so that no synchronisation brings it back.

    An account without a connection is the person's own book: cash, or a bank that is not connected.
    What it holds follows from `opening_balance` at the start of `opening_on` and from its rows.
    """

    class Kind(models.TextChoices):
        CASH = "cash", _("Наличные")
        CURRENT = "current", _("Текущий счёт")
        SAVINGS = "savings", _("Накопительный счёт")
        DEPOSIT = "deposit", _("Вклад")
        CARD = "card", _("Кредитная карта")
        LOAN = "loan", _("Кредит")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="accounts")
    bank = models.ForeignKey(Bank, models.PROTECT, related_name="accounts")
    connection = models.ForeignKey(
        BankConnection, models.CASCADE, null=True, blank=True, related_name="accounts"
    )
    external_id = models.CharField(max_length=100)
    number = models.CharField(_("номер"), max_length=34, blank=True)
    name = models.CharField(_("название"), max_length=150, blank=True)
    kind = models.CharField(_("вид"), max_length=16, choices=Kind.choices)
    currency = models.CharField(_("валюта"), max_length=3)
    balance_booked = MoneyField(_("остаток"), null=True, blank=True)
    balance_available = MoneyField(_("доступно"), null=True, blank=True)
    credit_limit = MoneyField(_("кредитный лимит"), null=True, blank=True)
    net_amount = MoneyField(
        _("вклад в капитал"), default=0, help_text=_("Долг со знаком минус, лимит не деньги.")
    )
    balance_as_of = models.DateTimeField(_("остаток на"), null=True, blank=True)
    opened_on = models.DateField(null=True, blank=True)
    closed_at = models.DateTimeField(_("закрыт"), null=True, blank=True)
    removed_at = models.DateTimeField(_("удалён вами"), null=True, blank=True)
    opening_balance = MoneyField(_("начальный остаток"), null=True, blank=True)
    opening_on = models.DateField(_("начальный остаток на"), null=True, blank=True)
    full_read_due = models.BooleanField(_("читать всю историю"), default=True)
    last_synced_at = models.DateTimeField(null=True, blank=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("счёт")
        verbose_name_plural = _("счета")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "bank", "external_id"],
                name="account_once_per_person_and_bank",
                violation_error_message=_("Этот счёт уже есть."),
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["cash", "current", "savings", "deposit", "card", "loan"]),
                name="account_kind_known",
            ),
            models.CheckConstraint(
                condition=models.Q(connection__isnull=False, opening_balance=None, opening_on=None)
                | models.Q(connection=None, opening_balance__isnull=False, opening_on__isnull=False),
                name="account_read_or_kept_by_hand",
                violation_error_message=_("Счёт либо читается из банка, либо ведётся вручную."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bank_id}:{self.external_id}"

    @property
    def is_manual(self) -> bool:
        """Whether the person keeps it by hand."""
        return self.connection_id is None

    @property
    def place(self) -> str:
        """Where the money is, as pages name it."""
        return gettext("Вне банков") if self.is_manual else self.bank.short_name

    @property
    def last_four(self) -> str:
        """The only part of the number that a list shows."""
        return self.number[-4:]


class DailyBalance(models.Model):
    """What an account held when a day ended (Europe/Moscow).

    Either the bank named it on that day, or it follows from the bank's last balance by taking
    later rows away; the source says which.
    """

    class Source(models.TextChoices):
        REPORTED = "reported", _("назван банком")
        DERIVED = "derived", _("вычислен по операциям")

    account = models.ForeignKey(Account, models.CASCADE, related_name="daily_balances")
    date = models.DateField()
    amount = MoneyField()
    source = models.CharField(max_length=8, choices=Source.choices)

    class Meta:
        verbose_name = _("остаток на день")
        verbose_name_plural = _("остатки по дням")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "date"], name="daily_balance_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.account_id}:{self.date}"
