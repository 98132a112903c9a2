"""What a person removes as a whole: accounts, and rows that never were a bank's."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q
from django.db.transaction import atomic

from banking import totals
from banking.models import (
    Account,
    DailyBalance,
    RefundLink,
    RowChange,
    SyncRunAccount,
    Transaction,
    TransferMatch,
)
from banking.sync.accounts import lock_accounts
from banking.sync.relations import relate

if TYPE_CHECKING:
    from banking.models.transaction import TransactionQuerySet


@atomic
def remove_account(*, account: Account, now: datetime) -> None:
    """Forget an account and its rows. A bank's is remembered by name, so that no reading brings it back."""
    lock_accounts(account.user_id)
    erase_rows(Transaction.objects.filter(account=account))
    stored = Account.objects.filter(pk=account.pk)
    if account.is_manual:
        stored.delete()
    else:
        DailyBalance.objects.filter(account=account).delete()
        SyncRunAccount.objects.filter(account=account).delete()
        stored.update(
            removed_at=now,
            balance_booked=None,
            balance_available=None,
            balance_as_of=None,
            credit_limit=None,
            net_amount=0,
            last_synced_at=None,
            full_read_due=True,
        )
    relate(user_id=account.user_id, since=None, now=now)
    totals.refresh(user_id=account.user_id, since=None)


def restore_account(*, account: Account) -> bool:
    """Let an account be read again; its rows come with the next reading. False when it was not removed."""
    return bool(Account.objects.filter(pk=account.pk).removed().update(removed_at=None))


def erase_rows(rows: "TransactionQuerySet") -> None:
    """Remove rows for good in one statement: the ORM would load them all to look for pairs.

    The caller holds the accounts and keeps the totals.
    """
    parts = Transaction.objects.filter(part_of__in=rows)
    Transaction.objects.filter(transfer_pair__in=rows).update(transfer_pair=None)
    for part in (parts, rows):
        for dependent in (
            RowChange.objects.filter(transaction__in=part),
            TransferMatch.objects.filter(Q(out__in=part) | Q(into__in=part)),
            RefundLink.objects.filter(Q(refund__in=part) | Q(purchase__in=part)),
            Transaction.tags.through.objects.filter(transaction__in=part),
        ):
            dependent._raw_delete(dependent.db)
        part._raw_delete(part.db)
