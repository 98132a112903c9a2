"""Questions about pairs of rows: which wait for a person's decision, and which were decided."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import Q

from banking.matching.refunds import REFUNDED_WITHIN
from banking.matching.score import RELIABLE, Reason
from banking.models import Category, Transaction, TransferMatch

if TYPE_CHECKING:
    from banking.models.transfer_match import TransferMatchQuerySet
    from financehub.users.models import User

MOST_SHOWN = 50
LATELY = 20
MOST_PURCHASES = 5
WITH_ROWS = (
    "user",
    "edit",
    "out__account__bank",
    "out__category__parent",
    "into__account__bank",
    "into__category__parent",
)
DOUBTS = {Reason.FEE, Reason.RATE}


def open_matches(*, user: "User") -> "TransferMatchQuerySet":
    """The pairs that a person may accept: both rows are free, undivided and moved money; surest first."""
    found = TransferMatch.objects.for_user(user).suggested().filter(user__finds_transfers=True)
    for side in ("out", "into"):
        found = found.filter(
            ~Q(**{f"{side}__status": Transaction.Status.DECLINED}),
            **{
                f"{side}__transfer_pair": None,
                f"{side}__missing_since": None,
                f"{side}__deleted_at": None,
                f"{side}__parts": 0,
            },
        )
    return found.select_related(*WITH_ROWS).order_by("-score", "-out__booked_at", "pk")


def reliable(*, user: "User") -> Sequence[TransferMatch]:
    """Those of them that are well founded, of equal sums, and whose rows fit no other row."""
    offered = list(open_matches(user=user))
    offers = Counter(pk for match in offered for pk in (match.out_id, match.into_id))
    return [
        match
        for match in offered
        if match.score >= RELIABLE
        and DOUBTS.isdisjoint(match.reasons)
        and offers[match.out_id] == offers[match.into_id] == 1
    ]


def matches(*, user: "User", state: str) -> "TransferMatchQuerySet":
    """The pairs of a state; the suggested ones as `open_matches`."""
    if state == TransferMatch.State.SUGGESTED:
        return open_matches(user=user)
    found = TransferMatch.objects.for_user(user).filter(state=state).select_related(*WITH_ROWS)
    return found.order_by("-out__booked_at", "-pk")


def match_of_user(*, user: "User", pk: int) -> TransferMatch:
    """One pair; raises TransferMatch.DoesNotExist for anyone else's."""
    return TransferMatch.objects.for_user(user).select_related(*WITH_ROWS).get(pk=pk)


def match_of(*, row: Transaction) -> TransferMatch | None:
    """The pair that a row is one side of."""
    pair = (row.pk, row.transfer_pair_id) if row.amount < 0 else (row.transfer_pair_id, row.pk)
    found = TransferMatch.objects.accepted().select_related(*WITH_ROWS)
    return found.filter(out=pair[0], into=pair[1]).first() if row.transfer_pair_id else None


def found_count(*, user: "User") -> int:
    """How many pairs were certain enough to need no decision."""
    return TransferMatch.objects.for_user(user).accepted().filter(by_person=False).count()


def purchase_of(*, row: Transaction) -> Transaction | None:
    """The purchase that a refund takes back, where it is known."""
    return Transaction.objects.filter(refunds__refund=row, deleted_at=None).first()


def purchases_for(*, row: Transaction) -> Sequence[Transaction]:
    """The purchases that a refund may be of, the latest first."""
    if row.amount <= 0 or row.kind != Category.Kind.EXPENSE or not row.merchant_name:
        return []
    place = Q(account=row.account_id)
    if row.card_last4:
        place |= Q(card_last4=row.card_last4)
    bought = Transaction.objects.filter(place, user=row.user_id, merchant_name=row.merchant_name)
    near = (
        bought.whole()
        .standing()
        .filter(booked_at__gte=row.booked_at - REFUNDED_WITHIN, booked_at__lte=row.booked_at)
    )
    fitting = near.filter(amount__lte=-row.amount, currency=row.currency)
    return list(fitting.order_by("-booked_at", "-pk")[:MOST_PURCHASES])


def refunds_of(*, row: Transaction) -> Sequence[Transaction]:
    """What of a purchase came back, the earliest first."""
    found = Transaction.objects.filter(refund_link__purchase=row, deleted_at=None)
    return list(found.order_by("booked_at", "pk"))


def decided(*, user: "User") -> Sequence[TransferMatch]:
    """What the person decided lately, the newest first."""
    found = TransferMatch.objects.for_user(user).of_persons().select_related(*WITH_ROWS)
    return list(found.order_by("-decided_at", "-pk")[:LATELY])
