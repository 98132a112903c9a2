"""What the worker does for analytics: each day's forecast is stored, whoever looks at it or not."""

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task

from analytics import track_record
from analytics.models import ForecastRecord
from financehub.periods import local_date
from financehub.users.models import User


@db_periodic_task(crontab(minute="7"))
def store_forecasts() -> None:
    """Every hour: the day's forecast of everybody who has none yet."""
    today = local_date(timezone.now())
    stored = ForecastRecord.objects.filter(made_on=today).values("user")
    people = User.objects.filter(accounts__closed_at=None, accounts__isnull=False)
    for user in people.exclude(pk__in=stored).distinct().order_by("pk"):
        track_record.store(user=user, today=today)
