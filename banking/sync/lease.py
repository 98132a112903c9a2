"""Sync: who works on a run. The row is the truth; a worker that stops renewing its lease loses it."""

import time
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from banking.models import Account, SyncRun, SyncRunAccount
from banking.services.calls import Meter

REPORT_EVERY = 0.5  # seconds between two notes of progress


class LeaseLost(Exception):
    """Another worker took the run over, or it was deleted: stop at once and write nothing more."""


class Cancelled(Exception):
    """The person cancelled the run."""


class AccountRemoved(Exception):
    """The person removed the account while it was read."""


def claim(run_id: int, *, worker: str, now: datetime) -> SyncRun | None:
    """Take a run that nobody works on, by one conditional UPDATE; None when it is taken or over."""
    taken = (
        SyncRun.objects.filter(pk=run_id)
        .claimable(now)
        .update(
            state=SyncRun.State.RUNNING,
            worker=worker,
            lease_until=now + settings.SYNC_LEASE,
            started_at=now,
        )
    )
    if not taken:
        return None
    run = SyncRun.objects.select_related("connection__bank", "connection__user")
    return run.filter(pk=run_id, worker=worker).first()


class Progress:
    """Notes how far a run came, renews its lease and hears of a cancellation.

    Pages come faster than anyone looks, so notes are at least half a second apart.
    """

    def __init__(
        self, run: SyncRun, *, meter: Meter | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._run = run
        self.meter = meter or Meter(bank=run.connection.bank.code, counted=run.calls_made)
        self._clock = clock
        self._noted_at = clock()

    def tick(self, step: SyncRunAccount) -> None:
        """Note one more page of an account; raises LeaseLost or Cancelled."""
        if self._clock() - self._noted_at >= REPORT_EVERY:
            self.note(step)

    def note(self, step: SyncRunAccount) -> None:
        """Write the account's progress and renew the lease now; raises LeaseLost or Cancelled."""
        self._noted_at = self._clock()
        SyncRunAccount.objects.filter(pk=step.pk).update(
            state=step.state,
            pages_read=step.pages_read,
            pages_total=step.pages_total,
            rows_read=step.rows_read,
            error_code=step.error_code,
        )
        self.renew()

    def hold(self, account: Account) -> None:
        """Keep run and account until the surrounding transaction ends; raises when either is gone.

        Whatever a run writes, it writes after this: a worker that lost its lease while it waited for
        the bank must not overwrite its successor, nor write for an account that is being removed.
        """
        self.renew()
        held = Account.objects.select_for_update(no_key=True).filter(pk=account.pk, removed_at=None)
        if not held.values_list("pk", flat=True):
            raise AccountRemoved

    def renew(self) -> None:
        """Renew the lease and note the calls made so far; raises LeaseLost or Cancelled."""
        mine = SyncRun.objects.filter(pk=self._run.pk, worker=self._run.worker, state=SyncRun.State.RUNNING)
        if not mine.filter(cancel_requested=False).update(
            lease_until=timezone.now() + settings.SYNC_LEASE, calls_made=self.meter.calls
        ):
            if mine.filter(cancel_requested=True).exists():
                raise Cancelled
            raise LeaseLost

    def add(self, **counts: int) -> None:
        """Add to the run's counts of rows."""
        SyncRun.objects.filter(pk=self._run.pk).update(
            **{name: F(name) + count for name, count in counts.items()}
        )
