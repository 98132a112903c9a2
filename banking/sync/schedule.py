"""Sync: when a connection is read next."""

import random
from datetime import datetime, timedelta

from django.conf import settings

from banking.clients import errors
from banking.models import BankConnection

FIRST_RETRY = timedelta(minutes=1)
JITTER = random.SystemRandom()


def after_success(connection: BankConnection, *, now: datetime) -> datetime:
    """The next regular reading, spread by a tenth so that not all banks are read at once."""
    return now + settings.SYNC_INTERVAL * JITTER.uniform(0.9, 1.1)


def after_failure(connection: BankConnection, error: errors.BankError, *, now: datetime) -> datetime:
    """A bank's own wish, else a pause that doubles with each failure up to the regular interval."""
    if isinstance(error, errors.RateLimited) and error.retry_after is not None:
        return now + timedelta(seconds=error.retry_after)
    doubled = FIRST_RETRY * 2 ** min(connection.failures, 16)
    return now + min(doubled, settings.SYNC_INTERVAL) * JITTER.uniform(0.8, 1.2)
