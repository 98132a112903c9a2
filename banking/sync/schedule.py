"""Sync: when a connection is read next."""

import random
from datetime import datetime, timedelta

from django.conf import settings

from banking.clients import errors
from banking.models import BankConnection
from banking.services.calls import wish

FIRST_RETRY = timedelta(minutes=1)
FIRST_AFTER_LIMIT = timedelta(minutes=15)  # a bank that counts our calls, and does not say until when
SPREAD = timedelta(minutes=5)
JITTER = random.SystemRandom()


def after_success(*, now: datetime) -> datetime:
    """The next regular reading, spread by a tenth so that not all banks are read at once."""
    interval: timedelta = settings.SYNC_INTERVAL
    return now + interval * JITTER.uniform(0.9, 1.1)


def after_failure(
    connection: BankConnection, error: errors.BankError | None = None, *, now: datetime
) -> datetime:
    """A bank's own wish, else a pause that doubles with each failure up to the regular interval."""
    asked = wish(error)
    if asked is not None:
        return now + asked
    first = FIRST_AFTER_LIMIT if isinstance(error, errors.RateLimited) else FIRST_RETRY
    doubled = first * 2 ** min(connection.failures, 16)
    return now + min(doubled, settings.SYNC_INTERVAL) * JITTER.uniform(0.8, 1.2)


def after_waiting(until: datetime) -> datetime:
    """A reading that had to wait: a little later, so that not all who waited come at once."""
    return until + SPREAD * JITTER.uniform(0, 1)
