"""How much guessing is still allowed, per account and per client address."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class LoginBucket(models.Model):
    """A token bucket as one time stamp: the further `full_at` is ahead, the fewer attempts are left.

    The key is a keyed hash: nobody reads from the table who tried to sign in, or what was typed
    into the wrong field.
    """

    key = models.CharField(_("ключ"), max_length=64, primary_key=True)
    full_at = models.DateTimeField(_("все попытки вернутся"), db_index=True)

    class Meta:
        verbose_name = _("счётчик попыток входа")
        verbose_name_plural = _("счётчики попыток входа")

    def __str__(self) -> str:
        return self.key[:8]
