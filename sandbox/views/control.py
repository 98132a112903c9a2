"""The back door for tests and demonstrations: served on loopback only, and only when switched on."""

from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Response, request

from sandbox.answers import ApiError, answer, body_fields
from sandbox.faults.hooks import read_faults
from sandbox.faults.plan import FaultError
from sandbox.history.days import MOSCOW
from sandbox.services import services
from sandbox.settings import parse_moment
from sandbox.store.accounts import Account
from sandbox.store.changes import NewRow, RowGoneError
from sandbox.store.consents import RequestGoneError
from sandbox.store.histories import UnknownClientError
from sandbox.views import bank_blueprint
from sandbox.wire import money

bp = bank_blueprint("control")
_LOOPBACK = frozenset({"127.0.0.1", "::1"})


@bp.before_request
def only_here() -> None:
    """Serve this machine only; a page of another site cannot send JSON without asking first."""
    if request.remote_addr not in _LOOPBACK:
        raise ApiError(404, "Not Found")
    if request.method in {"POST", "PUT"} and request.get_data() and not request.is_json:
        raise ApiError(415, "JSON only")


@bp.errorhandler(RowGoneError)
@bp.errorhandler(RequestGoneError)
@bp.errorhandler(UnknownClientError)
def gone(error: Exception) -> Response:
    """Say that the thing is not there."""
    return answer({"detail": f"{error} not found"}, 404)


@bp.errorhandler(FaultError)
@bp.errorhandler(ValueError)
@bp.errorhandler(TypeError)
def wrong(error: Exception) -> Response:
    """Say what is wrong with the request."""
    return answer({"detail": str(error)}, 400)


@bp.get("/_control/faults")
def faults(bank: str) -> Response:
    """List the faults still to come."""
    return answer([fault.shown() for fault in services().faults.of(bank)])


@bp.post("/_control/faults")
def plan_faults(bank: str) -> Response:
    """Add a fault or a list of faults."""
    services().faults.plan(read_faults(request.get_json(), bank))
    return faults(bank)


@bp.delete("/_control/faults")
def clear_faults(bank: str) -> Response:
    """Drop all faults of the bank."""
    services().faults.clear(bank)
    return faults(bank)


@bp.get("/_control/switches")
def switches(bank: str) -> Response:
    """Show how the bank is switched."""
    return answer(asdict(services().switches.of(bank)))


@bp.post("/_control/switches")
def switch(bank: str) -> Response:
    """Change some switches of the bank."""
    return answer(asdict(services().switches.change(bank, **request.get_json())))


@bp.post("/_control/clock")
def clock(bank: str) -> Response:
    """Set the calendar of all banks: {"now": moment or day}, null for the real time."""
    text = body_fields().get("now")
    before = services().clock.now()
    services().clock.fix(parse_moment(text) if text else None)
    if services().clock.now() < before:
        services().histories.forget()
    return answer({"now": services().clock.now().astimezone(MOSCOW).isoformat()})


@bp.post("/_control/transactions")
def add_transaction(bank: str) -> Response:
    """Add a row: account_id, amount (signed), text, and at will what a row may say besides."""
    body = body_fields(account_id=str, amount=str, text=str)
    optional = ("status", "tx_id", "counterparty", "merchant", "mcc")
    row = NewRow(
        amount=_kopecks(body["amount"]),
        text=body["text"],
        at=parse_moment(body["at"]) if body.get("at") else None,
        **{name: body[name] for name in optional if name in body},
    )
    tx_id = services().changes.add(_account(bank, body["account_id"]), row)
    return answer({"tx_id": tx_id}, 201)


@bp.post("/_control/transactions/<tx_id>/settle")
def settle(bank: str, tx_id: str) -> Response:
    """Book a pending row: account_id; new_id true gives it another id, amount another amount."""
    body = body_fields(account_id=str)
    amount = body.get("amount")
    booked_id = services().changes.settle(
        _account(bank, body["account_id"]),
        tx_id,
        new_id=body.get("new_id") is True,
        amount=None if amount is None else _kopecks(amount),
    )
    return answer({"tx_id": booked_id})


@bp.post("/_control/transactions/<tx_id>/cancel")
def cancel(bank: str, tx_id: str) -> Response:
    """Let a pending row vanish: account_id."""
    services().changes.cancel(_account(bank, body_fields(account_id=str)["account_id"]), tx_id)
    return answer({"tx_id": tx_id})


@bp.post("/_control/transactions/<tx_id>/remove")
def remove(bank: str, tx_id: str) -> Response:
    """Take any row off the statement: account_id."""
    services().changes.remove(_account(bank, body_fields(account_id=str)["account_id"]), tx_id)
    return answer({"tx_id": tx_id})


@bp.post("/_control/requests/<request_id>/<any(approve, reject):action>")
def decide(bank: str, request_id: str, action: str) -> Response:
    """Decide a consent request in the client's place."""
    consent = services().consents.decide(
        bank=bank, request_id=request_id, client_id=None, approve=action == "approve"
    )
    return answer({"request_id": request_id, "consent_id": consent and consent.consent_id})


@bp.post("/_control/payment-requests/<request_id>/<any(approve, reject):action>")
def decide_payment(bank: str, request_id: str, action: str) -> Response:
    """Decide a payment request in the client's place."""
    consent_id = services().payment_consents.decide(
        bank=bank, request_id=request_id, client_id=None, approve=action == "approve"
    )
    return answer({"request_id": request_id, "consent_id": consent_id})


@bp.get("/_control/payments")
def made_payments(bank: str) -> Response:
    """List the payments that were booked: ?client_id=."""
    found = services().payments.made(bank=bank, client_id=request.args.get("client_id", ""))
    return answer([asdict(payment) | {"amount": money(payment.amount)} for payment in found])


@bp.post("/_control/consents/<consent_id>/<any(revoke, expire):action>")
def end_consent(bank: str, consent_id: str, action: str) -> Response:
    """End a consent, or let it run out."""
    if action == "revoke":
        services().consents.revoke(bank=bank, consent_id=consent_id)
    else:
        services().consents.expire(bank=bank, consent_id=consent_id)
    return answer({"consent_id": consent_id})


@bp.post("/_control/tokens/recall")
def recall(bank: str) -> Response:
    """Make all tokens of the bank worthless."""
    services().tokens.recall(bank=bank)
    return answer({})


@bp.get("/_control/calls")
def calls(bank: str) -> Response:
    """List the calls that came in."""
    return answer(services().journal.of(bank))


@bp.delete("/_control/calls")
def forget_calls(bank: str) -> Response:
    """Forget the calls that came in."""
    services().journal.clear(bank)
    return answer([])


@bp.get("/_control/accounts")
def truth(bank: str) -> Response:
    """Show what the bank itself knows of a client's accounts: ?client_id=."""
    client_id = request.args.get("client_id", "")
    services().histories.ensure(client_id)
    found = services().accounts.open_accounts(bank=bank, client_id=client_id)
    return answer([_truth(account) for account in found])


@bp.post("/_control/reset")
def reset(bank: str) -> Response:
    """Forget everything of all banks: histories, consents, faults, switches, calls."""
    state = services()
    state.histories.forget()
    state.database.forget_everything()
    state.switches.reset()
    state.clock.fix(state.settings.fixed_now)
    for code in ("vbank", "abank", "sbank"):
        state.faults.clear(code)
        state.journal.clear(code)
    return answer({})


def _account(bank: str, account_id: str) -> Account:
    ordinal = account_id.removeprefix("acc-")
    client_id = services().histories.client_with(int(ordinal)) if ordinal.isdigit() else None
    if client_id:
        services().histories.ensure(client_id)
    found = services().accounts.find(bank=bank, ordinal=int(ordinal)) if client_id else None
    if found is None:
        raise ApiError(404, "Account not found")
    return found


def _truth(account: Account) -> dict[str, Any]:
    balances = services().accounts.balances(account)
    return {
        "account_id": account.external_id,
        "kind": account.kind,
        "currency": account.currency,
        "opening": money(account.opening_balance),
        "booked": money(balances.booked),
        "available": money(balances.available),
        "rows": services().accounts.page(account, number=1, limit=1).total,
    }


def _kopecks(amount: str) -> int:
    try:
        return int((Decimal(str(amount)) * 100).to_integral_exact())
    except InvalidOperation:
        raise ValueError("amount must be a decimal number") from None
