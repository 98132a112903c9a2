"""`/transactions` and `/categories`: shapes, signs, filters, and what a person may change."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from banking.models import Category, Transaction
from financehub.users.models import User
from tests.api import shapes
from tests.api.conftest import World, read
from tests.factories import NOW, AccountFactory, TransactionFactory, category, many_transactions

LIST = "/api/v1/transactions"


def ids(answer: Any) -> set[int]:
    return {row["id"] for row in read(answer)}


def test_the_list_is_a_bare_array_of_whole_rows(anna_api: APIClient, world: World) -> None:
    for address in (LIST, f"{LIST}/"):
        found = read(anna_api.get(address))
        assert len(found) == 6
        assert [shapes.misfits(row, shapes.TRANSACTION) for row in found] == [[]] * 6


def test_rows_are_newest_first_and_twins_by_id(anna_api: APIClient, world: World) -> None:
    early = TransactionFactory(account=world.account, booked_at=NOW - timedelta(days=2))
    twin = TransactionFactory(account=world.account, booked_at=NOW - timedelta(days=2))
    assert [row["id"] for row in read(anna_api.get(LIST))][-2:] == [twin.pk, early.pk]


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("purchase", ("expense", "250.00", False)),
        ("refund", ("income", "100.00", True)),
        ("salary", ("income", "90000.00", False)),
        ("transfer", ("transfer", "-5000.00", False)),
        ("pending", ("expense", "30.50", False)),
        ("declined", ("expense", "999.00", False)),
    ],
)
def test_income_and_expense_are_positive_and_transfers_signed(
    anna_api: APIClient, world: World, name: str, sent: tuple[str, str, bool]
) -> None:
    row = read(anna_api.get(f"{LIST}/{getattr(world, name).pk}"))
    assert (row["transaction_type"], str(row["amount"]), row["is_refund"]) == sent


def test_states_are_told(anna_api: APIClient, world: World) -> None:
    pending = read(anna_api.get(f"{LIST}/{world.pending.pk}"))
    declined = read(anna_api.get(f"{LIST}/{world.declined.pk}"))
    assert (pending["is_pending"], pending["status"]) == (1, "pending")
    assert (declined["is_pending"], declined["status"]) == (0, "declined")


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("income", {"refund", "salary"}),
        ("EXPENSE", {"purchase", "pending", "declined"}),
        ("Transfer", {"transfer"}),
        ("", {"refund", "salary", "purchase", "pending", "declined", "transfer"}),
    ],
)
def test_the_type_is_filtered_in_any_case(
    anna_api: APIClient, world: World, word: str, names: set[str]
) -> None:
    expected = {getattr(world, name).pk for name in names}
    assert ids(anna_api.get(LIST, {"transaction_type": word})) == expected


def test_account_and_category_are_filtered(anna_api: APIClient, world: World) -> None:
    other = AccountFactory(connection=world.connection)
    row = TransactionFactory(account=other, slug="income-salary")
    assert ids(anna_api.get(LIST, {"account_id": other.pk})) == {row.pk}
    salaries = {"category_id": category("income-salary").pk}
    assert ids(anna_api.get(LIST, salaries)) == {world.salary.pk, row.pk}


def test_another_persons_account_filters_everything_out(boris_api: APIClient, world: World) -> None:
    assert read(boris_api.get(LIST, {"account_id": world.account.pk})) == []
    assert read(boris_api.get(LIST)) == []


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ({"from_date": "2025-11-08"}, {8, 9}),
        ({"to_date": "2025-11-08"}, {7, 8}),
        ({"from_date": "2025-11-08", "to_date": "2025-11-08"}, {8}),
        ({"from_date": "", "to_date": ""}, {7, 8, 9}),
        ({"from_date": "2025-11-08T00:00:00"}, {8, 9}),
        ({"to_date": "2025-11-08T08:00:00.000Z"}, {7, 8}),
        ({"from_date": "2025-11-08T11:00:01+03:00"}, {9}),
    ],
)
def test_both_dates_belong_to_the_period(
    anna_api: APIClient, world: World, query: dict[str, str], days: set[int]
) -> None:
    Transaction.objects.all().delete()
    for day in (7, 8, 9):
        TransactionFactory(account=world.account, booked_at=NOW.replace(day=day, hour=8, minute=0))
    found = read(anna_api.get(LIST, query))
    assert {int(row["posted_date"][-2:]) for row in found} == days


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("kind=income&kind=transfer", {"salary", "transfer"}),
        ("kind=income,transfer", {"salary", "transfer"}),
        ("kind=expense&status=pending,declined", {"pending", "declined"}),
        ("min_amount=100&max_amount=999", {"purchase", "refund", "declined"}),
        ("merchant=пятерочка&mcc=5411", {"purchase"}),
        ("merchant=нет такого", set()),
        ("bank=vbank&mark=unreviewed&kind=INCOME", {"salary"}),
        ("bank=abank", set()),
        ("mark=noted", set()),
        ("status=missing&uncategorised=true", set()),
    ],
)
def test_several_values_of_a_field_are_alternatives(
    anna_api: APIClient, world: World, query: str, names: set[str]
) -> None:
    expected = {getattr(world, name).pk for name in names}
    assert ids(anna_api.get(f"{LIST}?{query}")) == expected


def test_a_category_includes_what_is_under_it(anna_api: APIClient, world: World) -> None:
    found = ids(anna_api.get(LIST, {"category_id": category("groceries").pk, "status": "booked"}))
    assert found == {world.purchase.pk, world.refund.pk}


def test_the_list_is_sorted_by_size_too(anna_api: APIClient, world: World) -> None:
    rows = read(anna_api.get(LIST, {"sort": "-amount", "kind": "expense"}))
    assert [str(row["amount"]) for row in rows] == ["999.00", "250.00", "100.00", "30.50"]


def test_totals_are_those_of_the_page(anna_api: APIClient, anna_client: Client, world: World) -> None:
    for query in ("", "kind=expense", "kind=expense&kind=income&min=50", "status=booked&q=pyaterochka"):
        shown = anna_client.get(f"/transactions/?totals=show&{query}").context["totals"]
        sent = read(anna_api.get(f"{LIST}/totals?{query.replace('min=', 'min_amount=')}"))
        assert (sent["count"], sent["not_counted"]) == (shown.count, shown.not_counted)
        assert [(flow["income"], flow["expenses"], flow["net"]) for flow in sent["flows"]] == [
            (flow.income, flow.spending, flow.net) for flow in shown.flows
        ]


@pytest.mark.parametrize(
    "query",
    [
        "account_id=x",
        "kind=loss",
        "mcc=54",
        "min_amount=-1",
        "min_amount=1e30",
        "sort=name",
        "mark=x",
        "q=!!!",
        "merchant=%2A",
        "from_date=0001-01-01T00:00:00",
        "to_date=0001-01-01T00:00:00",
    ],
)
def test_a_filter_that_cannot_be_meant_is_refused(anna_api: APIClient, world: World, query: str) -> None:
    assert read(anna_api.get(f"{LIST}?{query}"), 422)["errors"]


def test_words_are_searched(anna_api: APIClient, world: World) -> None:
    assert ids(anna_api.get(LIST, {"q": "зарплата"})) == {world.salary.pk}
    assert ids(anna_api.get(LIST, {"q": "Перевод счетами"})) == {world.transfer.pk}
    assert ids(anna_api.get(LIST, {"q": "no such words"})) == set()


def test_pieces_make_the_whole(anna_api: APIClient, world: World) -> None:
    many_transactions(world.account, 25)
    pieces = [read(anna_api.get(LIST, {"limit": 10, "offset": offset})) for offset in (0, 10, 20, 30)]
    assert [len(piece) for piece in pieces] == [10, 10, 10, 1]
    assert [row for piece in pieces for row in piece] == read(anna_api.get(LIST, {"limit": 1000}))


def test_a_hundred_rows_are_the_default(anna_api: APIClient, world: World) -> None:
    many_transactions(world.account, 120)
    assert len(read(anna_api.get(LIST))) == 100


@pytest.mark.parametrize("method", ["get", "patch"])
def test_another_persons_row_is_not_found(boris_api: APIClient, world: World, method: str) -> None:
    answer = getattr(boris_api, method)(f"{LIST}/{world.purchase.pk}", format="json")
    assert read(answer, 404) == {"detail": "Transaction not found"}


def test_a_category_is_chosen_and_a_note_written(anna_api: APIClient, world: World) -> None:
    cafe = category("cafe")
    change = {"category_id": cafe.pk, "note": "обед", "amount": 1, "account_id": 999, "status": "declined"}
    row = read(anna_api.patch(f"{LIST}/{world.purchase.pk}", change, format="json"))
    assert row["category_id"] == row["category"]["id"] == cafe.pk
    assert row["category_reason"] == "person"
    assert row["note"] == "обед"
    stored = Transaction.objects.get(pk=world.purchase.pk)
    assert (stored.amount, stored.account_id, stored.status) == (
        Decimal("-250.00"),
        world.account.pk,
        "booked",
    )


def test_a_note_is_taken_away_by_null(anna_api: APIClient, world: World) -> None:
    world.purchase.note = "обед"
    world.purchase.save()
    assert read(anna_api.patch(f"{LIST}/{world.purchase.pk}", {"note": None}, format="json"))["note"] == ""


def test_an_empty_change_changes_nothing(anna_api: APIClient, world: World) -> None:
    before = Transaction.objects.values().get(pk=world.purchase.pk)
    read(anna_api.patch(f"{LIST}/{world.purchase.pk}", {}, format="json"))
    assert Transaction.objects.values().get(pk=world.purchase.pk) == before


def test_another_persons_category_is_not_found(anna_api: APIClient, boris: User, world: World) -> None:
    foreign = Category.objects.create(user=boris, slug="mine", name_ru="Моё", name_en="Mine", kind="expense")
    answer = anna_api.patch(
        f"{LIST}/{world.purchase.pk}", {"category_id": foreign.pk, "note": "x"}, format="json"
    )
    assert read(answer, 404) == {"detail": "Category not found"}
    world.purchase.refresh_from_db()
    assert world.purchase.note == ""


@pytest.mark.parametrize(
    "change",
    [
        {"category_id": None},
        {"category_id": "x"},
        {"category_id": True},
        {"category_id": 1.5},
        {"category_id": []},
        {"note": "я" * 501},
        {"note": {}},
        {"note": "a\x00b"},
    ],
)
def test_a_wrong_change_is_refused(anna_api: APIClient, world: World, change: dict[str, Any]) -> None:
    answer = anna_api.patch(f"{LIST}/{world.purchase.pk}", change, format="json")
    assert read(answer, 422)["errors"]


def test_the_list_costs_the_same_for_many(
    anna_api: APIClient, world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    many_transactions(world.account, 200)
    with django_assert_num_queries(7):
        assert len(read(anna_api.get(LIST, {"limit": 200}))) == 200


def test_categories_are_named_in_the_persons_language(anna: User, anna_api: APIClient) -> None:
    russian = read(anna_api.get("/api/v1/categories"))
    anna.language = User.Language.ENGLISH
    anna.save()
    english = read(anna_api.get("/api/v1/categories"))
    assert [shapes.misfits(row, shapes.CATEGORY) for row in russian] == [[]] * len(russian)
    names = {(old["name"], new["name"]) for old, new in zip(russian, english, strict=True)}
    assert ("Продукты", "Groceries") in names


def test_only_common_and_own_categories_are_listed(anna_api: APIClient, boris: User) -> None:
    Category.objects.create(user=boris, slug="mine", name_ru="Моё", name_en="Mine", kind="expense")
    assert "mine" not in {row["slug"] for row in read(anna_api.get("/api/v1/categories/"))}
