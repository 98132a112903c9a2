"""Accounts and transactions that are kept by hand, over the API; what is deleted and restored."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from rest_framework.test import APIClient

from banking.models import Account, Transaction
from financehub.users.models import User
from tests.api import shapes
from tests.api.conftest import World, read
from tests.factories import ManualAccountFactory, category

FILE = "date;sum;name\n2025-11-08;-1,50;Кофе\n2025-11-08;-1,50;Кофе\nlater;1;x".encode()
ROW = {"amount": -250.5, "date": "2025-11-08", "description": "Пятёрочка"}


@pytest.fixture
def cash(anna: User) -> Account:
    return ManualAccountFactory(user=anna)


def test_an_account_is_opened(anna_api: APIClient) -> None:
    sent = {"name": "Сейф", "opening_balance": "100.50", "opening_on": "2025-11-01", "currency": "USD"}
    made = read(anna_api.post("/api/v1/accounts", sent, format="json"), 201)
    assert shapes.misfits(made, shapes.ACCOUNT) == []
    assert (made["bank_connection_id"], made["bank_provider"]) == (None, "manual")
    assert (made["balance"], made["currency"]) == (Decimal("100.50"), "USD")
    assert [each["id"] for each in read(anna_api.get("/api/v1/accounts"))] == [made["id"]]


def test_a_row_is_written_rewritten_deleted_and_restored(anna_api: APIClient, cash: Account) -> None:
    sent = ROW | {"account_id": cash.pk}
    key = {"Idempotency-Key": "one"}
    made = [
        read(anna_api.post("/api/v1/transactions", sent, format="json", headers=key), 201) for _ in range(2)
    ]
    assert made[0] == made[1]
    assert shapes.misfits(made[0], shapes.TRANSACTION) == []
    assert (made[0]["amount"], made[0]["transaction_type"]) == (Decimal("250.50"), "expense")
    other = anna_api.post("/api/v1/transactions", sent | {"amount": -1}, format="json", headers=key)
    assert other.status_code == 409
    address = f"/api/v1/transactions/{made[0]['id']}"
    change = ROW | {"amount": 90, "category_id": category("income-gift").pk}
    changed = read(anna_api.put(address, change, format="json"))
    assert (changed["amount"], changed["category_reason"]) == (90, "person")
    assert read(anna_api.get(f"/api/v1/accounts/{cash.pk}"))["balance"] == 1000
    assert anna_api.delete(address).status_code == 204
    assert anna_api.get(address).status_code == 404
    assert read(anna_api.get("/api/v1/transactions")) == []
    assert read(anna_api.post(f"{address}/restore"))["id"] == made[0]["id"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"amount": 0}, 422),
        ({"amount": "1e400"}, 422),
        ({"amount": 10**9}, 422),
        ({"date": "2099-01-01"}, 422),
        ({"date": "1900-01-01"}, 422),
        ({"description": "a\u0000"}, 422),
        ({"category_id": 10**15}, 404),
        ({"account_id": 10**15}, 404),
    ],
)
def test_a_row_with_a_mistake_is_refused(
    anna_api: APIClient, cash: Account, sent: dict[str, object], status: int
) -> None:
    body = {"account_id": cash.pk} | ROW | sent
    assert anna_api.post("/api/v1/transactions", body, format="json").status_code == status
    assert not Transaction.objects.exists()


def test_a_banks_account_takes_no_rows_and_its_rows_are_not_rewritten(
    anna_api: APIClient, world: World
) -> None:
    body = ROW | {"account_id": world.account.pk}
    assert anna_api.post("/api/v1/transactions", body, format="json").status_code == 400
    row = f"/api/v1/transactions/{world.purchase.pk}"
    assert anna_api.put(row, ROW, format="json").status_code == 400


def test_somebody_elses_things_are_not_found(boris_api: APIClient, cash: Account, world: World) -> None:
    body = ROW | {"account_id": cash.pk}
    assert boris_api.post("/api/v1/transactions", body, format="json").status_code == 404
    row = f"/api/v1/transactions/{world.purchase.pk}"
    assert {boris_api.put(row, ROW, format="json").status_code, boris_api.delete(row).status_code} == {404}
    assert boris_api.post(f"{row}/restore").status_code == 404


def test_a_file_is_imported_once_and_taken_back(
    anna_api: APIClient, boris_api: APIClient, cash: Account
) -> None:
    def send(api: APIClient, data: bytes = FILE, **more: object) -> HttpResponse:
        sent = {"file": SimpleUploadedFile("x.csv", data)} | more
        return api.post(f"/api/v1/accounts/{cash.pk}/imports", sent, format="multipart")

    assert read(send(anna_api, dry_run=True))["new"] == 2
    assert not Transaction.objects.exists()
    done = read(send(anna_api), 201)
    assert (done["new"], done["known"], done["failed"]) == (2, 0, 1)
    assert done["failures"][0]["line"] == 4
    assert read(send(anna_api)) == done | {"id": None, "new": 0, "known": 2}
    assert send(anna_api, b"PK\x03\x04").status_code == 400
    assert send(anna_api, b"").status_code == 422
    assert send(boris_api).status_code == 404
    address = f"/api/v1/imports/{done['id']}"
    assert [api.delete(address).status_code for api in (boris_api, anna_api, anna_api)] == [404, 204, 409]
    assert not Transaction.objects.exists()


def test_a_removed_account_is_restored(anna_api: APIClient, boris_api: APIClient, world: World) -> None:
    address = f"/api/v1/accounts/{world.account.pk}"
    anna_api.delete(address)
    assert read(anna_api.get("/api/v1/accounts")) == []
    assert boris_api.post(f"{address}/restore").status_code == 404
    assert read(anna_api.post(f"{address}/restore"))["balance_as_of"] is None
    assert anna_api.post(f"{address}/restore").status_code == 200  # it stands already
