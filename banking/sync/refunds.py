"""Sync, last step: refunds are linked to the purchases that they take back, and both rows say so.

The figures need no link: a refund lies in the category of its purchase with the opposite sign.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Max, Min, Q, Sum

from banking.matching.refunds import REFUNDED_WITHIN, ShopRow, purchases_of, shop_of
from banking.models import RefundLink, Transaction
from banking.models.refund_link import RefundLinkQuerySet
from banking.models.transaction import TransactionQuerySet
from banking.sync.store import AT_ONCE
from financehub.periods import start_of_day

CLOCKS_DIFFER_BY = timedelta(days=3)  # a row may be booked on another day than it was made
LOOKED_AT_ONCE = timedelta(days=180)
COLUMNS = (
    "pk",
    "account_id",
    "card_last4",
    "merchant_name",
    "description",
    "amount",
    "currency",
    "booked_at",
    "external_id",
)


@transaction.atomic
def link_refunds(*, user_id: int, since: date | None) -> None:
    """Link the refunds of a person that changes from `since` on (None: any) may concern."""
    refunds = Transaction.objects.whole().filter(user=user_id, is_refund=True, amount__gt=0)
    if since is not None:
        refunds = refunds.filter(booked_at__gte=start_of_day(since) - CLOCKS_DIFFER_BY)
    known = refunds.aggregate(first=Min("booked_at"), last=Max("booked_at"))
    start = known["first"]
    while start is not None and start <= known["last"]:
        _link(user_id, start, start + LOOKED_AT_ONCE)
        start += LOOKED_AT_ONCE


def _link(user_id: int, start: datetime, end: datetime) -> None:
    """Compare the links of a part of the refunds with what they should be."""
    of_user = Transaction.objects.whole().filter(user=user_id, booked_at__lt=end)
    links = RefundLink.objects.filter(user=user_id, refund__booked_at__gte=start, refund__booked_at__lt=end)
    decided = links.filter(by_person=True).values_list("refund", flat=True)
    came_back = of_user.filter(booked_at__gte=start, is_refund=True, amount__gt=0, transfer_pair=None)
    refunds = list(_shop_rows(came_back.standing().exclude(pk__in=decided)))
    wanted = {}
    if refunds:
        names = {"", *came_back.order_by().values_list("merchant_name", flat=True).distinct()}
        spent = of_user.filter(booked_at__gte=start - REFUNDED_WITHIN, amount__lt=0, transfer_pair=None)
        shops = {refund.shop for refund in refunds}
        bought = _shop_rows(spent.standing().filter(merchant_name__in=names))
        purchases = (row for row in bought if row.shop in shops)
        wanted = purchases_of(refunds, purchases, returned=_returned(user_id, start, end))
    _store(user_id, links.filter(by_person=False), wanted)


def _returned(user_id: int, start: datetime, end: datetime) -> dict[int, Decimal]:
    """What purchases had back by refunds that are not looked at now: earlier ones and a person's links."""
    others = RefundLink.objects.filter(
        Q(by_person=True, refund__booked_at__lt=end) | Q(refund__booked_at__lt=start),
        user=user_id,
        refund__deleted_at=None,
        purchase__booked_at__gte=start - REFUNDED_WITHIN,
    )
    sums = others.values_list("purchase").annotate(total=Sum("refund__amount")).order_by("purchase")
    return dict(sums)


def _shop_rows(rows: TransactionQuerySet) -> Iterator[ShopRow]:
    for row in rows.values_list(*COLUMNS).iterator():
        pk, account_id, card, merchant_name, description, amount, currency, booked_at, external_id = row
        shop = shop_of(merchant_name=merchant_name, description=description)
        if shop:
            yield ShopRow(pk, account_id, card, shop, amount, currency, booked_at, external_id)


def _store(user_id: int, links: RefundLinkQuerySet, wanted: dict[int, int]) -> None:
    stored = dict(links.values_list("refund", "purchase"))
    stale = [refund for refund, purchase in stored.items() if wanted.get(refund) != purchase]
    for begin in range(0, len(stale), AT_ONCE):
        RefundLink.objects.filter(refund__in=stale[begin : begin + AT_ONCE]).delete()
    new = [pair for pair in wanted.items() if stored.get(pair[0]) != pair[1]]
    RefundLink.objects.bulk_create(
        [RefundLink(user_id=user_id, refund_id=refund, purchase_id=purchase) for refund, purchase in new],
        batch_size=AT_ONCE,
    )
