"""Services: a worker takes an ordered transfer to its end, and never sends it twice.

The row is the outbox. `created` may be tried again, for nothing has left. It becomes `sent` in the
database before the order leaves, so whoever finds it `sent` after a crash knows one thing only: that it
may have arrived. From there on the bank is asked, by the payment's id, by the consent ("used"), by the
debit on the account. An order that did not arrive is made harmless by revoking its consent first.
"""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from banking.clients import errors
from banking.clients.schemas import BankToken, PaymentAnswer, PaymentConsentAnswer, PaymentOrder
from banking.models import Account, AuditEvent, BankConnection, Consent, Transfer
from banking.services import evidence
from banking.services.access import BankAccess

log = structlog.get_logger(__name__)

State = Transfer.State
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=1)
SELDOM = timedelta(hours=1)
MOST_TRIES = 5  # of what may be repeated before anything was sent
ASKS_BEFORE_REVOKING = 3
ASKS_OFTEN = 12
APPROVAL_TAKES_AT_MOST = timedelta(hours=24)
# The bank said no before it did anything.
NOTHING_DONE = (
    errors.CannotPay,
    errors.Refused,
    errors.ConsentRequired,
    errors.AuthenticationFailed,
    errors.RateLimited,
)
# Consents under which an order may have been taken though no debit is seen; "" is one the bank forgot.
STILL_OPEN = {"used", "waiting", ""}
CONSENT_REFUSED = {"rejected": "consent_rejected", "revoked": "consent_revoked", "expired": "consent_expired"}


class LeaseLost(Exception):
    """Another worker took the transfer over: write nothing more."""


def due_transfers(now: datetime) -> list[int]:
    """Transfers that somebody should take up, the longest waiting first."""
    return list(Transfer.objects.due(now).order_by("next_check_at").values_list("pk", flat=True))


def work(transfer_id: int, *, worker: str, now: datetime) -> Transfer | None:
    """Take a due transfer one step further; None when another worker has it or there is nothing to do."""
    taken = Transfer.objects.due(now).filter(pk=transfer_id)
    if not taken.update(worker=worker, lease_until=now + settings.TRANSFER_LEASE):
        return None
    found = Transfer.objects.with_places().select_related(
        "user", "to_account", "from_account__connection__bank"
    )
    transfer = found.filter(pk=transfer_id, worker=worker).first()
    if transfer is None:
        return None
    with structlog.contextvars.bound_contextvars(transfer=transfer.reference):
        try:
            _step(transfer)
        except LeaseLost:
            log.warning("transfer_lease_lost")
            return None
    return transfer


def _step(transfer: Transfer) -> None:
    account = transfer.from_account
    if account is None or account.connection is None or account.removed_at is not None:
        _account_gone(transfer)
        return
    if transfer.state == State.CREATED and account.connection.status != BankConnection.Status.ACTIVE:
        _settle(transfer, State.REJECTED, code="bank_not_connected")  # as it could not be ordered now
        return
    if transfer.state == State.CREATED and _partner_lost_its_word(transfer):
        _settle(transfer, State.REJECTED, code="partner_not_allowed")
        return
    with BankAccess(account.connection, now=timezone.now()) as access:
        match transfer.state:
            case State.CREATED:
                if _has_consent(access, transfer):
                    _send(access, transfer)
            case State.SENT if transfer.payment_id:
                _ask_by_id(access, transfer)
            case _:
                _find_out(access, transfer, account)


def _account_gone(transfer: Transfer) -> None:
    """The bank or its account was removed: what was not sent is off, what was sent is looked up no more."""
    if transfer.state == State.CREATED:
        _settle(transfer, State.REJECTED, code="account_removed")
    else:
        _note(transfer, state=State.UNKNOWN, error_code="account_removed", next_check_at=None)


# Before anything is sent


def _partner_lost_its_word(transfer: Transfer) -> bool:
    """Whether a partner ordered this under a consent that has ended since."""
    if transfer.partner_consent_id is None:
        return False
    living = Consent.objects.alive(timezone.now()).filter(partner__is_active=True)
    return not living.filter(pk=transfer.partner_consent_id).exists()


def _has_consent(access: BankAccess, transfer: Transfer) -> bool:
    """Whether the bank allows this order by now; the first time it is asked for that."""
    if transfer.consent_id:
        return True
    try:
        told = access.with_token(lambda token: _ask_for_consent(access, transfer, token))
    except errors.BankError as error:
        _try_again_or_give_up(transfer, error)
        return False
    if told.status == "granted":
        _note(transfer, consent_request_id=told.request_id or "", consent_id=told.consent_id or "")
        return True
    if told.status == "waiting":
        _wait_for_approval(transfer, told)
    else:
        _settle(transfer, State.REJECTED, code=CONSENT_REFUSED.get(told.status, "consent_used"))
    return False


def _ask_for_consent(access: BankAccess, transfer: Transfer, token: BankToken) -> PaymentConsentAnswer:
    if transfer.consent_request_id:
        return access.payments.get_payment_consent(token, consent_or_request_id=transfer.consent_request_id)
    return access.payments.request_payment_consent(
        token, client_id=access.connection.client_id, order=_order(transfer)
    )


def _try_again_or_give_up(transfer: Transfer, error: errors.BankError) -> None:
    """Nothing has left yet: what may pass is tried again, a few times; a client who signs is waited for."""
    tries_left = bool(transfer.consent_request_id) or transfer.checks + 1 < MOST_TRIES
    if not error.retryable or not tries_left or _is_too_old(transfer):
        _settle(transfer, State.REJECTED, code=error.code, words=_words_of(error))
    else:
        _look_again(transfer, error_code=error.code)


def _wait_for_approval(transfer: Transfer, told: PaymentConsentAnswer) -> None:
    if _is_too_old(transfer):
        _settle(transfer, State.REJECTED, code="not_approved")
    else:
        transfer.checks = min(transfer.checks, MOST_TRIES)
        request_id = told.request_id or transfer.consent_request_id
        _look_again(transfer, consent_request_id=request_id, error_code="")


def _is_too_old(transfer: Transfer) -> bool:
    """What was ordered yesterday is not sent today by surprise."""
    return timezone.now() - transfer.created_at > APPROVAL_TAKES_AT_MOST


def _send(access: BankAccess, transfer: Transfer) -> None:
    """Send the order. The row says `sent` before it leaves, and nobody sends what is `sent`."""
    try:
        access.token()
    except errors.BankError as error:
        _try_again_or_give_up(transfer, error)
        return
    _note(transfer, state=State.SENT, sent_at=timezone.now(), checks=0, error_code="")
    try:
        answer = access.with_token(
            lambda token: access.payments.create_payment(
                token,
                client_id=access.connection.client_id,
                consent_id=transfer.consent_id,
                order=_order(transfer),
            )
        )
    except NOTHING_DONE as error:
        _settle(transfer, State.REJECTED, code=error.code, words=_words_of(error))
    except errors.BankError as error:
        log.warning("transfer_outcome_unknown", bank=error.bank, code=error.code)
        _look_again(transfer, state=State.UNKNOWN, error_code=error.code)
    else:
        _apply(transfer, answer)


# After it was sent


def _apply(transfer: Transfer, answer: PaymentAnswer) -> None:
    """What the bank says of the order: taking it is not carrying it out."""
    if answer.status == "completed":
        _settle(transfer, State.CONFIRMED, payment_id=answer.payment_id)
    elif answer.status == "rejected":
        _settle(transfer, State.REJECTED, code="rejected_by_bank", payment_id=answer.payment_id)
    else:
        _look_again(transfer, payment_id=answer.payment_id, error_code="")


def _ask_by_id(access: BankAccess, transfer: Transfer) -> None:
    client_id = access.connection.client_id
    try:
        answer = access.with_token(
            lambda token: access.payments.get_payment(
                token, client_id=client_id, payment_id=transfer.payment_id
            )
        )
    except errors.BankError as error:
        _look_again(transfer, error_code=error.code)
    else:
        _apply(transfer, answer)


def _find_out(access: BankAccess, transfer: Transfer, account: Account) -> None:
    """The answer was lost: the consent says whether the order was taken, the account what became of it."""
    try:
        status = _consent_status(access, transfer)
        if status == "granted":
            _wait_or_revoke(access, transfer)
            return
        moved = evidence.moved_money(
            access, transfer, account_id=account.external_id, was_taken=status == "used"
        )
    except errors.BankError as error:
        _look_again(transfer, state=State.UNKNOWN, error_code=error.code)
        return
    if moved:
        _settle(transfer, State.CONFIRMED)
    elif moved is None:
        _settle(transfer, State.REJECTED, code="rejected_by_bank")
    elif status in STILL_OPEN:
        _look_again(transfer, state=State.UNKNOWN, error_code="debit_not_seen")
    else:
        _settle(transfer, State.REJECTED, code="not_executed")


def _consent_status(access: BankAccess, transfer: Transfer) -> str:
    """Where the order's consent stands; empty when the bank no longer knows it."""
    try:
        told = access.with_token(
            lambda token: access.payments.get_payment_consent(
                token, consent_or_request_id=transfer.consent_id
            )
        )
    except errors.Refused:
        return ""
    return told.status


def _wait_or_revoke(access: BankAccess, transfer: Transfer) -> None:
    """An unused consent: the order may still be on its way. After a while nothing may come of it any more.

    The next look, a pause later, finds the consent revoked, or the debit of an order that was faster.
    """
    if transfer.checks >= ASKS_BEFORE_REVOKING:
        access.with_token(
            lambda token: access.payments.revoke_payment_consent(token, consent_id=transfer.consent_id)
        )
    _look_again(transfer, state=State.UNKNOWN)


# The row


def _order(transfer: Transfer) -> PaymentOrder:
    return PaymentOrder(
        debtor_number=transfer.from_number,
        creditor_number=transfer.to_number,
        creditor_bank=transfer.to_bank.code if transfer.is_between_banks else None,
        creditor_name=transfer.user.full_name,
        amount=transfer.amount,
        currency=transfer.currency,
        comment=evidence.comment_of(transfer),
    )


def _look_again(transfer: Transfer, **news: Any) -> None:
    """Give the transfer back, to be looked at after a pause that grows."""
    now = timezone.now()
    if transfer.checks >= ASKS_OFTEN:
        pause = SELDOM
    else:
        pause = min(FIRST_PAUSE * 2**transfer.checks, LONGEST_PAUSE)
    _note(
        transfer,
        **news,
        checks=transfer.checks + 1,
        checked_at=now,
        next_check_at=now + pause,
        lease_until=None,
    )


def _note(transfer: Transfer, **news: Any) -> None:
    """Write news, if the lease is still ours, and renew it."""
    news = {"lease_until": timezone.now() + settings.TRANSFER_LEASE} | news
    mine = Transfer.objects.open().filter(pk=transfer.pk, worker=transfer.worker, state=transfer.state)
    if not mine.update(**news):
        raise LeaseLost
    for name, value in news.items():
        setattr(transfer, name, value)


@transaction.atomic
def _settle(
    transfer: Transfer, state: State, *, code: str = "", words: str = "", payment_id: str = ""
) -> None:
    """Write the end, and the journal's line about it, together."""
    now = timezone.now()
    was_sent = transfer.sent_at is not None
    _note(
        transfer,
        state=state,
        error_code=code,
        bank_words=words[:200],
        payment_id=payment_id or transfer.payment_id,
        settled_at=now,
        checked_at=now,
        next_check_at=None,
        lease_until=None,
    )
    kinds = {State.CONFIRMED: AuditEvent.Kind.TRANSFER_CONFIRMED}
    AuditEvent.objects.create(
        person_id=transfer.user_id,
        kind=kinds.get(state, AuditEvent.Kind.TRANSFER_REJECTED),
        bank_code=transfer.from_bank.code,
        detail={"transfer": transfer.reference, "code": code, "sent": was_sent},
        at=now,
    )


def _words_of(error: errors.BankError) -> str:
    """The bank's own sentence about a refusal: it is meant for the person."""
    return error.told if isinstance(error, errors.Refused) else ""
