"""What a person decides about pairs of rows: which are one transfer, which are not, and the way back.

Every decision keeps what the rows were before (`Edit`). A rejected pair stays rejected: no synchronisation
pairs or offers it again.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.transaction import atomic
from django.utils.translation import gettext_lazy as _

from banking import edits
from banking.models import Edit, RefundLink, Transaction, TransferMatch
from banking.queries import category_rules
from banking.queries import transfer_review as queries
from banking.sync.accounts import lock_accounts
from banking.sync.relations import relate
from banking.sync.rows import common_categories
from banking.sync.transfers import STANDS_ABOVE, former_category, pair_category
from financehub.errors import DomainError

if TYPE_CHECKING:
    from financehub.users.models import User

State = TransferMatch.State


class PairNotOpen(DomainError):
    """The rows are paired with others by now, or a bank shows one of them no more."""

    code = "pair_not_open"
    message = _("Эту пару уже нельзя подтвердить: операции изменились.")


class NothingDecided(DomainError):
    code = "nothing_decided"
    message = _("Об этой паре ещё ничего не решено.")


class NoReliablePairs(DomainError):
    code = "no_reliable_pairs"
    message = _("Надёжных пар нет: посмотрите остальные по одной.")


class NotItsPurchase(DomainError):
    code = "not_its_purchase"
    message = _("Эта покупка не подходит к возврату.")


@atomic
def accept(*, match: TransferMatch, now: datetime) -> Edit:
    """These two rows are one transfer; raises PairNotOpen."""
    lock_accounts(match.user_id)
    return _accept(match.user, queries.open_matches(user=match.user).filter(pk=match.pk), now=now)


@atomic
def accept_reliable(*, user: "User", now: datetime) -> Edit:
    """Accept every pair that is well founded and whose rows fit no other; raises NoReliablePairs."""
    lock_accounts(user.pk)
    reliable = queries.reliable(user=user)
    if not reliable:
        raise NoReliablePairs
    return _accept(user, reliable, now=now)


@atomic
def reject(*, match: TransferMatch, now: datetime) -> Edit | None:
    """These two rows are no transfer, now and for ever; a pair that was made is parted, which is an edit."""
    lock_accounts(match.user_id)
    match.refresh_from_db()
    edit = _part(match, now=now) if match.state == State.ACCEPTED else None
    _decide([match], State.REJECTED, edit, now=now)
    return edit


@atomic
def part(*, row: Transaction, now: datetime) -> Edit | None:
    """The pair of this row is no transfer; raises PairNotOpen when it has none."""
    match = queries.match_of(row=row)
    if match is None:
        raise PairNotOpen
    return reject(match=match, now=now)


@atomic
def undo(*, match: TransferMatch, now: datetime) -> None:
    """Take back what the person decided last of a pair; raises NothingDecided, or as `edits.undo` does."""
    lock_accounts(match.user_id)
    match.refresh_from_db()
    if not match.by_person:
        raise NothingDecided
    if match.edit is not None and match.edit.undone_at is None and match.edit.rows == len(_sides(match)):
        edits.undo(edit=match.edit, now=now)
    elif match.state == State.ACCEPTED:
        _part(match, now=now)
        _open_again(match)
    else:
        _open_again(match)


@atomic
def switch(*, user: "User", on: bool, now: datetime) -> None:
    """Look for transfers of this person, or do not; pairs that were made stay in both cases."""
    if user.finds_transfers == on:
        return
    user.finds_transfers = on
    user.save(update_fields=["finds_transfers"])
    if on:
        relate(user_id=user.pk, since=None, now=now)


@atomic
def link_refund(*, row: Transaction, purchase_id: int) -> None:
    """This refund is of that purchase; raises NotItsPurchase if it cannot be."""
    lock_accounts(row.user_id)
    if purchase_id not in {purchase.pk for purchase in queries.purchases_for(row=row)}:
        raise NotItsPurchase
    RefundLink.objects.update_or_create(
        refund=row, defaults={"user_id": row.user_id, "purchase_id": purchase_id, "by_person": True}
    )


@atomic
def unlink_refund(*, row: Transaction) -> None:
    """This refund is of none of the purchases here; no synchronisation links it again."""
    lock_accounts(row.user_id)
    RefundLink.objects.filter(refund=row, purchase__isnull=False).update(purchase=None, by_person=True)


def _accept(user: "User", matches: Iterable[TransferMatch], *, now: datetime) -> Edit:
    chosen = list(matches)
    others = {
        pk: other for match in chosen for pk, other in zip(_sides(match), _sides(match)[::-1], strict=True)
    }
    kinds = {pk: match.kind for match in chosen for pk in _sides(match)}
    categories = {kind: pair_category(kind) for kind in set(kinds.values())}

    def paired(row: Transaction) -> edits.Values:
        category = {} if row.category_reason in STANDS_ABOVE else categories[kinds[row.pk]]
        return {"transfer_pair_id": others[row.pk], **category}

    edit = edits.change_rows(user=user, kind=Edit.Kind.PAIR, rows=edits.held(others), values=paired, now=now)
    if edit is None:
        raise PairNotOpen
    _decide(chosen, State.ACCEPTED, edit, now=now)
    return edit


def _part(match: TransferMatch, *, now: datetime) -> Edit | None:
    """Part the rows of a pair and give them back what they were for."""
    rows = {row.pk: row for row in Transaction.objects.filter(pk__in=_sides(match)).defer("raw")}
    categories = common_categories()
    rules = category_rules.deciding(user_id=match.user_id)

    def parted(held: Transaction) -> edits.Values:
        values: edits.Values = {"transfer_pair_id": None}
        if held.category_reason == Transaction.Reason.TRANSFER:
            values |= former_category(rows[held.pk], categories, rules)._asdict()
        return values

    paired = [pk for pk, row in rows.items() if row.transfer_pair_id in rows]
    return edits.change_rows(
        user=match.user, kind=Edit.Kind.UNPAIR, rows=edits.held(paired), values=parted, now=now
    )


def _decide(matches: Sequence[TransferMatch], state: str, edit: Edit | None, *, now: datetime) -> None:
    TransferMatch.objects.filter(pk__in=[match.pk for match in matches]).update(
        state=state, by_person=True, decided_at=now, edit=edit
    )


def _open_again(match: TransferMatch) -> None:
    TransferMatch.objects.filter(pk=match.pk).update(
        state=State.SUGGESTED, by_person=False, decided_at=None, edit=None
    )


def _sides(match: TransferMatch) -> tuple[int, int]:
    return match.out_id, match.into_id
