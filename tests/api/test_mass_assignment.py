"""Nobody writes what is not theirs to write by naming it in a body."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from banking.models import BankConnection, Transaction
from financehub.users.models import User
from tests.api.conftest import World, read


def test_registering_gives_no_rights(api: APIClient) -> None:
    body = {
        "email": "vera@example.com",
        "password": "long enough 7",
        "id": 1,
        "role": "admin",
        "is_staff": True,
        "is_superuser": True,
        "is_active": False,
        "use_gost_mode": True,
        "bank_code": "vbank",
    }
    read(api.post("/api/v1/auth/register", body, format="json"), 201)
    user = User.objects.get(email="vera@example.com")
    assert (user.role, user.is_staff, user.is_superuser) == (User.Role.CUSTOMER, False, False)
    assert (user.is_active, user.use_gost_mode, user.bank_code) == (True, False, "")


def _own_columns(row: Transaction) -> dict[str, Any]:
    return {
        field.attname: getattr(row, field.attname)
        for field in Transaction._meta.concrete_fields
        if field.name not in {"note", "updated_at"}
    }


def test_a_row_changes_in_the_named_fields_only(
    anna_api: APIClient, world: World, other_world: World
) -> None:
    foreign = _own_columns(Transaction.objects.get(pk=other_world.salary.pk))
    body = {name: str(value) for name, value in foreign.items() if name != "category_id"}
    body |= {"account": other_world.account.pk, "user": other_world.account.user_id, "note": "моя"}
    before = _own_columns(Transaction.objects.get(pk=world.purchase.pk))
    read(anna_api.patch(f"/api/v1/transactions/{world.purchase.pk}", body, format="json"))
    assert _own_columns(Transaction.objects.get(pk=world.purchase.pk)) == before
    assert _own_columns(Transaction.objects.get(pk=other_world.salary.pk)) == foreign


@pytest.mark.parametrize("number", ["7", "team075-1"])
def test_a_connection_is_made_for_oneself_only(
    anna_api: APIClient, world: World, boris: User, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def connect(**question: Any) -> BankConnection:
        asked.update(question)
        return world.connection

    monkeypatch.setattr("banking.actions.connect_bank_now", connect)
    body = {
        "bank_code": "vbank",
        "client_number": number,
        "user": boris.pk,
        "user_id": boris.pk,
        "status": "active",
    }
    read(anna_api.post("/api/v1/banks/connect-demo", body, format="json"), 201)
    assert asked["user"] == world.connection.user
    assert asked["client_number"] in {"7", ""}
