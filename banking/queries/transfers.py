"""Questions about transfers ordered here: which there are, what can be chosen, which rows they left."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Q

from banking.models import Account, BankConnection, Transaction, Transfer
from banking.models.transfer import PAYABLE_KINDS, PAYING_KINDS
from banking.queries.accounts import accounts_of
from banking.queries.transactions import Cursor
from financehub.users.models import User as Person

if TYPE_CHECKING:
    from banking.models.transfer import TransferQuerySet
    from financehub.users.models import User

PAGE_SIZE = 20
CLOCKS_DIFFER_BY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TransferPage:
    """A piece of the history and where the next one begins."""

    transfers: tuple[Transfer, ...]
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class Choices:
    """The accounts that a transfer may leave, and those that it may reach."""

    sources: tuple[Account, ...]
    targets: tuple[Account, ...]

    @property
    def first_pair(self) -> tuple[Account, Account] | None:
        """The first two of them that make a transfer, if any do."""
        pairs = ((source, target) for source in self.sources for target in self.targets)
        fitting = (
            pair for pair in pairs if pair[0].pk != pair[1].pk and pair[0].currency == pair[1].currency
        )
        return next(fitting, None)


def transfer_page(*, user: "User", after: Cursor | None = None, size: int = PAGE_SIZE) -> TransferPage:
    """The person's transfers, newest first, from behind the cursor."""
    found = Transfer.objects.for_user(user).with_places().newest_first()
    if after is not None:
        same_moment = Q(created_at=after.booked_at, pk__lt=after.pk)
        found = found.filter(Q(created_at__lt=after.booked_at) | same_moment)
    rows = tuple(found[: size + 1])
    last = rows[size - 1] if len(rows) > size else None
    return TransferPage(rows[:size], Cursor(last.created_at, last.pk) if last else None)


def transfer_of(*, user: "User", pk: int) -> Transfer:
    """One transfer; raises Transfer.DoesNotExist for anyone else's."""
    return Transfer.objects.for_user(user).with_places().get(pk=pk)


def visible_to(user: "User") -> "TransferQuerySet":
    """A person's own transfers, newest first; an administrator sees everybody's."""
    sees_all = user.role == Person.Role.ADMIN
    found = Transfer.objects.all() if sees_all else Transfer.objects.for_user(user)
    return found.with_places().newest_first()


def choices_of(*, user: "User") -> Choices:
    """The open accounts of the person between which banks can move money."""
    numbered = [account for account in accounts_of(user=user) if account.number and not account.is_manual]
    return Choices(
        sources=tuple(account for account in numbered if _can_pay(account)),
        targets=tuple(account for account in numbered if account.kind in PAYABLE_KINDS),
    )


def _can_pay(account: Account) -> bool:
    """The channel through the Banking API reads, it does not pay."""
    connection = account.connection
    if connection is None:
        return False
    is_open = connection.status == BankConnection.Status.ACTIVE and not connection.only_reads
    return account.kind in PAYING_KINDS and is_open


def approval_page(transfer: Transfer) -> str:
    """The bank's own page, on which its client approves or refuses this transfer."""
    base = settings.BANK_BASE_URLS[transfer.from_bank.code].rstrip("/")
    return f"{base}/client/consents.html?{urlencode({'request_id': transfer.consent_request_id})}"


def rows_of(transfer: Transfer) -> tuple[Transaction | None, Transaction | None]:
    """The debit and the credit that a transfer left, as far as they have been read."""
    return (
        _row_of(transfer, transfer.from_account_id, -1, other_number=transfer.to_number),
        _row_of(transfer, transfer.to_account_id, 1, other_number=transfer.from_number),
    )


def _row_of(
    transfer: Transfer, account_id: int | None, sign: int, *, other_number: str
) -> Transaction | None:
    """By our reference; where the bank's text has no room for it, by the other account's number."""
    if transfer.sent_at is None:
        return None
    rows = (
        Transaction.objects.for_user(transfer.user)
        .whole()
        .filter(
            account=account_id,
            amount=sign * transfer.amount,
            booked_at__gte=transfer.sent_at - CLOCKS_DIFFER_BY,
            missing_since=None,
        )
    )
    named = rows.filter(description__contains=transfer.reference)
    silent = rows.filter(description__contains=other_number).exclude(description__contains="FH-")
    return named.first() or silent.newest_first().first()
