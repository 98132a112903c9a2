"""Sync: the list of a connection's accounts and what each of them holds."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from banking.clients.schemas import AccountBalances, BankAccount
from banking.models import Account, BankConnection
from banking.sync.rows import LARGEST

ACCOUNT_FIELDS = ("connection_id", "number", "name", "kind", "currency", "opened_on", "closed_at")


def store_accounts(
    connection: BankConnection, listed: Sequence[BankAccount], *, complete: bool, now: datetime
) -> list[Account]:
    """Bring the stored accounts in step with the bank's list and return the open ones.

    An account that a complete list no longer names was closed, or the consent opens less: its
    history stays. One that the person removed is passed over.
    """
    known = {
        account.external_id: account
        for account in Account.objects.filter(user=connection.user_id, bank=connection.bank_id)
    }
    removed = {key for key, account in known.items() if account.removed_at is not None}
    current = [
        _store(connection, known.get(sent.external_id), sent, now=now)
        for sent in listed
        if sent.external_id not in removed
    ]
    if complete:
        named = {sent.external_id for sent in listed}
        gone = [
            account.pk for key, account in known.items() if key not in named and account.closed_at is None
        ]
        Account.objects.filter(pk__in=gone, connection=connection).update(closed_at=now)
    return [account for account in current if account.closed_at is None]


def _store(
    connection: BankConnection, account: Account | None, sent: BankAccount, *, now: datetime
) -> Account:
    account = account or Account(
        user_id=connection.user_id, bank_id=connection.bank_id, external_id=sent.external_id
    )
    before = [getattr(account, name) for name in ACCOUNT_FIELDS]
    account.connection = connection
    account.number, account.name, account.kind = sent.number, sent.name, sent.kind
    account.currency, account.opened_on = sent.currency, sent.opened_on or account.opened_on
    account.closed_at = (account.closed_at or now) if sent.is_closed else None
    if account.pk is None:
        account.save()
    elif before != [getattr(account, name) for name in ACCOUNT_FIELDS]:
        account.save(update_fields=ACCOUNT_FIELDS)
    return account


def lock_accounts(user_id: int) -> list[Account]:
    """Keep all accounts of a person, always in the same order, until the transaction ends."""
    accounts = Account.objects.filter(user=user_id).select_related("bank").order_by("pk")
    return list(accounts.select_for_update(of=("self",)))


def apply_balances(account: Account, told: AccountBalances, *, is_debt: bool, now: datetime) -> bool:
    """Put the bank's balances on the account (unsaved); says whether any of them changed.

    A balance in another currency than the account's is not taken: it would be a different sum.
    """
    booked = _in_currency(account, told, "booked")
    available = _in_currency(account, told, "available")
    shown = booked if booked is not None else available
    before = (account.balance_booked, account.balance_available, account.net_amount)
    if shown is None:
        return False
    usable = available if available is not None else shown
    own = own_balance(shown, is_debt=is_debt)
    account.balance_booked, account.balance_available = shown, usable
    account.net_amount = own if is_debt else min(shown, usable)  # holds are spent, a limit is no money
    is_credit_line = account.kind == Account.Kind.CARD and usable != shown
    account.credit_limit = usable - own if is_credit_line else None
    account.balance_as_of = now
    return before != (account.balance_booked, account.balance_available, account.net_amount)


def own_balance(booked: Decimal, *, is_debt: bool) -> Decimal:
    """The booked balance seen from the person: what is owed is negative, whichever sign it came with."""
    return -abs(booked) if is_debt else booked


def _in_currency(account: Account, told: AccountBalances, name: str) -> Decimal | None:
    money = getattr(told, name)
    is_usable = money is not None and money.currency == account.currency and abs(money.amount) < LARGEST
    return money.amount if is_usable else None
