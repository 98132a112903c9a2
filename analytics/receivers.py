"""What analytics does when an app below tells it something."""

from typing import Any

from django.db import transaction
from django.dispatch import receiver

from analytics import tasks
from analytics.models import SeriesReading
from banking.signals import rows_changed

PAUSE = 3  # seconds in which more rows may come: a first load writes page after page


@receiver(rows_changed)
def series_are_due(*, user_id: int, **_signal: Any) -> None:
    """Look for series anew, once for all that changes within a few seconds."""
    _, is_new = SeriesReading.objects.get_or_create(user_id=user_id)
    if is_new or SeriesReading.objects.filter(user_id=user_id, is_due=False).update(is_due=True):
        transaction.on_commit(lambda: tasks.look_for_series.schedule((user_id,), delay=PAUSE))
