"""`/accounts`: shapes, what is whose, and rows of one account."""

from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from banking.models import Account, Transaction
from tests.api import shapes
from tests.api.conftest import World, read
from tests.factories import NOW, AccountFactory, ConnectionFactory, many_transactions


def test_the_list_is_a_bare_array_by_id(anna_api: APIClient, world: World) -> None:
    later = AccountFactory(connection=world.connection, kind=Account.Kind.SAVINGS)
    for address in ("/api/v1/accounts", "/api/v1/accounts/"):
        found = read(anna_api.get(address))
        assert [account["id"] for account in found] == [world.account.pk, later.pk]
        assert all(shapes.misfits(account, shapes.ACCOUNT) == [] for account in found)


def test_one_account_has_its_bank(anna_api: APIClient, world: World) -> None:
    found = read(anna_api.get(f"/api/v1/accounts/{world.account.pk}"))
    assert shapes.misfits(found, shapes.ACCOUNT) == []
    assert (found["bank_name"], found["bank_provider"]) == ("VBank", "vbank")
    assert found["bank_connection_id"] == world.connection.pk
    assert found["balance"] == Decimal("1000.00")


@pytest.mark.parametrize(
    ("kind", "account_type"),
    [
        ("current", "checking"),
        ("savings", "savings"),
        ("deposit", "investment"),
        ("card", "credit"),
        ("loan", "loan"),
    ],
)
def test_every_kind_has_its_word(anna_api: APIClient, world: World, kind: str, account_type: str) -> None:
    account = AccountFactory(connection=world.connection, kind=kind, name="", number="")
    found = read(anna_api.get(f"/api/v1/accounts/{account.pk}"))
    assert found["account_type"] == account_type
    assert found["account_name"]
    assert found["account_number"] is None


def test_a_debt_is_negative(anna_api: APIClient, world: World) -> None:
    loan = AccountFactory(
        connection=world.connection,
        kind=Account.Kind.LOAN,
        balance_booked=Decimal("500000.00"),
        net_amount=Decimal("-500000.00"),
    )
    assert read(anna_api.get(f"/api/v1/accounts/{loan.pk}"))["balance"] == Decimal("-500000.00")


def test_an_account_of_no_known_balance_has_a_number(anna_api: APIClient, world: World) -> None:
    account = AccountFactory(
        connection=world.connection,
        balance_booked=None,
        net_amount=0,
        balance_as_of=None,
        last_synced_at=None,
    )
    found = read(anna_api.get(f"/api/v1/accounts/{account.pk}"))
    assert shapes.misfits(found, shapes.ACCOUNT) == []
    assert found["balance"] == 0
    assert found["balance_booked"] is None


def test_a_closed_account_is_out_of_the_list_and_still_found(anna_api: APIClient, world: World) -> None:
    closed = AccountFactory(connection=world.connection, closed_at=NOW)
    assert closed.pk not in [account["id"] for account in read(anna_api.get("/api/v1/accounts"))]
    assert read(anna_api.get(f"/api/v1/accounts/{closed.pk}"))["is_active"] == 0


@pytest.mark.parametrize("method", ["get", "delete"])
def test_another_persons_account_is_not_found(boris_api: APIClient, world: World, method: str) -> None:
    answer = getattr(boris_api, method)(f"/api/v1/accounts/{world.account.pk}")
    assert read(answer, 404) == {"detail": "Account not found"}
    assert Account.objects.filter(pk=world.account.pk).exists()


def test_rows_of_an_account_are_newest_first(anna_api: APIClient, world: World) -> None:
    other = AccountFactory(connection=world.connection)
    rows = many_transactions(other, 5)
    found = read(anna_api.get(f"/api/v1/accounts/{other.pk}/transactions", {"limit": 2, "offset": 1}))
    assert [row["external_transaction_id"] for row in found] == [row.external_id for row in rows[1:3]]
    assert all(shapes.misfits(row, shapes.TRANSACTION) == [] for row in found)


def test_rows_of_another_persons_account_are_not_found(boris_api: APIClient, world: World) -> None:
    answer = boris_api.get(f"/api/v1/accounts/{world.account.pk}/transactions")
    assert read(answer, 404) == {"detail": "Account not found or access denied"}


def test_a_deleted_account_takes_its_rows_along(anna_api: APIClient, world: World) -> None:
    assert read(anna_api.delete(f"/api/v1/accounts/{world.account.pk}"))["message"]
    assert anna_api.get(f"/api/v1/accounts/{world.account.pk}").status_code == 404
    assert not Transaction.objects.exists()


@pytest.mark.parametrize("number", ["0", "999999999", "99999999999999999999"])
def test_a_number_that_nothing_has_is_not_found(anna_api: APIClient, number: str) -> None:
    assert anna_api.get(f"/api/v1/accounts/{number}").status_code == 404


@pytest.mark.parametrize("number", ["seven", "-1", "1.5", "١٢", "%00", "1e3", "9" * 40])
def test_what_is_no_number_is_wrong_input(anna_api: APIClient, number: str) -> None:
    assert anna_api.get(f"/api/v1/accounts/{number}").status_code == 422


def test_the_list_costs_the_same_for_many(
    anna_api: APIClient, world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(20):
        AccountFactory(connection=world.connection)
    AccountFactory(connection=ConnectionFactory(user=world.connection.user))
    with django_assert_num_queries(2):
        assert len(read(anna_api.get("/api/v1/accounts"))) == 22
