"""A client without a token, answers read exactly, and Anna's small world of money."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpResponse
from rest_framework.test import APIClient

from banking.models import Account, BankConnection, Transaction
from financehub.users.models import User
from tests.factories import AccountFactory, ConnectionFactory, TransactionFactory


@pytest.fixture
def api(db: None) -> APIClient:
    return APIClient()


def read(answer: HttpResponse, status: int = 200) -> Any:
    """The JSON of an answer, decimals kept as they were written."""
    assert answer.status_code == status, answer.content
    return json.loads(answer.content, parse_float=Decimal)


@dataclass(frozen=True, slots=True)
class World:
    """One person's connection, account and rows of every type."""

    connection: BankConnection
    account: Account
    purchase: Transaction
    refund: Transaction
    salary: Transaction
    transfer: Transaction
    pending: Transaction
    declined: Transaction


def world_of(user: User) -> World:
    connection = ConnectionFactory(user=user)
    account = AccountFactory(connection=connection, credit_limit=None)
    row = {"account": account}
    return World(
        connection=connection,
        account=account,
        purchase=TransactionFactory(**row, amount=Decimal("-250.00"), mcc="5411"),
        refund=TransactionFactory(**row, amount=Decimal("100.00"), is_refund=True),
        salary=TransactionFactory(
            **row, amount=Decimal("90000.00"), slug="income-salary", merchant_name="", description="ЗАРПЛАТА"
        ),
        transfer=TransactionFactory(
            **row, amount=Decimal("-5000.00"), slug="transfer", description="Перевод между счетами"
        ),
        pending=TransactionFactory(**row, amount=Decimal("-30.50"), status=Transaction.Status.PENDING),
        declined=TransactionFactory(**row, amount=Decimal("-999.00"), status=Transaction.Status.DECLINED),
    )


@pytest.fixture
def world(anna: User) -> World:
    """What Anna has."""
    return world_of(anna)


@pytest.fixture
def other_world(boris: User) -> World:
    """What Boris has."""
    return world_of(boris)
