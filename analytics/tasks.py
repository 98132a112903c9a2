"""What the worker does for analytics: looks for series, stores forecasts. A task only says "have a look"."""

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from analytics import track_record
from analytics.models import ForecastRecord, SeriesReading
from analytics.recurring import keeping
from financehub.periods import local_date
from financehub.users.models import User


@db_task()
def look_for_series(user_id: int) -> None:
    """Bring one person's series in step with the rows."""
    keeping.refresh(user_id=user_id, today=local_date(timezone.now()))


@db_periodic_task(crontab(minute="*"))
def look_for_forgotten_series() -> None:
    """Every minute: whoever's rows changed while a word of it was lost."""
    for user_id in SeriesReading.objects.filter(is_due=True).values_list("user_id", flat=True):
        look_for_series(user_id)


@db_periodic_task(crontab(minute="7"))
def store_forecasts() -> None:
    """Every hour: the day's forecast of everybody who has none yet."""
    today = local_date(timezone.now())
    stored = ForecastRecord.objects.filter(made_on=today).values("user")
    people = User.objects.filter(accounts__closed_at=None, accounts__isnull=False)
    for user in people.exclude(pk__in=stored).distinct().order_by("pk"):
        track_record.store(user=user, today=today)
