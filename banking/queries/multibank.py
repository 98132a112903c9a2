"""Questions that partner banks ask: a client's things at one bank, and what a bank has here in all."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Count, Q, Sum

from banking.models import Account, Bank, Transaction
from banking.queries.accounts import HOME_CURRENCY, accounts_of
from financehub.money import ZERO

if TYPE_CHECKING:
    from banking.models.transaction import TransactionQuerySet
    from financehub.users.models import User


@dataclass(frozen=True, slots=True)
class BankFigures:
    """What the clients of a bank have here, nobody of them told apart; the balance is in rubles."""

    total_clients: int
    total_accounts: int
    total_balance: Decimal
    total_transactions: int


def accounts_at(*, user: "User", bank: Bank) -> list[Account]:
    """The person's open accounts at a bank, in the order of the pages; not what they keep by hand."""
    return [
        account for account in accounts_of(user=user) if account.bank_id == bank.pk and not account.is_manual
    ]


def balances_at(*, user: "User", bank: Bank) -> list[Account]:
    """Those of the accounts whose balance the bank has named: what is unknown is not told as zero."""
    return [account for account in accounts_at(user=user, bank=bank) if account.balance_as_of is not None]


def rows_at(*, user: "User", bank: Bank, account: Account | None, limit: int) -> "TransactionQuerySet":
    """The person's newest rows at a bank that moved money, and that the bank still shows.

    Another bank is told of whole rows: how a person divides them is theirs.
    """
    rows = Transaction.objects.for_user(user).whole().standing()
    rows = rows.filter(account__bank=bank, account__connection__isnull=False)
    return (rows.filter(account=account) if account else rows).newest_first()[:limit]


def account_named(*, user: "User", bank: Bank, name: str) -> Account | None:
    """The person's open account at a bank, by our number for it or by the bank's."""
    accounts = accounts_at(user=user, bank=bank) if name else []
    return next((account for account in accounts if name in {str(account.pk), account.number}), None)


def figures_of(*, bank_code: str) -> BankFigures:
    """Counts and sums over everybody's accounts at a bank; zeros for one that nobody reads here."""
    sums = (
        Account.objects.filter(bank__code=bank_code)
        .told_by_banks()
        .open()
        .aggregate(
            clients=Count("user", distinct=True),
            accounts=Count("pk"),
            balance=Sum("net_amount", filter=Q(currency=HOME_CURRENCY)),
        )
    )
    return BankFigures(
        total_clients=sums["clients"],
        total_accounts=sums["accounts"],
        total_balance=sums["balance"] or ZERO,
        total_transactions=Transaction.objects.whole()
        .filter(account__bank__code=bank_code, account__connection__isnull=False)
        .standing()
        .count(),
    )
