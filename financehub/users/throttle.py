"""Slows down guessing: attempts are taken from a row in the database, before any password is hashed."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils.crypto import salted_hmac
from django.utils.translation import ngettext

from financehub.errors import DomainError
from financehub.users.models import LoginBucket


@dataclass(frozen=True, slots=True)
class Limit:
    """So many attempts at once; afterwards one more each time `refill` has passed."""

    name: str
    attempts: int
    refill: timedelta

    @property
    def reserve(self) -> timedelta:
        """How far ahead `full_at` may be for one more attempt."""
        return self.refill * (self.attempts - 1)


ACCOUNT = Limit(name="account", attempts=10, refill=timedelta(seconds=30))
ADDRESS = Limit(name="address", attempts=60, refill=timedelta(seconds=5))
REGISTRATION = Limit(name="registration", attempts=60, refill=timedelta(seconds=20))


class TooManyAttempts(DomainError):
    """The bucket is empty; `retry_after` seconds bring one attempt back."""

    code = "too_many_attempts"

    def __init__(self, *, retry_after: int) -> None:
        self.retry_after = retry_after
        minutes = math.ceil(retry_after / 60)
        sentence = ngettext(
            "Слишком много попыток. Повторите через %(minutes)d минуту.",
            "Слишком много попыток. Повторите через %(minutes)d минуты.",
            minutes,
        )
        super().__init__(sentence % {"minutes": minutes})


def take(*, limit: Limit, subject: str, now: datetime) -> None:
    """Take one attempt, or raise TooManyAttempts.

    One conditional UPDATE decides, so processes that work in parallel cannot both take the last one.
    """
    key = _key(limit, subject)
    if _take(key, limit, now):
        return
    LoginBucket.objects.bulk_create([LoginBucket(key=key, full_at=now)], ignore_conflicts=True)
    if not _take(key, limit, now):
        full_at = LoginBucket.objects.values_list("full_at", flat=True).get(key=key)
        wait = full_at - limit.reserve - now
        raise TooManyAttempts(retry_after=max(1, math.ceil(wait.total_seconds())))


def give_back(*, limit: Limit, subject: str) -> None:
    """Return an attempt that turned out to be the right password."""
    LoginBucket.objects.filter(key=_key(limit, subject)).update(full_at=F("full_at") - limit.refill)


def forget_full(*, now: datetime) -> int:
    """Delete the buckets that limit nobody any more; how many they were."""
    deleted, _by_model = LoginBucket.objects.filter(full_at__lte=now).delete()
    return deleted


def _take(key: str, limit: Limit, now: datetime) -> int:
    return LoginBucket.objects.filter(key=key, full_at__lte=now + limit.reserve).update(
        full_at=Greatest(F("full_at"), Value(now)) + limit.refill
    )


def _key(limit: Limit, subject: str) -> str:
    return salted_hmac("users.throttle", f"{limit.name}:{subject}", algorithm="sha256").hexdigest()
