"""The parts that stand in the place of a divided row: rows like any other, in step with the whole one.

Bank columns of a part are those of the whole row; amount, category, note, tags and marks are its own.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from banking.models import Account, Category, Edit, RowChange, Transaction
from financehub.money import ZERO

FEWEST, MOST = 2, 20
MADE_ID = "part:"
# What a part has of the bank; its amount is its own, and what came over the wire stays with the whole row.
BANK_COLUMNS = (
    "currency",
    "status",
    "booked_at",
    "booking_date",
    "value_at",
    "description",
    "merchant_name",
    "merchant_city",
    "mcc",
    "bank_code",
    "bank_category",
    "card_last4",
    "counterparty",
    "search_text",
    "missing_since",
)

PartValues = Sequence[Mapping[str, Any]]


def fit(row: Transaction, values: PartValues) -> bool:
    """Whether parts of these values divide the row: each of its sign, together its amount."""
    amounts = [Decimal(part["amount"]) for part in values]
    return not amounts or (
        sum(amounts, ZERO) == row.amount and all(row.amount * each > 0 for each in amounts)
    )


def put(*, row_id: int, values: PartValues) -> None:
    """Divide a row into exactly these parts, none of them: undivided. Each place keeps its row."""
    whole = Transaction.objects.get(pk=row_id)
    standing = list(Transaction.objects.filter(part_of=whole).order_by("pk"))
    categories = Category.objects.in_bulk([part["category_id"] for part in values])
    for place, wanted in enumerate(values):
        part = standing[place] if place < len(standing) else _new(whole, place)
        _fill(part, wanted, categories[wanted["category_id"]])
        part.save()
        part.tags.set(wanted["tag_ids"])
    Transaction.objects.filter(pk__in=[part.pk for part in standing[len(values) :]]).delete()
    Transaction.objects.filter(pk=whole.pk).update(parts=len(values))


def _new(whole: Transaction, place: int) -> Transaction:
    return Transaction(
        user_id=whole.user_id,
        account_id=whole.account_id,
        part_of=whole,
        external_id=f"{MADE_ID}{whole.pk}:{place + 1}",
        **{name: getattr(whole, name) for name in BANK_COLUMNS},
    )


def _fill(part: Transaction, wanted: Mapping[str, Any], category: Category) -> None:
    part.amount = Decimal(wanted["amount"])
    part.category, part.kind = category, category.kind
    part.category_reason, part.category_detail = Transaction.Reason.PERSON, ""
    part.is_refund = category.kind == Category.Kind.EXPENSE and part.amount > 0
    part.note, part.excluded = wanted["note"], wanted["excluded"]
    part.reviewed_at = datetime.fromisoformat(wanted["reviewed_at"]) if wanted["reviewed_at"] else None


def follow(account: Account, *, now: datetime) -> None:
    """After a reading of the bank: parts have its columns, and still add up, or there are none any more.

    A new amount of the same sign goes to the last part. Where that leaves it nothing, the row is
    undivided again, and its history says why.
    """
    divided = Transaction.objects.filter(account=account, parts__gt=0).defer("raw")
    for whole in divided:
        found = list(Transaction.objects.filter(part_of=whole).order_by("pk"))
        values = _rebalanced(whole, found)
        if values is None:
            _dissolve(whole, now=now)
            continue
        for part, amount in zip(found, values, strict=True):
            wanted = {name: getattr(whole, name) for name in BANK_COLUMNS} | {"amount": amount}
            if any(getattr(part, name) != value for name, value in wanted.items()):
                Transaction.objects.filter(pk=part.pk).update(**wanted, updated_at=now)


def _rebalanced(whole: Transaction, found: Sequence[Transaction]) -> list[Decimal] | None:
    """The amounts of the parts with the difference in the last one; None where that is impossible."""
    amounts = [part.amount for part in found]
    amounts[-1] += whole.amount - sum(amounts, ZERO)
    return amounts if all(whole.amount * amount > 0 for amount in amounts) else None


def _dissolve(whole: Transaction, *, now: datetime) -> None:
    edit = Edit.objects.create(user_id=whole.user_id, kind=Edit.Kind.DISSOLVE, at=now, rows=1)
    RowChange.objects.create(
        edit=edit,
        transaction=whole,
        before={"part_values": whole.part_values},
        after={"part_values": []},
    )
    put(row_id=whole.pk, values=())
