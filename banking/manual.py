"""What a person writes into accounts that no bank tells of: the accounts themselves, and their rows."""

import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.transaction import atomic
from django.utils.translation import gettext_lazy as _

from banking import edits, ledger, totals
from banking.clients.schemas import BankTransaction
from banking.models import Account, Bank, Category, Edit, Transaction
from banking.models.bank import OUTSIDE
from banking.queries import category_rules
from banking.sync import store
from banking.sync.accounts import lock_accounts
from banking.sync.relations import relate
from banking.sync.rows import Row, RowMaker, common_categories
from financehub.errors import DomainError
from financehub.periods import start_of_day

if TYPE_CHECKING:
    from financehub.users.models import User

MOST_ACCOUNTS = 50
LARGEST_AMOUNT = Decimal(10) ** 9  # sums of fifty thousand such amounts still fit a column
CURRENCIES = ("RUB", "USD", "EUR", "CNY", "GBP", "KZT", "TRY")
KEY_PREFIX = "manual:"


class TooManyAccounts(DomainError):
    code = "too_many_accounts"
    message = _("Счетов вне банков может быть не больше 50.")


class NotManual(DomainError):
    """What a bank tells is not rewritten here."""

    code = "not_manual"
    message = _("Вручную ведутся только счета вне банков: операции банка можно удалить, но не переписать.")


class AccountClosed(DomainError):
    code = "account_closed"
    message = _("Этот счёт закрыт. Откройте его снова, чтобы записывать операции.")


class KeyReused(DomainError):
    """The key of one row came with the words of another."""

    code = "idempotency_conflict"
    message = _("С этим ключом уже записана другая операция.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a person says of an account: debts are negative, the balance is of the day's beginning."""

    name: str
    kind: str
    opening_balance: Decimal
    opening_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row as a person writes it: money out is negative; without a category the usual order decides."""

    amount: Decimal
    day: date
    description: str
    merchant: str = ""
    mcc: str = ""
    bank_category: str = ""
    category: Category | None = None
    note: str = ""


@atomic
def create_account(*, user: "User", terms: Terms, currency: str, now: datetime) -> Account:
    """Open a book of one's own; raises TooManyAccounts."""
    held = [account for account in lock_accounts(user.pk) if account.is_manual]
    if len(held) >= MOST_ACCOUNTS:
        raise TooManyAccounts
    account = Account(
        user=user,
        bank=Bank.objects.get(code=OUTSIDE),
        external_id=uuid.uuid4().hex,
        currency=currency,
        full_read_due=False,
    )
    return _save(account, terms, now=now)


@atomic
def change_account(*, account: Account, terms: Terms, now: datetime) -> Account:
    """Other terms for a manual account; its balances follow. Raises NotManual."""
    lock_accounts(account.user_id)
    _require_manual(account)
    return _save(account, terms, now=now)


def set_closed(*, account: Account, closed: bool, now: datetime) -> None:
    """Put a manual account out of the totals of today, or back; its rows stay. Raises NotManual."""
    _require_manual(account)
    Account.objects.filter(pk=account.pk).update(closed_at=now if closed else None)


@atomic
def add_row(*, account: Account, entry: Entry, key: str, now: datetime) -> Transaction:
    """Write a row down; the same key with the same words is the same row.

    Raises NotManual, AccountClosed, KeyReused.
    """
    lock_accounts(account.user_id)
    require_open(account)
    row = row_of(account, entry, external_id=f"{KEY_PREFIX}{key}", maker=maker_for(account))
    known = Transaction.objects.filter(account=account, external_id=row.external_id).first()
    if known is not None and known.content_hash != row.content_hash:
        raise KeyReused
    if known is not None:
        return known
    store.upsert(account, [row], now=now)
    Transaction.objects.filter(account=account, external_id=row.external_id).update(note=entry.note)
    settle(account=account, since=entry.day, until=entry.day, now=now)
    return Transaction.objects.get(account=account, external_id=row.external_id)


@atomic
def amend_row(*, transaction: Transaction, entry: Entry, now: datetime) -> Edit | None:
    """Write a row of a manual account anew, with a way back; None if nothing changes.

    Raises NotManual or Divided.
    """
    lock_accounts(transaction.user_id)
    _require_manual(transaction.account)
    account = transaction.account
    row = row_of(account, entry, external_id=transaction.external_id, maker=maker_for(account))
    names = (*edits.CATEGORY_COLUMNS, *edits.TEXT_COLUMNS, "amount", "booked_at", "booking_date")
    values: dict[str, Any] = {name: getattr(row, name) for name in names} | {"note": entry.note}

    def amended(held: Transaction) -> edits.Values:
        edits.require_undivided(held)
        is_decided_by_pair = entry.category is None and held.transfer_pair_id is not None
        kept = edits.CATEGORY_COLUMNS if is_decided_by_pair else ()  # who parts the pair decides anew
        return {name: new for name, new in values.items() if name not in kept and getattr(held, name) != new}

    return edits.change_rows(
        user=transaction.user,
        kind=Edit.Kind.AMEND,
        rows=edits.held([transaction.pk]),
        values=amended,
        now=now,
    )


def row_of(account: Account, entry: Entry, *, external_id: str, maker: RowMaker) -> Row:
    """The row that an entry becomes: its category is the person's, else decided as for a bank's row."""
    (row,) = maker.rows([_as_told(account, entry, external_id)])
    if entry.category is None:
        return row
    return replace(
        row,
        kind=entry.category.kind,
        category_id=entry.category.pk,
        category_reason=str(Transaction.Reason.PERSON),
        category_detail="",
        is_refund=entry.category.kind == Category.Kind.EXPENSE and entry.amount > 0,
    )


def maker_for(account: Account) -> RowMaker:
    """What decides about the rows of an account: the person's rules first."""
    persons_rules = category_rules.deciding(user_id=account.user_id)
    return RowMaker(common_categories(), persons_rules=persons_rules, account_id=account.pk)


def settle(*, account: Account, since: date, until: date, now: datetime) -> None:
    """Bring totals, balance, transfers and refunds in step with rows of two days and the days between."""
    totals.refresh(user_id=account.user_id, since=since, until=until)
    ledger.settle(account=account, now=now)
    relate(user_id=account.user_id, since=since, now=now)


def require_open(account: Account) -> None:
    """Raise NotManual or AccountClosed where no rows may be written."""
    _require_manual(account)
    if account.closed_at is not None:
        raise AccountClosed


def _save(account: Account, terms: Terms, *, now: datetime) -> Account:
    account.name, account.kind = terms.name, terms.kind
    account.opening_balance, account.opening_on = terms.opening_balance, terms.opening_on
    account.save()
    ledger.settle(account=account, now=now)
    return account


def _require_manual(account: Account) -> None:
    if not account.is_manual:
        raise NotManual


def _as_told(account: Account, entry: Entry, external_id: str) -> BankTransaction:
    """The person's words in the form in which rows are made; only the day is known, so no time is."""
    return BankTransaction(
        external_id=external_id,
        amount=entry.amount,
        currency=account.currency,
        status="booked",
        booked_at=start_of_day(entry.day),
        booking_date=entry.day,
        value_at=None,
        description=entry.description,
        bank_code="",
        merchant_name=entry.merchant,
        merchant_id="",
        mcc=entry.mcc,
        merchant_category=entry.bank_category,
        merchant_city="",
        card_last4="",
        counterparty="",
        raw={},
    )
