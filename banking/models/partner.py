"""Partner banks that read clients' data here, and the keys that their tokens are signed with."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from financehub import crypto


class PartnerBank(models.Model):
    """A bank that may ask our clients for access. An administrator registers it; no address is kept."""

    code = models.SlugField(_("код"), max_length=32, unique=True)
    name = models.CharField(_("название"), max_length=100)
    is_active = models.BooleanField(
        _("работает с нами"),
        default=True,
        help_text=_("Выключенный партнёр ничего не может; согласия клиентов остаются."),
    )
    created_at = models.DateTimeField(_("зарегистрирован"), auto_now_add=True)

    class Meta:
        verbose_name = _("партнёр")
        verbose_name_plural = _("партнёры")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Codes are asked for in any case and kept in one."""
        self.code = self.code.lower()


class BankKeyQuerySet(models.QuerySet["BankKey"]):
    def signing(self) -> Self:
        return self.filter(is_signing=True)

    def verifying(self, now: datetime) -> Self:
        """Keys whose tokens may still be alive."""
        return self.filter(models.Q(is_signing=True) | models.Q(retires_at__gt=now))


class BankKey(models.Model):
    """An RSA key for bank tokens: one signs, the ones before it verify until their tokens have ended."""

    kid = models.CharField(max_length=64, unique=True)
    public_pem = models.TextField()
    private_sealed = models.TextField(editable=False)
    is_signing = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    retires_at = models.DateTimeField(null=True, blank=True)

    objects = BankKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("ключ токенов партнёров")
        verbose_name_plural = _("ключи токенов партнёров")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_signing"], condition=models.Q(is_signing=True), name="bank_key_one_signs"
            ),
            models.CheckConstraint(
                condition=models.Q(is_signing=True, retires_at=None)
                | models.Q(is_signing=False, retires_at__isnull=False),
                name="bank_key_signs_or_retires",
            ),
        ]

    def __str__(self) -> str:
        return self.kid

    @staticmethod
    def owner_of(kid: str) -> str:
        """Whom a sealed private key belongs to; in another row it does not open."""
        return f"bank-key:{kid}"

    def open_private(self) -> str:
        """The private key; raises crypto.UnreadableSecret."""
        return crypto.unseal(self.private_sealed, owner=self.owner_of(self.kid))
