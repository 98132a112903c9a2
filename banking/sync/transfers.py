"""Sync, last step: the two sides of the person's own transfers find each other, where that is certain.

Money that only changes accounts is neither spent nor earned. Two rows are one transfer when the sums
are opposite, the times near, each is the only match of the other, and the banks' texts say so. What is
merely likely is left as it is.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q

from banking import totals
from banking.categories import persons, rules
from banking.categories.persons import PersonsRule
from banking.categories.transfers import TransferHint, TransferKind, transfer_hint
from banking.models import Account, Category, Transaction
from banking.models.transaction import TransactionQuerySet
from banking.models.transfer import REFERENCE
from banking.queries import category_rules
from banking.sync.accounts import lock_accounts
from banking.sync.days import spanned
from banking.sync.rows import CategoryRef, Chosen, by_bank, by_rule, common_categories
from banking.sync.store import AT_ONCE
from financehub.periods import local_date

PAIRS_WITHIN = timedelta(days=3)
TOPS_UP_WITHIN = timedelta(hours=1)  # the fast payments system is fast
OWN_KINDS = {TransferKind.OWN, TransferKind.DEPOSIT, TransferKind.CARD_PAYMENT}
SILENT_SLUGS = {"other", "income-other"}  # categories of rows that say nothing about themselves
SHORTEST_FRAGMENT = 4
STANDS_ABOVE = (Transaction.Reason.PERSON, Transaction.Reason.RULE)
OWN_TRANSFER = "transfer-own"


@dataclass(frozen=True, slots=True)
class Paired:
    """How many transfers were found, and how many taken back."""

    found: int
    undone: int


@dataclass(frozen=True)
class _Side:
    """A row that may be one side of a transfer."""

    pk: int
    account: Account
    amount: Decimal
    currency: str
    booked_at: datetime
    description: str
    kind: str
    slug: str

    @cached_property
    def hint(self) -> TransferHint | None:
        return transfer_hint(self.description)

    @cached_property
    def reference(self) -> str:
        """The reference of a transfer that was ordered here; empty in all other texts."""
        found = REFERENCE.search(self.description)
        return found[0] if found else ""

    def names(self, account: Account) -> bool | None:
        """Whether the text names this account as the other side; None when it names none."""
        if self.hint is None:
            return None
        fragment = (self.hint.account_number_fragment or "").casefold()
        if len(fragment) >= SHORTEST_FRAGMENT and account.number:
            return account.number.casefold().endswith(fragment)
        return None if self.hint.bank_code is None else self.hint.bank_code == account.bank.code

    @property
    def is_own(self) -> bool:
        return self.hint is not None and self.hint.kind in OWN_KINDS

    @property
    def is_top_up(self) -> bool:
        """Whether money came that anybody could have sent, the person too."""
        return self.hint is not None and self.hint.kind == TransferKind.TOP_UP

    @property
    def may_be_transfer(self) -> bool:
        """Whether nothing in the row speaks of anything but a transfer."""
        return self.hint is not None or self.kind == Category.Kind.TRANSFER or self.slug in SILENT_SLUGS


class _Edge(NamedTuple):
    """Two rows that may be one transfer; `is_strong` when both texts say so."""

    out: _Side
    into: _Side
    is_strong: bool

    @property
    def apart(self) -> timedelta:
        return abs(self.into.booked_at - self.out.booked_at)


@transaction.atomic
def pair_own_transfers(*, user_id: int, since: date | None, now: datetime) -> Paired:
    """Pair the rows of a person from `since` on (None: all), and part those that no longer match."""
    accounts = {account.pk: account for account in lock_accounts(user_id)}
    rows = Transaction.objects.filter(user=user_id)
    if since is not None:
        rows = rows.filter(booking_date__gte=since - PAIRS_WITHIN)
    parted = _part_broken(rows, now=now)
    found = _certain(_edges(rows, accounts)) if len(accounts) > 1 else []
    _join(found, now=now)
    days = spanned(
        chain(parted, (local_date(side.booked_at) for edge in found for side in (edge.out, edge.into)))
    )
    if days is not None:
        totals.refresh(user_id=user_id, since=days.first, until=days.last)
    return Paired(found=len(found), undone=len(parted))


def _part_broken(rows: TransactionQuerySet, *, now: datetime) -> list[date]:
    """Take back pairs of which one side is gone or has changed; the bank's category returns.

    The answer is the day of each row that was parted.
    """
    paired = rows.filter(Q(transfer_pair__isnull=False) | Q(category_reason=Transaction.Reason.TRANSFER))
    broken = [row for row in paired.select_related("transfer_pair").defer("raw") if not _holds(row)]
    sides = {row.pk: row for row in broken} | {
        row.transfer_pair.pk: row.transfer_pair for row in broken if row.transfer_pair
    }
    categories = common_categories() if sides else {}
    persons_rules = category_rules.deciding(user_id=next(iter(sides.values())).user_id) if sides else ()
    for row in sides.values():
        Transaction.objects.filter(pk=row.pk).update(transfer_pair=None, updated_at=now)
        decided = Transaction.objects.filter(pk=row.pk, category_reason=Transaction.Reason.TRANSFER)
        decided.update(**_former_category(row, categories, persons_rules)._asdict())
    return [row.booking_date for row in sides.values()]


def _holds(row: Transaction) -> bool:
    other = row.transfer_pair
    return (
        other is not None
        and other.transfer_pair_id == row.pk
        and row.amount == -other.amount
        and row.currency == other.currency
        and abs(row.booked_at - other.booked_at) <= PAIRS_WITHIN
        and all(
            side.missing_since is None
            and side.deleted_at is None
            and side.status != Transaction.Status.DECLINED
            for side in (row, other)
        )
    )


def _former_category(
    row: Transaction, categories: dict[str, CategoryRef], persons_rules: Sequence[PersonsRule]
) -> Chosen:
    seen = persons.facts(
        description=row.description,
        merchant_name=row.merchant_name,
        counterparty=row.counterparty,
        amount=row.amount,
        account_id=row.account_id,
        mcc=row.mcc,
    )
    if rule := persons.first_match(persons_rules, seen):
        return by_rule(rule, row.amount)
    decision = rules.decide(
        description=row.description,
        merchant_name=row.merchant_name,
        mcc=row.mcc,
        bank_code=row.bank_code,
        bank_category=row.bank_category,
        amount=row.amount,
    )
    return by_bank(decision, categories)


def _edges(rows: TransactionQuerySet, accounts: dict[int, Account]) -> Iterator[_Edge]:
    """All pairs that may be transfers. Few rows are credits, so those are read first."""
    free = rows.standing().filter(transfer_pair=None, mcc="", merchant_name="")
    incoming = [side for side in _sides(free.filter(amount__gt=0), accounts) if _may_pair(side)]
    wanted = {(side.currency, side.amount) for side in incoming}
    outgoing: dict[tuple[str, Decimal], list[_Side]] = defaultdict(list)
    for side in _sides(free.filter(amount__lt=0), accounts):
        key = (side.currency, -side.amount)
        if key in wanted and _may_pair(side):
            outgoing[key].append(side)
    for into in incoming:
        for out in _near(outgoing[into.currency, into.amount], into.booked_at):
            edge = _edge(out, into)
            if edge is not None:
                yield edge


def _sides(rows: TransactionQuerySet, accounts: dict[int, Account]) -> Iterator[_Side]:
    columns = rows.order_by("booked_at", "pk").values_list(
        "pk", "account_id", "amount", "currency", "booked_at", "description", "kind", "category__slug"
    )
    for pk, account_id, *rest in columns.iterator():
        yield _Side(pk, accounts[account_id], *rest)


def _may_pair(side: _Side) -> bool:
    return side.may_be_transfer and (side.hint is None or side.hint.kind != TransferKind.RETURNED)


def _near(sides: Sequence[_Side], moment: datetime) -> Sequence[_Side]:
    start = bisect_left(sides, moment - PAIRS_WITHIN, key=lambda side: side.booked_at)
    end = bisect_right(sides, moment + PAIRS_WITHIN, key=lambda side: side.booked_at)
    return sides[start:end]


def _edge(out: _Side, into: _Side) -> _Edge | None:
    if out.account.pk == into.account.pk:
        return None
    if out.reference and into.reference and out.reference != into.reference:
        return None
    named = {out.names(into.account), into.names(out.account)}
    if False in named:
        return None
    if into.is_top_up and not (out.is_own and abs(into.booked_at - out.booked_at) <= TOPS_UP_WITHIN):
        return None
    is_strong = named == {True} or (out.is_own and into.is_own)
    return _Edge(out, into, is_strong) if is_strong or True in named else None


def _certain(edges: Iterable[_Edge]) -> list[_Edge]:
    """The pairs of which each side is the other's only match: the best founded and nearest first."""
    left, found = list(edges), []
    for needs_both_texts, within in (
        (True, timedelta(hours=1)),
        (True, timedelta(days=1)),
        (True, PAIRS_WITHIN),
        (False, PAIRS_WITHIN),
    ):
        looked_at = [
            edge for edge in left if edge.apart <= within and (edge.is_strong or not needs_both_texts)
        ]
        unique = _mutually_unique(looked_at)
        taken = {side.pk for edge in unique for side in (edge.out, edge.into)}
        left = [edge for edge in left if taken.isdisjoint((edge.out.pk, edge.into.pk))]
        found += unique
    return found


def _mutually_unique(edges: list[_Edge]) -> list[_Edge]:
    matches: dict[int, int] = defaultdict(int)
    for edge in edges:
        matches[edge.out.pk] += 1
        matches[edge.into.pk] += 1
    return [edge for edge in edges if matches[edge.out.pk] == matches[edge.into.pk] == 1]


def _join(found: list[_Edge], *, now: datetime) -> None:
    category = Category.objects.get(user=None, slug=OWN_TRANSFER)
    for start in range(0, len(found), AT_ONCE):
        part = found[start : start + AT_ONCE]
        outgoing = {edge.out.pk: edge.into.pk for edge in part}
        sides = outgoing | {into: out for out, into in outgoing.items()}
        Transaction.objects.bulk_update(
            [Transaction(pk=pk, transfer_pair_id=other) for pk, other in sides.items()], ["transfer_pair"]
        )
        rows = Transaction.objects.filter(pk__in=sides)
        rows.exclude(category_reason__in=STANDS_ABOVE).update(
            category=category,
            kind=category.kind,
            category_reason=Transaction.Reason.TRANSFER,
            category_detail="",
            is_refund=False,
            updated_at=now,
        )
