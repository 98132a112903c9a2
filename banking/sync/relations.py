"""Sync: what rows are to each other, judged anew wherever rows came, went or moved."""

from datetime import date, datetime

from banking.sync.refunds import link_refunds
from banking.sync.transfers import pair_own_transfers


def relate(*, user_id: int, since: date | None, now: datetime) -> None:
    """Pair a person's transfers and link their refunds, where changes from `since` on (None: any) reach.

    In this order: one side of a pair is no refund.
    """
    pair_own_transfers(user_id=user_id, since=since, now=now)
    link_refunds(user_id=user_id, since=since)
