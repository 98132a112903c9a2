"""Banks that a person can connect."""

from django.db import models
from django.utils.translation import gettext_lazy as _

OUTSIDE = "manual"
"""The code of the place for accounts that no bank tells of. Nobody connects it, no partner asks for it."""


class Bank(models.Model):
    """A bank of the registry. Its address stands in the settings, never in a request."""

    code = models.SlugField(_("код"), max_length=32, unique=True)
    name = models.CharField(_("название"), max_length=100)
    short_name = models.CharField(_("короткое название"), max_length=32)
    description = models.CharField(_("описание"), max_length=200, blank=True)
    monogram = models.CharField(_("монограмма"), max_length=2)
    hue = models.PositiveSmallIntegerField(_("оттенок знака, 0–359"))
    is_active = models.BooleanField(_("можно подключить"), default=True)

    class Meta:
        verbose_name = _("банк")
        verbose_name_plural = _("банки")

    def __str__(self) -> str:
        return self.short_name
