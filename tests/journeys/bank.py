"""What the banks themselves say of a client, asked past the site."""

from decimal import Decimal

from tests.bank_server import BankServer


def available(banks: BankServer, bank: str, client_id: str) -> list[Decimal]:
    """What a client may spend, account by account."""
    headers, ids = _accounts(banks, bank, client_id)
    return [_available(banks, bank, account_id, headers) for account_id in ids]


def count_transactions(banks: BankServer, bank: str, client_id: str) -> int:
    """How many transactions all accounts of a client have."""
    headers, ids = _accounts(banks, bank, client_id)
    paths = [f"/{bank}/accounts/{account_id}/transactions" for account_id in ids]
    return sum(banks.call("GET", path, headers=headers).json()["meta"]["totalRecords"] for path in paths)


def _accounts(banks: BankServer, bank: str, client_id: str) -> tuple[dict[str, str], list[str]]:
    headers = banks.granted(bank, client_id)
    answer = banks.call("GET", f"/{bank}/accounts", params={"client_id": client_id}, headers=headers).json()
    return headers, [row["accountId"] for row in answer["data"]["account"]]


def _available(banks: BankServer, bank: str, account_id: str, headers: dict[str, str]) -> Decimal:
    answer = banks.call("GET", f"/{bank}/accounts/{account_id}/balances", headers=headers).json()
    (balance,) = (row for row in answer["data"]["balance"] if row["type"] == "InterimAvailable")
    return Decimal(balance["amount"]["amount"])
