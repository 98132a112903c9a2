"""Accounts, balances and transactions."""

import json
import re
from datetime import UTC, datetime
from typing import Any

from flask import Response

from sandbox import guards
from sandbox.answers import ApiError, answer, consent_required, crash, query_number, raw_answer
from sandbox.history.seeds import stable_hash
from sandbox.services import services
from sandbox.store.accounts import Account
from sandbox.views import bank_blueprint
from sandbox.wire import compact, money, plain_transaction, zoned

bp = bank_blueprint("accounts")

_ACCOUNT_ID = re.compile(r"(?:acc-)?(\d{1,9})")
_SUB_TYPES = {
    "checking": "Checking",
    "savings": "Savings",
    "deposit": "Deposit",
    "loan": "Loan",
    "credit_card": "CreditCard",
}
_ABSURD_PAGE = 10**18


class BrokenIdError(Exception):
    """The published server fails on ids that are not numbers."""


@bp.errorhandler(BrokenIdError)
def broken_id(_error: BrokenIdError) -> Response:
    """Fail as the published server does."""
    return crash()


@bp.get("/accounts")
def accounts(bank: str) -> Response:
    """List the open accounts of a client."""
    refusal = consent_required("Требуется согласие клиента", consent_request_url="/account-consents/request")
    client_id = guards.listed_client(bank, "ReadAccountsDetail", refusal)
    services().histories.ensure(client_id)
    found = services().accounts.open_accounts(bank=bank, client_id=client_id)
    found.sort(key=_todays_order)
    return answer(
        {
            "data": {"account": [_listed(bank, account) for account in found]},
            "links": {"self": "/accounts"},
            "meta": {"totalPages": 1},
        },
    )


@bp.get("/accounts/<account_id>")
def account(bank: str, account_id: str) -> Response:
    """Show one account, without its number and holder."""
    found = _readable(
        bank, account_id, "ReadAccountsDetail", "Требуется согласие клиента для доступа к этому счету"
    )
    details = {
        "accountId": found.external_id,
        "status": "Enabled",
        "currency": found.currency,
        "accountType": "Personal",
        "accountSubType": _SUB_TYPES[found.kind],
        "description": f"{found.kind} account",
        "nickname": _nickname(bank, found),
        "openingDate": found.opened_on,
    }
    return answer({"data": {"account": [details]}})


@bp.get("/accounts/<account_id>/balances")
def balances(bank: str, account_id: str) -> Response:
    """Show what is booked and what may be spent."""
    found = _readable(bank, account_id, "ReadBalances", "Требуется согласие клиента для доступа к балансу")
    sums = services().accounts.balances(found)
    same = services().switches.of(bank).dialect == "published" and found.kind != "credit_card"
    available = sums.booked if same else sums.available
    lines = [
        _balance(found, "InterimAvailable", abs(available) if found.kind == "loan" else available),
        _balance(found, "InterimBooked", abs(sums.booked) if found.kind == "loan" else sums.booked),
    ]
    return answer({"data": {"balance": lines}})


@bp.get("/accounts/<account_id>/transactions")
def transactions(bank: str, account_id: str) -> Response:
    """Show one page of rows, newest first. The documented date filters are accepted and ignored."""
    page = query_number("page", 1)
    limit = query_number("limit", 50, least=1, most=100)
    found = _readable(
        bank, account_id, "ReadTransactionsDetail", "Требуется согласие клиента для доступа к транзакциям"
    )
    if page * limit > _ABSURD_PAGE:
        return _absurd(bank)
    page = max(1, page)
    part = services().accounts.page(found, number=page, limit=limit)
    rows = part.rows
    if services().switches.of(bank).row_style == "plain":
        rows = compact([plain_transaction(row) for row in json.loads(rows)]).encode()
    total_pages = -(-part.total // limit)
    tail = {
        "links": _links(found, page, limit, total_pages),
        "meta": {
            "totalPages": total_pages,
            "totalRecords": part.total,
            "currentPage": page,
            "pageSize": limit,
        },
    }
    return raw_answer(b'{"data":{"transaction":%s},%s' % (rows, compact(tail)[1:].encode()))


def _readable(bank: str, account_id: str, permission: str, message: str) -> Account:
    """Return the account if the caller may see it."""
    guards.caller(bank)
    match = _ACCOUNT_ID.fullmatch(account_id)
    if match is None and services().switches.of(bank).dialect == "published":
        raise BrokenIdError
    client_id = match and services().histories.client_with(int(match[1]))
    found = None
    if match and client_id:
        services().histories.ensure(client_id)
        found = services().accounts.find(bank=bank, ordinal=int(match[1]))
    if found is None:
        raise ApiError(404, "Account not found")
    guards.check_access(bank, found.client_id, permission, message)
    return found


def _todays_order(found: Account) -> int:
    """Put accounts in an order that changes from day to day, for the banks settle none."""
    return stable_hash("order", found.id, services().clock.now().date())


def _listed(bank: str, found: Account) -> dict[str, Any]:
    return {
        "accountId": found.external_id,
        "status": "Enabled",
        "currency": found.currency,
        "accountType": "Personal" if found.kind == "checking" else "Business",
        "accountSubType": _SUB_TYPES[found.kind],
        "nickname": _nickname(bank, found),
        "openingDate": found.opened_on,
        "account": [{"schemeName": "RU.CBR.PAN", "identification": found.number, "name": found.holder}],
    }


def _nickname(bank: str, found: Account) -> str:
    if services().switches.of(bank).dialect == "published":
        return f"{_SUB_TYPES[found.kind]} счет"
    return found.name


def _balance(found: Account, kind: str, amount: int) -> dict[str, Any]:
    return {
        "accountId": found.external_id,
        "type": kind,
        "dateTime": zoned(datetime.now(UTC)),
        "amount": {"amount": money(amount), "currency": found.currency},
        "creditDebitIndicator": "Credit",
    }


def _links(found: Account, page: int, limit: int, total_pages: int) -> dict[str, str]:
    path = f"/accounts/{found.external_id}/transactions"
    links = {"self": f"{path}?page={page}&limit={limit}"}
    if page < total_pages:
        links["next"] = f"{path}?page={page + 1}&limit={limit}"
    if page > 1:
        links["prev"] = f"{path}?page={page - 1}&limit={limit}"
    return links


def _absurd(bank: str) -> Response:
    """Answer a page number that no database can count to."""
    if services().switches.of(bank).dialect == "published":
        return crash()
    message = "Input should be less than or equal to 1000000000"
    fault = {"type": "less_than_equal", "loc": ["query", "page"], "msg": message, "ctx": {"le": 10**9}}
    raise ApiError(422, [fault])
