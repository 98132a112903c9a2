"""Sync, last step: the two sides of the person's own transfers find each other, where that is certain.

Money that only changes accounts is neither spent nor earned. `banking.matching` says which rows are one
transfer; here its answer is put on the rows, and what is merely likely is kept for the person to decide.
What the person decided stands above it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import chain
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Max, Min, OuterRef, Subquery

from banking import totals
from banking.categories import persons, rules
from banking.categories.persons import PersonsRule
from banking.categories.rules import MCC_OF_TRANSFERS
from banking.matching import choose as matching
from banking.matching.score import Edge, Kind
from banking.matching.sides import Place, Side
from banking.models import Account, Category, Transaction, TransferMatch
from banking.models.transaction import TransactionQuerySet
from banking.models.transfer import REFERENCE
from banking.queries import category_rules, rates
from banking.sync.accounts import lock_accounts
from banking.sync.days import spanned
from banking.sync.rows import CategoryRef, Chosen, by_bank, by_rule, common_categories
from banking.sync.store import AT_ONCE
from financehub.money import ZERO
from financehub.periods import Period, local_date, start_of_day
from financehub.users.models import User

STANDS_ABOVE = (Transaction.Reason.PERSON, Transaction.Reason.RULE)
CATEGORY_OF = {Kind.OWN: "transfer-own", Kind.RETURNED: "transfer"}
MATCH_COLUMNS = ("kind", "state", "by_person", "score", "reasons")
LOOKED_AT_ONCE = timedelta(days=180)
CODES = ("", *map(str, sorted(MCC_OF_TRANSFERS)))
SIDE_COLUMNS = (
    "pk",
    "account_id",
    "external_id",
    "amount",
    "currency",
    "booked_at",
    "description",
    "kind",
    "category__slug",
    "mcc",
    "bank_code",
)

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Paired:
    """How many transfers were found, and how many rows taken back."""

    found: int
    undone: int


class _Window(NamedTuple):
    """The debits that are looked at in one go, by their time."""

    start: datetime
    end: datetime

    def rows(self, user_id: int, *, around: timedelta = timedelta()) -> TransactionQuerySet:
        moments = (self.start - around, self.end + around)
        return Transaction.objects.filter(user=user_id, booked_at__gte=moments[0], booked_at__lt=moments[1])

    def __contains__(self, edge: object) -> bool:
        return isinstance(edge, Edge) and self.start <= edge.out.booked_at < self.end


@dataclass(slots=True)
class _Changes:
    """What is to be written once all windows have been looked at."""

    stale: set[Pair] = field(default_factory=set)
    orphans: set[int] = field(default_factory=set)
    new: dict[Pair, str] = field(default_factory=dict)
    forgotten: list[int] = field(default_factory=list)
    matches: list[TransferMatch] = field(default_factory=list)


@transaction.atomic
def pair_own_transfers(*, user_id: int, since: date | None, now: datetime) -> Paired:
    """Pair the rows of a person that changes from `since` on (None: any) may concern, and part the others."""
    accounts = {account.pk: account for account in lock_accounts(user_id)}
    finds = User.objects.filter(pk=user_id).values_list("finds_transfers", flat=True).first()
    changes = _Changes()
    for window in _windows(user_id, since):
        _look(window, user_id, accounts, changes, finds=bool(finds))
    parted = _part(changes, now=now)
    _remember(changes)
    joined = _join(changes.new, now=now)
    days = spanned(chain(parted, joined))
    if days is not None:
        totals.refresh(user_id=user_id, since=days.first, until=days.last)
    return Paired(found=len(changes.new), undone=len(parted))


def former_category(
    row: Transaction, categories: dict[str, CategoryRef], persons_rules: Sequence[PersonsRule]
) -> Chosen:
    """What a row was for before it became one side of a transfer."""
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


def _windows(user_id: int, since: date | None) -> Iterator[_Window]:
    """The time from the first row that may be concerned to the last row, a good part at a time."""
    known = Transaction.objects.filter(user=user_id).aggregate(first=Min("booked_at"), last=Max("booked_at"))
    if known["first"] is None:
        return
    start = known["first"]
    if since is not None:
        start = max(start, start_of_day(since) - matching.REACH)
    while start <= known["last"]:
        yield _Window(start, start + LOOKED_AT_ONCE)
        start += LOOKED_AT_ONCE


def _look(
    window: _Window, user_id: int, accounts: dict[int, Account], changes: _Changes, *, finds: bool
) -> None:
    """Compare what is paired with what should be; switched off, nothing new is found or asked about."""
    rows = window.rows(user_id)
    current = dict(_pairs(rows))
    stored = list(TransferMatch.objects.filter(user=user_id, out__in=rows).order_by("pk"))
    persons_kinds = {
        _pair(match): match.kind
        for match in stored
        if match.by_person and match.state == TransferMatch.State.ACCEPTED
    }
    wanted = _standing(user_id, persons_kinds)
    if finds:
        choice = _choice(window, user_id, accounts)
        certain = [edge for edge in choice.certain if edge in window]
        wanted |= {(edge.out.pk, edge.into.pk): edge.kind for edge in certain}
        offered = [edge for edge in choice.offered if edge in window]
        _compare(stored, [*_as_matches(user_id, offered, certain)], changes)
    else:
        wanted |= _standing(user_id, {pair: kind for pair, kind in current.items() if pair not in wanted})
    changes.stale |= current.keys() - wanted.keys()
    changes.new |= {pair: kind for pair, kind in wanted.items() if pair not in current}
    orphans = rows.filter(transfer_pair=None, category_reason=Transaction.Reason.TRANSFER)
    changes.orphans.update(orphans.values_list("pk", flat=True))


def _pairs(rows: TransactionQuerySet) -> Iterator[tuple[Pair, str]]:
    """The pairs that there are: both ids, and the kind, which the accounts tell."""
    paired = rows.filter(transfer_pair__isnull=False, amount__lt=0)
    columns = paired.values_list("pk", "transfer_pair_id", "account_id", "transfer_pair__account_id")
    for out, into, source, target in columns.iterator():
        yield (out, into), Kind.RETURNED if source == target else Kind.OWN


def _standing(user_id: int, pairs: dict[Pair, str]) -> dict[Pair, str]:
    """Those of the pairs of which one row took money, the other brought some, and both still stand."""
    ids = sorted(set(chain.from_iterable(pairs)))
    amounts: dict[int, Decimal] = {}
    for start in range(0, len(ids), AT_ONCE):
        rows = Transaction.objects.filter(user=user_id, pk__in=ids[start : start + AT_ONCE]).standing()
        amounts.update(rows.values_list("pk", "amount"))
    return {
        (out, into): kind
        for (out, into), kind in pairs.items()
        if amounts.get(out, ZERO) < 0 < amounts.get(into, ZERO)
    }


def _choice(window: _Window, user_id: int, accounts: dict[int, Account]) -> matching.Choice:
    rows = window.rows(user_id, around=matching.REACH)
    decided = TransferMatch.objects.filter(user=user_id, out__in=rows)
    kept = decided.accepted().of_persons().values_list("out", "into")
    refused = decided.rejected().values_list("out", "into")
    held = set(chain.from_iterable(kept))
    sides = (side for side in _sides(rows, accounts) if side.pk not in held)
    return matching.choose(sides, refused=frozenset(refused), rate=_rates(window, accounts))


def _rates(window: _Window, accounts: dict[int, Account]) -> matching.Rate:
    """What currencies were worth in each other at the time; nothing where a person has only one."""
    around = Period(
        local_date(window.start - matching.REACH), local_date(window.end + matching.REACH) + timedelta(days=1)
    )
    currencies = {account.currency for account in accounts.values()}
    return rates.book(currencies, around).price if len(currencies) > 1 else matching.no_rate


def _sides(rows: TransactionQuerySet, accounts: dict[int, Account]) -> Iterator[Side]:
    free = rows.standing().whole().shown().filter(mcc__in=CODES, merchant_name="").exclude(amount=0)
    for row in free.order_by("booked_at", "pk").values(*SIDE_COLUMNS).iterator():
        account = accounts[row.pop("account_id")]
        reference = REFERENCE.search(row["description"])
        yield Side(
            place=Place(account.pk, account.number.casefold(), account.bank.code),
            slug=row.pop("category__slug"),
            name=f"{account.bank.code} {account.external_id} {row.pop('external_id')}",
            reference=reference[0] if reference else "",
            **row,
        )


def _as_matches(user_id: int, offered: Iterable[Edge], certain: Iterable[Edge]) -> Iterator[TransferMatch]:
    """How pairs are remembered; the accepted ones last, so that they find their rows free."""
    for state, edges in (
        (TransferMatch.State.SUGGESTED, offered),
        (TransferMatch.State.ACCEPTED, certain),
    ):
        for edge in edges:
            yield TransferMatch(
                user_id=user_id,
                out_id=edge.out.pk,
                into_id=edge.into.pk,
                kind=edge.kind.value,
                state=state,
                score=edge.score,
                reasons=[reason.value for reason in edge.reasons],
            )


def _compare(stored: Iterable[TransferMatch], wanted: Iterable[TransferMatch], changes: _Changes) -> None:
    """Note what differs between the pairs remembered and those found; a person's decisions are neither."""
    found = {_pair(match): match for match in wanted}
    for match in stored:
        if match.by_person or match.state == TransferMatch.State.REJECTED:
            continue
        new = found.get(_pair(match))
        if new is None:
            changes.forgotten.append(match.pk)
        elif all(getattr(match, name) == getattr(new, name) for name in MATCH_COLUMNS):
            del found[_pair(match)]
    changes.matches += found.values()


def _pair(match: TransferMatch) -> Pair:
    return match.out_id, match.into_id


def _remember(changes: _Changes) -> None:
    for start in range(0, len(changes.forgotten), AT_ONCE):
        TransferMatch.objects.filter(pk__in=changes.forgotten[start : start + AT_ONCE]).delete()
    changes.matches.sort(key=lambda match: match.state == TransferMatch.State.ACCEPTED)
    TransferMatch.objects.bulk_create(
        changes.matches,
        batch_size=AT_ONCE,
        update_conflicts=True,
        unique_fields=["out", "into"],
        update_fields=MATCH_COLUMNS,
    )


def _part(changes: _Changes, *, now: datetime) -> list[date]:
    """Take pairs back, and what they made of their rows; the bank's category returns.

    The answer is the day of each row that was parted.
    """
    ids = sorted(set(chain.from_iterable(changes.stale)) | changes.orphans)
    categories = common_categories() if ids else {}
    persons_rules: Sequence[PersonsRule] | None = None
    days: list[date] = []
    for start in range(0, len(ids), AT_ONCE):
        for row in Transaction.objects.filter(pk__in=ids[start : start + AT_ONCE]).defer("raw"):
            if persons_rules is None:
                persons_rules = category_rules.deciding(user_id=row.user_id)
            Transaction.objects.filter(pk=row.pk).update(transfer_pair=None, updated_at=now)
            decided = Transaction.objects.filter(pk=row.pk, category_reason=Transaction.Reason.TRANSFER)
            decided.update(**former_category(row, categories, persons_rules)._asdict())
            days.append(row.booking_date)
    return days


def _join(new: dict[Pair, str], *, now: datetime) -> list[date]:
    """Pair rows as their accepted matches say; the answer is their days."""
    days: list[date] = []
    accepted = TransferMatch.objects.accepted()
    into = accepted.filter(out=OuterRef("pk")).values("into")[:1]
    out = accepted.filter(into=OuterRef("pk")).values("out")[:1]
    for kind in sorted(set(new.values())):
        values = pair_category(kind)
        pairs = [pair for pair, of in new.items() if of == kind]
        for start in range(0, len(pairs), AT_ONCE):
            sides = list(zip(*pairs[start : start + AT_ONCE], strict=True))
            for ids, other in zip(sides, (into, out), strict=True):
                rows = Transaction.objects.filter(pk__in=ids)
                rows.update(transfer_pair=Subquery(other))
                rows.exclude(category_reason__in=STANDS_ABOVE).update(**values, updated_at=now)
                days += rows.values_list("booking_date", flat=True).distinct()
    return days


def pair_category(kind: str) -> dict[str, Any]:
    """What both rows of a pair are for, unless the person or a rule of theirs said otherwise."""
    category = Category.objects.get(user=None, slug=CATEGORY_OF[Kind(kind)])
    return {
        "category_id": category.pk,
        "kind": category.kind,
        "category_reason": Transaction.Reason.TRANSFER.value,
        "category_detail": "" if kind == Kind.OWN else kind,
        "is_refund": False,
    }
