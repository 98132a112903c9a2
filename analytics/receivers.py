"""What analytics does when an app below tells it something."""

from typing import Any

from django.db import transaction
from django.db.models import F
from django.dispatch import receiver

from analytics import tasks
from analytics.models import SeriesReading
from banking.signals import rows_changed


@receiver(rows_changed)
def series_are_due(*, user_id: int, **_signal: Any) -> None:
    """Look for series anew, once for all that changes within a few seconds."""
    reading = SeriesReading.objects.filter(user_id=user_id)
    another = {"changes": F("changes") + 1}
    if reading.due().update(**another):
        return  # somebody was told already
    if not reading.update(**another):
        SeriesReading.objects.create(user_id=user_id)
    transaction.on_commit(lambda: tasks.look_soon(user_id))
