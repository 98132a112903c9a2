"""What the worker does for analytics: looks for series where rows changed. A task only says "have a look"."""

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from analytics.models import SeriesReading
from analytics.recurring import keeping
from financehub.periods import local_date


@db_task()
def look_for_series(user_id: int) -> None:
    """Bring one person's series in step with the rows."""
    keeping.refresh(user_id=user_id, today=local_date(timezone.now()))


@db_periodic_task(crontab(minute="*"))
def look_for_forgotten_series() -> None:
    """Every minute: whoever's rows changed while a word of it was lost."""
    for user_id in SeriesReading.objects.filter(is_due=True).values_list("user_id", flat=True):
        look_for_series(user_id)
