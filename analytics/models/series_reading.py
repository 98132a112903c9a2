"""Whether a person's series are in step with their rows."""

from django.conf import settings
from django.db import models


class SeriesReading(models.Model):
    """Due from the transaction that changes rows until series were looked for in them anew."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    is_due = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"{self.user_id}:{'due' if self.is_due else 'done'}"
