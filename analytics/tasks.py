"""What the worker does for analytics: looks for series, stores forecasts. A task only says "have a look"."""

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from analytics import track_record
from analytics.models import ForecastRecord, SeriesReading
from analytics.recurring import keeping
from financehub.periods import local_date
from financehub.users.models import User

PAUSE = 3  # seconds in which more rows may come: a first load writes page after page


@db_task()
def look_for_series(user_id: int) -> None:
    """Bring one person's series in step with the rows; a little later, if they change meanwhile."""
    if not keeping.refresh(user_id=user_id, today=local_date(timezone.now())):
        look_soon(user_id)


def look_soon(user_id: int) -> None:
    """Look for a person's series when the rows have come to rest."""
    look_for_series.schedule((user_id,), delay=PAUSE)


@db_periodic_task(crontab(minute="*"))
def look_for_forgotten_series() -> None:
    """Every minute: whoever's rows changed while a word of it was lost."""
    for user_id in SeriesReading.objects.due().values_list("user_id", flat=True):
        look_for_series(user_id)


@db_periodic_task(crontab(minute="7"))
def store_forecasts() -> None:
    """Every hour: the day's forecast of everybody who has none yet."""
    today = local_date(timezone.now())
    stored = ForecastRecord.objects.filter(made_on=today).values("user")
    people = User.objects.filter(accounts__closed_at=None, accounts__isnull=False)
    for user in people.exclude(pk__in=stored).distinct().order_by("pk"):
        track_record.store(user=user, today=today)
