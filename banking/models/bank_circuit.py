"""Whether a bank answers at all, as all who read it have found."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from banking.models.bank import Bank
from banking.models.connection import BankConnection


class BankCircuit(models.Model):
    """What all connections to a bank's system share: once it stays silent, they stop asking one by one.

    Closed while `open_until` is empty. Open until then; later half-open: one connection at a time
    takes the probe (`probe_until`), and its outcome closes the circuit or opens it for longer.
    """

    bank = models.ForeignKey(Bank, models.CASCADE, related_name="circuits")
    system = models.CharField(max_length=16, default=BankConnection.Channel.BANK)
    failures = models.PositiveSmallIntegerField(_("неудач подряд"), default=0)
    failing_since = models.DateTimeField(_("не отвечает с"), null=True, blank=True)
    last_failed = models.ForeignKey(BankConnection, models.SET_NULL, null=True, blank=True, related_name="+")
    open_until = models.DateTimeField(_("не спрашивать до"), null=True, blank=True)
    probe_until = models.DateTimeField(_("проба до"), null=True, blank=True)

    class Meta:
        verbose_name = _("связь с банком")
        verbose_name_plural = _("связь с банками")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bank", "system"], name="circuit_per_system")
        ]

    def __str__(self) -> str:
        return f"{self.bank_id}:{self.system}"

    def rests(self, now: datetime) -> bool:
        """Whether the clock leaves the bank alone for now."""
        return self.open_until is not None and self.open_until > now
