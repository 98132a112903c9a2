"""What is known of a connection's way through the GOST gateway, because it was measured."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from banking.models.connection import BankConnection


class GostHandshake(models.Model):
    """The last attempt of a connection to speak GOST, and beside it the last handshake that was verified."""

    class Via(models.TextChoices):
        GOST = "gost", _("ГОСТ, измерено здесь")
        TUNNEL = "tunnel", _("через туннель, здесь не измерено")
        ORDINARY = "ordinary", _("обычный TLS вместо ГОСТ")
        NOTHING = "", _("соединение не установлено")

    connection = models.OneToOneField(
        BankConnection, models.CASCADE, primary_key=True, related_name="gost_handshake"
    )
    outcome = models.CharField(_("исход попытки"), max_length=32)
    via = models.CharField(_("какой путь выбран"), max_length=16, choices=Via.choices, blank=True)
    measured_at = models.DateTimeField(_("измерено"))
    address = models.CharField(_("адрес шлюза"), max_length=255, blank=True)
    detail = models.CharField(_("подробности"), max_length=255, blank=True)
    pinned = models.CharField(_("чему доверяем"), max_length=32, blank=True)

    verified_at = models.DateTimeField(_("рукопожатие проверено"), null=True, blank=True)
    seconds = models.FloatField(_("длительность рукопожатия, с"), null=True, blank=True)
    protocol = models.CharField(_("протокол"), max_length=16, blank=True)
    suite = models.CharField(_("набор шифров"), max_length=64, blank=True)
    suite_code = models.CharField(_("номер набора"), max_length=8, blank=True)
    subject = models.CharField(_("владелец сертификата"), max_length=500, blank=True)
    issuer = models.CharField(_("кем выдан"), max_length=500, blank=True)
    signature = models.CharField(_("подпись сертификата"), max_length=64, blank=True)
    fingerprint = models.CharField(_("отпечаток SHA-256"), max_length=64, blank=True)
    valid_from = models.DateTimeField(_("действует с"), null=True, blank=True)
    valid_until = models.DateTimeField(_("действует до"), null=True, blank=True)

    class Meta:
        verbose_name = _("рукопожатие ГОСТ")
        verbose_name_plural = _("рукопожатия ГОСТ")

    def __str__(self) -> str:
        return f"{self.pk}: {self.outcome}"

    @property
    def is_verified(self) -> bool:
        """Whether the last attempt was a handshake made and checked here: what a badge rests on."""
        return self.via == self.Via.GOST

    @property
    def fell_back(self) -> bool:
        """Whether ordinary TLS was taken in place of GOST."""
        return self.via == self.Via.ORDINARY
