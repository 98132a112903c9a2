"""A person's access to one bank."""

from datetime import date, datetime
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from banking.models.bank import Bank
from financehub import crypto

if TYPE_CHECKING:
    from financehub.users.models import User


class BankConnectionQuerySet(models.QuerySet["BankConnection"]):
    def for_user(self, user: "User") -> Self:
        return self.filter(user=user)

    def due(self, now: datetime) -> Self:
        """Connections that a scheduled synchronisation may read now."""
        return self.filter(status=BankConnection.Status.ACTIVE, next_run_at__lte=now)

    def charge(self, calls: int, *, day: date) -> None:
        """Put calls on the day's account, which begins anew with each day."""
        same_day = models.When(calls_on=day, then=models.F("calls_made"))
        self.update(calls_made=models.Case(same_day, default=models.Value(0)) + calls, calls_on=day)


class BankConnection(models.Model):
    """A person's access to one bank: how far it has come, and the token that opens it."""

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Запрашиваем доступ")
        AWAITING = "awaiting", _("Ждёт подтверждения в банке")
        ACTIVE = "active", _("Подключён")
        EXPIRED = "expired", _("Доступ закончился")
        REVOKED = "revoked", _("Доступ отозван")
        REJECTED = "rejected", _("Банк или клиент отказал")
        FAILED = "failed", _("Не удалось подключить")
        DISCONNECTED = "disconnected", _("Отключён")  # by the person, who kept what had been read

    class Channel(models.TextChoices):
        BANK = "bank", _("Обычный защищённый канал (TLS)")
        GOST = "gost", _("Только через ГОСТ-шлюз")
        GOST_PREFERRED = "gost_preferred", _("Через ГОСТ-шлюз, а если он закрыт — обычный TLS")
        BANKING_API = "banking_api", _("Banking API по обычному TLS")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="bank_connections")
    bank = models.ForeignKey(Bank, models.PROTECT, related_name="connections")
    client_id = models.CharField(_("клиент в банке"), max_length=100)
    status = models.CharField(_("состояние"), max_length=16, choices=Status.choices, default=Status.REQUESTED)
    channel = models.CharField(_("канал"), max_length=16, choices=Channel.choices, default=Channel.BANK)
    token_sealed = models.TextField(blank=True, editable=False)
    token_expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    last_success_at = models.DateTimeField(_("данные на"), null=True, blank=True)
    last_attempt_at = models.DateTimeField(_("последняя попытка"), null=True, blank=True)
    next_run_at = models.DateTimeField(_("следующая попытка"), null=True, blank=True)
    retry_after = models.DateTimeField(_("банк просит ждать до"), null=True, blank=True)
    failures = models.PositiveSmallIntegerField(_("неудач подряд"), default=0)
    failing_since = models.DateTimeField(_("не читается с"), null=True, blank=True)
    last_error_code = models.CharField(max_length=64, blank=True)
    calls_on = models.DateField(_("день, за который сосчитаны запросы"), null=True, blank=True)
    calls_made = models.PositiveIntegerField(_("запросов за день"), default=0)

    objects = BankConnectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("подключение банка")
        verbose_name_plural = _("подключения банков")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "bank", "client_id"],
                name="connection_once_per_bank_client",
                violation_error_message=_("Этот банк уже подключён."),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_run_at"], condition=models.Q(status="active"), name="connection_due")
        ]

    def __str__(self) -> str:
        return f"{self.bank_id}:{self.client_id}"

    @property
    def gost_policy(self) -> str:
        """Where the GOST gateway is shut, "require" sends nothing and "prefer" goes another way; or "off"."""
        return GOST_POLICIES.get(self.channel, "off")

    @property
    def use_gost(self) -> bool:
        """Whether GOST was asked for; whether it was spoken, only the evidence says."""
        return self.channel in GOST_POLICIES

    @property
    def system(self) -> str:
        """Which of the bank's two systems the channel leads to; each has hosts and tokens of its own."""
        own, shared = self.Channel.BANK, self.Channel.BANKING_API
        return own if self.channel == own else shared

    @property
    def only_reads(self) -> bool:
        """Whether the channel has no calls that move money."""
        return self.system != self.Channel.BANK

    @staticmethod
    def owner_of(pk: int) -> str:
        """Whom a sealed token of a row belongs to; in another row it does not open."""
        return f"connection:{pk}"

    @property
    def _owner(self) -> str:
        return self.owner_of(self.pk)

    def keep_token(self, token: str, *, expires_at: datetime) -> None:
        """Seal a bank token to this row; the caller saves."""
        self.token_sealed = crypto.seal(token, owner=self._owner)
        self.token_expires_at = expires_at

    def open_token(self) -> str:
        """The bank token, or an empty string; raises crypto.UnreadableSecret."""
        return crypto.unseal(self.token_sealed, owner=self._owner) if self.token_sealed else ""

    def drop_token(self) -> None:
        """Forget a token that the bank no longer takes; the caller saves."""
        self.token_sealed, self.token_expires_at = "", None


GOST_POLICIES: dict[str, str] = {
    BankConnection.Channel.GOST: "require",
    BankConnection.Channel.GOST_PREFERRED: "prefer",
}
