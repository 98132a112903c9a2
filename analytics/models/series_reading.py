"""Whether a person's series are in step with their rows."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F

if TYPE_CHECKING:
    from financehub.users.models import User


class SeriesReadingQuerySet(models.QuerySet["SeriesReading"]):
    def for_user(self, user: "User") -> Self:
        return self.filter(user=user)

    def due(self) -> Self:
        """Rows changed since series were last looked for in them."""
        return self.exclude(changes=F("read"))


class SeriesReading(models.Model):
    """How often a person's rows changed, and how many of these changes the stored series know of.

    Counted in the transaction that changes rows, so that no change slips between reading and storing.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    changes = models.PositiveIntegerField(default=1)
    read = models.PositiveIntegerField(default=0)

    objects = SeriesReadingQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.user_id}:{self.read}/{self.changes}"
