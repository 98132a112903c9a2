"""Services: what a bank's own records say about an order whose answer was lost."""

from datetime import timedelta

from banking.clients.schemas import BankSession, BankTransaction
from banking.models import Account, Transfer
from banking.models.transfer import REFERENCE
from banking.services.access import BankAccess

PAGES_LOOKED_AT = 3
CLOCKS_DIFFER_BY = timedelta(days=1)
RETURNED = "возврат"


def comment_of(transfer: Transfer) -> str:
    """The text that travels with the order; the reference in it makes the debit unmistakable."""
    return f"{transfer.purpose or 'Перевод между своими счетами'} ({transfer.reference})"


def moved_money(access: BankAccess, transfer: Transfer, *, account_id: str, was_taken: bool) -> bool | None:
    """Whether the account shows the debit; None when it shows that the money came back.

    The debit carries our reference. A text without any, as banks write for deposits, is evidence for a
    deposit, or for an order that the bank surely took: elsewhere it may be somebody else's doing.
    Raises a BankError when the account cannot be read: then nothing is known.
    """
    rows = access.with_session(lambda session: _newest_rows(access, session, account_id))
    named = [row for row in rows if transfer.reference in row.description]
    if any(_is_debit(transfer, row) for row in named):
        return None if any(_is_return(transfer, row) for row in named) else True
    if not was_taken and not _goes_to_deposit(transfer):
        return False
    silent = [row for row in rows if _names_target_only(transfer, row)]
    debits = sum(_is_debit(transfer, row) for row in silent)
    returns = sum(_is_return(transfer, row) for row in silent)
    others = _others_like(transfer)
    if debits - returns > others:
        return True
    return None if debits > others else False


def _newest_rows(access: BankAccess, session: BankSession, account_id: str) -> list[BankTransaction]:
    found: list[BankTransaction] = []
    for page in access.client.iter_transaction_pages(session, account_id=account_id):
        found += [row for row in page.rows if row.status != "declined"]
        if page.page >= PAGES_LOOKED_AT:
            break
    return found


def _is_debit(transfer: Transfer, row: BankTransaction) -> bool:
    return row.amount == -transfer.amount


def _is_return(transfer: Transfer, row: BankTransaction) -> bool:
    return row.amount == transfer.amount and RETURNED in row.description.casefold()


def _goes_to_deposit(transfer: Transfer) -> bool:
    return transfer.to_account is not None and transfer.to_account.kind == Account.Kind.DEPOSIT


def _names_target_only(transfer: Transfer, row: BankTransaction) -> bool:
    """A bank's text without any comment names the other account at least."""
    if transfer.sent_at is None or row.booked_at < transfer.sent_at - CLOCKS_DIFFER_BY:
        return False
    return REFERENCE.search(row.description) is None and transfer.to_number in row.description


def _others_like(transfer: Transfer) -> int:
    """How many other transfers of ours left the same row in the same time."""
    since = (transfer.sent_at or transfer.created_at) - CLOCKS_DIFFER_BY
    alike = Transfer.objects.filter(
        state=Transfer.State.CONFIRMED,
        from_number=transfer.from_number,
        to_number=transfer.to_number,
        amount=transfer.amount,
        from_bank=transfer.from_bank_id,
        sent_at__gte=since,
    )
    return alike.exclude(pk=transfer.pk).count()
