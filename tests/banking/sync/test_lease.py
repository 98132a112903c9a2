"""Who works on a run, and how others hear of it."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from banking.models import Account, SyncRun, SyncRunAccount
from banking.sync import lease
from tests.banking.sync.bank import NOON
from tests.factories import AccountFactory, SyncRunFactory

State = SyncRun.State


def _claimed(**fields: object) -> SyncRun:
    run = SyncRunFactory(state=State.QUEUED, **fields)
    claimed = lease.claim(run.pk, worker="mine", now=NOON)
    assert claimed is not None
    return claimed


def test_a_queued_run_is_claimed_once(db: None) -> None:
    run = _claimed()
    assert (run.state, run.worker, run.lease_until) == (State.RUNNING, "mine", NOON + settings.SYNC_LEASE)
    assert lease.claim(run.pk, worker="other", now=NOON) is None


def test_a_run_is_taken_over_when_its_lease_is_over(db: None) -> None:
    run = _claimed()
    assert lease.claim(run.pk, worker="other", now=run.lease_until) is None
    taken = lease.claim(run.pk, worker="other", now=run.lease_until + timedelta(seconds=1))
    assert taken is not None
    with pytest.raises(lease.LeaseLost):
        lease.Progress(run).renew()
    lease.Progress(taken).renew()


@pytest.mark.parametrize("state", [State.DONE, State.PARTIAL, State.FAILED, State.CANCELLED])
def test_a_finished_run_is_not_claimed(db: None, state: str) -> None:
    run = SyncRunFactory(state=state)
    assert lease.claim(run.pk, worker="mine", now=NOON) is None


def test_notes_are_half_a_second_apart_and_renew_the_lease(db: None) -> None:
    run = _claimed()
    step = SyncRunAccount.objects.create(run=run, account=AccountFactory(connection=run.connection))
    seconds = 0.0
    progress = lease.Progress(run, clock=lambda: seconds)
    step.pages_read = 3
    progress.tick(step)
    assert SyncRunAccount.objects.get().pages_read == 0
    seconds = 0.5
    progress.tick(step)
    run.refresh_from_db()
    assert SyncRunAccount.objects.get().pages_read == 3
    assert run.lease_until > timezone.now()


def test_a_cancellation_is_heard(db: None) -> None:
    run = _claimed()
    SyncRun.objects.update(cancel_requested=True)
    with pytest.raises(lease.Cancelled):
        lease.Progress(run).renew()


def test_what_is_gone_is_not_written_for(db: None) -> None:
    run = _claimed()
    account = AccountFactory(connection=run.connection)
    progress = lease.Progress(run)
    with transaction.atomic():
        progress.hold(account)
    Account.objects.all().delete()
    with pytest.raises(lease.AccountRemoved), transaction.atomic():
        progress.hold(account)
    SyncRun.objects.all().delete()
    with pytest.raises(lease.LeaseLost), transaction.atomic():
        progress.hold(account)
