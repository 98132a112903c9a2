"""`clientInfo`: consents, accounts, balances and transactions in the standard's envelope."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, request

from sandbox.answers import answer
from sandbox.bankingapi import guards, wire
from sandbox.bankingapi.refusals import StandardError
from sandbox.services import services
from sandbox.store.accounts import Account
from sandbox.store.consents import Consent, ConsentRequest

bp = Blueprint("client_info", __name__)

PREFIX = "/extapi/aft/clientInfo/hackathon/v1"
ROWS_PER_PAGE = 100
BALANCES_PER_PAGE = 10
_LONGEST_KEY = 40
_WAITING_LIFE = timedelta(days=90)
_ACCOUNT_ID = re.compile(r"acc-(\d{1,9})")
_STATUSES = {"active": "Authorised", "revoked": "Revoked", "expired": "Expired"}
_UNDECIDED = {"pending": "AwaitingAuthorisation", "rejected": "Rejected"}


@bp.post(f"{PREFIX}/account-consents")
def ask(bank: str) -> Response:
    """Take a request for a consent; an automatic bank grants it at once."""
    subject = guards.caller()
    if not 0 < len(request.headers.get("x-idempotency-key", "")) <= _LONGEST_KEY:
        message = "Отсутствует или слишком длинный ключ"
        raise StandardError(400, "RU.CBR.Header.Invalid", message, "x-idempotency-key")
    asked = services().consents.request(
        bank=bank,
        client_id=guards.named_client(),
        granted_to=guards.holder(subject),
        granted_to_name="FinanceHub (Banking API)",
        permissions=_permissions(),
        reason="",
        approve=services().switches.of(bank).auto_approve,
    )
    return answer(wire.envelope(_request_document(asked)), 201)


@bp.get(f"{PREFIX}/account-consents/<any_id>")
def show(bank: str, any_id: str) -> Response:
    """Tell how a consent stands, by its id or by the one it had before it was signed."""
    asked = _request_of(bank, any_id)
    if asked is not None and asked.consent_id is None:
        return answer(wire.envelope(_request_document(asked)))
    consent = _consent_of(bank, (asked and asked.consent_id) or any_id)
    return answer(wire.envelope(_consent_document(consent)))


@bp.delete(f"{PREFIX}/account-consents/<consent_id>")
def revoke(bank: str, consent_id: str) -> Response:
    """End a consent."""
    services().consents.revoke(bank=bank, consent_id=_consent_of(bank, consent_id).consent_id)
    return Response(status=204)


@bp.get(f"{PREFIX}/accounts")
def accounts(bank: str) -> Response:
    """List the client's open accounts."""
    found = _accounts(bank, guards.reader_of(bank, "ReadAccountsDetail"))
    return answer(wire.envelope({"Account": [wire.account(account) for account in found]}))


@bp.get(f"{PREFIX}/accounts/<account_id>")
def account(bank: str, account_id: str) -> Response:
    """Show one account."""
    found = _account(bank, account_id, guards.reader_of(bank, "ReadAccountsDetail"))
    return answer(wire.envelope({"Account": [wire.account(found)]}))


@bp.get(f"{PREFIX}/accounts/<account_id>/balance")
def balance(bank: str, account_id: str) -> Response:
    """Show what may be spent and what is booked."""
    found = _account(bank, account_id, guards.reader_of(bank, "ReadBalances"))
    now, sums = datetime.now(UTC), services().accounts.balances(found)
    lines = [
        wire.balance(found, "ClosingAvailable", sums.available, now),
        wire.balance(found, "ClosingBooked", sums.booked, now),
    ]
    return answer(wire.envelope({"Balance": lines}))


@bp.get(f"{PREFIX}/balances")
def balances(bank: str) -> Response:
    """Show a page of balances; a single one comes as a bare object."""
    found = _accounts(bank, guards.reader_of(bank, "ReadBalances"))
    number, now = _page(), datetime.now(UTC)
    part = found[number * BALANCES_PER_PAGE : (number + 1) * BALANCES_PER_PAGE]
    lines = [
        wire.balance(account, "ClosingAvailable", services().accounts.balances(account).available, now)
        for account in part
    ]
    pages = max(1, -(-len(found) // BALANCES_PER_PAGE))
    data = {"Balance": lines[0] if len(lines) == 1 else lines}
    return answer(wire.envelope(data, pages=pages, page=number))


@bp.get(f"{PREFIX}/accounts/<account_id>/transactions")
def transactions(bank: str, account_id: str) -> Response:
    """Show one page of rows, newest first."""
    found = _account(bank, account_id, guards.reader_of(bank, "ReadTransactionsDetail"))
    number = _page()
    part = services().accounts.page(found, number=number + 1, limit=ROWS_PER_PAGE)
    rows = [wire.transaction(row) for row in json.loads(part.rows)]
    pages = max(1, -(-part.total // ROWS_PER_PAGE))
    return answer(wire.envelope({"Transaction": rows}, pages=pages, page=number))


def _permissions() -> list[str]:
    document = request.get_json(silent=True)
    data = document.get("Data") if isinstance(document, dict) else None
    wanted = data.get("permissions") if isinstance(data, dict) else None
    if not isinstance(wanted, list) or not wanted:
        message = "Отсутствует обязательное поле"
        raise StandardError(400, "RU.CBR.Field.Missing", message, "Data.permissions")
    return [str(permission) for permission in wanted]


def _request_of(bank: str, any_id: str) -> ConsentRequest | None:
    asked = services().consents.find_request(bank=bank, request_id=any_id)
    if asked is not None and asked.granted_to != guards.holder(guards.caller()):
        raise _no_consent()
    return asked


def _consent_of(bank: str, consent_id: str) -> Consent:
    holder = guards.holder(guards.caller())
    consent = services().consents.find(bank=bank, consent_id=consent_id)
    if consent is None or consent.granted_to != holder:
        raise _no_consent()
    return consent


def _no_consent() -> StandardError:
    return StandardError(404, "RU.CBR.Resource.NotFound", "Согласие не найдено", "consentId")


def _request_document(asked: ConsentRequest) -> dict[str, Any]:
    """Describe a request. Before it is signed its own id stands where the consent's will."""
    granted = asked.consent_id is not None
    return {
        "consentId": asked.consent_id or asked.request_id,
        "status": "Authorised" if granted else _UNDECIDED[asked.status],
        "statusUpdateDateTime": wire.moscow(asked.decided_at or asked.created_at),
        "creationDateTime": wire.moscow(asked.created_at),
        "permissions": list(asked.permissions),
        "expirationDateTime": wire.moscow(asked.created_at + _WAITING_LIFE),
    }


def _consent_document(consent: Consent) -> dict[str, Any]:
    return {
        "consentId": consent.consent_id,
        "status": _STATUSES[consent.status],
        "statusUpdateDateTime": wire.moscow(consent.changed_at),
        "creationDateTime": wire.moscow(consent.created_at),
        "permissions": list(consent.permissions),
        "expirationDateTime": wire.moscow(consent.expires_at),
    }


def _accounts(bank: str, client_id: str) -> list[Account]:
    found = services().accounts.open_accounts(bank=bank, client_id=client_id)
    return sorted(found, key=lambda account: account.ordinal)


def _account(bank: str, account_id: str, client_id: str) -> Account:
    """Return the client's account; another client's looks like none."""
    match = _ACCOUNT_ID.fullmatch(account_id)
    found = services().accounts.find(bank=bank, ordinal=int(match[1])) if match else None
    if found is None or found.client_id != client_id:
        raise StandardError(404, "RU.CBR.Resource.NotFound", "Счёт не найден", "accountId")
    return found


def _page() -> int:
    text = request.args.get("page", "0")
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise StandardError(400, "RU.CBR.Field.Invalid", "Номер страницы начинается с нуля", "page")
    return int(text)
