"""When a connection is read next."""

from datetime import timedelta

import pytest
from django.conf import settings

from banking.clients import errors
from banking.models import BankConnection
from banking.sync import schedule
from tests.banking.sync.bank import NOON, unavailable


def test_the_regular_reading_is_spread_by_a_tenth() -> None:
    pauses = [schedule.after_success(now=NOON) - NOON for _ in range(200)]
    assert min(pauses) >= settings.SYNC_INTERVAL * 0.9
    assert max(pauses) <= settings.SYNC_INTERVAL * 1.1
    assert len(set(pauses)) > 100


def test_pauses_double_up_to_the_regular_one() -> None:
    pauses = [
        schedule.after_failure(BankConnection(failures=failures), unavailable(), now=NOON) - NOON
        for failures in (0, 1, 4, 400)
    ]
    for pause, expected in zip(pauses, (1, 2, 16, settings.SYNC_INTERVAL.total_seconds() / 60), strict=True):
        assert timedelta(minutes=expected) * 0.8 <= pause <= timedelta(minutes=expected) * 1.2


def test_a_limit_without_a_time_is_given_more_of_it() -> None:
    limited = errors.RateLimited(bank="vbank")
    pauses = [
        schedule.after_failure(BankConnection(failures=failures), limited, now=NOON) - NOON
        for failures in (0, 2, 400)
    ]
    for pause, expected in zip(pauses, (15, 60, settings.SYNC_INTERVAL.total_seconds() / 60), strict=True):
        assert timedelta(minutes=expected) * 0.8 <= pause <= timedelta(minutes=expected) * 1.2


def test_those_who_waited_do_not_come_at_once() -> None:
    times = {schedule.after_waiting(NOON) for _ in range(50)}
    assert min(times) >= NOON
    assert max(times) <= NOON + schedule.SPREAD
    assert len(times) > 25


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        (600, timedelta(minutes=10)),
        (0, timedelta(minutes=1)),  # the clock ticks once a minute
        (10**9, timedelta(days=1)),  # and no bank is given up for years
    ],
)
def test_a_banks_wish_is_kept_within_reason(asked: float, waits: timedelta) -> None:
    limited = errors.RateLimited(bank="vbank", retry_after=asked)
    busy = errors.BankUnavailable(bank="vbank", reason="server_error", retry_after=asked)
    for error in (limited, busy):
        assert schedule.after_failure(BankConnection(failures=3), error, now=NOON) == NOON + waits
