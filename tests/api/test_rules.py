"""`/api/v1/rules` and `/api/v1/edits`: the same rules as on the pages, by the same functions."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from banking.models import Account, CategoryRule, Edit, Transaction
from financehub.users.models import User
from tests.api.conftest import read
from tests.factories import AccountFactory, CategoryRuleFactory, TransactionFactory, category

RULES = "/api/v1/rules"


@pytest.fixture
def account(anna: User) -> Account:
    found = AccountFactory(connection__user=anna)
    for amount in ("-250.00", "-100.50"):
        TransactionFactory(account=found, amount=amount)
    return Account.objects.get(pk=found.pk)


def test_a_rule_is_previewed_kept_applied_and_taken_back(anna_api: APIClient, account: Account) -> None:
    body = {"text": "пятёрочка", "category_id": category("cafe").pk}
    seen = read(anna_api.post(f"{RULES}/preview", body, format="json"))
    assert (seen["count"], seen["sums"]) == (2, [{"currency": "RUB", "amount": -350.5}])
    assert {row["category"]["slug"] for row in seen["sample"]} == {"groceries-supermarket"}
    assert not CategoryRule.objects.exists()

    kept = read(anna_api.post(RULES, body | {"apply": True}, format="json"), 201)
    address = f"{RULES}/{kept['rule']['id']}"
    assert kept["run"]["rows"] == 2
    assert set(Transaction.objects.values_list("category__slug", "category_reason")) == {("cafe", "rule")}
    assert [run["id"] for run in read(anna_api.get(f"{address}/runs"))] == [kept["run"]["id"]]
    assert read(anna_api.get(f"{address}/preview"))["count"] == 0
    assert read(anna_api.post(f"{address}/apply")) == {"run": None}

    undo = f"/api/v1/edits/{kept['run']['id']}/undo"
    undone = read(anna_api.post(undo))
    assert (undone["restored"], undone["left"]) == (2, 0)
    read(anna_api.post(undo), 400)
    kinds = [edit["kind"] for edit in read(anna_api.get("/api/v1/edits"))]
    assert kinds == ["undo", "rule"]


def test_a_rule_is_read_changed_and_forgotten(anna: User, anna_api: APIClient, account: Account) -> None:
    rule = CategoryRuleFactory(user=anna, text="Магнит")
    address = f"{RULES}/{rule.pk}"
    change = {"text": "", "mcc": "5411", "account_id": account.pk, "lowest": 10, "direction": "out"}
    changed = read(anna_api.patch(address, change, format="json"))
    assert changed == read(anna_api.get(address)) == read(anna_api.get(RULES))[0]
    assert {name: changed[name] for name in change} == change
    assert anna_api.delete(address).status_code == 204
    read(anna_api.get(address), 404)


@pytest.mark.parametrize(
    ("change", "status", "where"),
    [
        ({"text": ""}, 422, "body -> text"),
        ({"text": "!!!"}, 422, "body -> text"),
        ({"text": None}, 422, "body -> text"),
        ({"mcc": "54"}, 422, "body -> mcc"),
        ({"lowest": 10, "highest": 9}, 422, "body -> highest"),
        ({"lowest": -1}, 422, "body -> lowest"),
        ({"match": "regex"}, 422, "body -> match"),
        ({"category_id": 999_999}, 404, ""),
        ({"account_id": 999_999}, 404, ""),
    ],
)
def test_a_rule_that_says_nothing_or_too_much_is_refused(
    anna: User, anna_api: APIClient, change: dict[str, Any], status: int, where: str
) -> None:
    rule = CategoryRuleFactory(user=anna)
    body = {"text": "кофе", "category_id": category("cafe").pk} | change
    answers = [
        anna_api.patch(f"{RULES}/{rule.pk}", change, format="json"),
        anna_api.post(RULES, body, format="json"),
        anna_api.post(f"{RULES}/preview", body, format="json"),
    ]
    assert [answer.status_code for answer in answers] == [status] * 3
    if where:
        assert all(answer.json()["errors"][0].startswith(where) for answer in answers)
    assert CategoryRule.objects.get().text == rule.text


def test_anothers_rule_account_and_edit_do_not_exist(
    boris_api: APIClient, anna: User, anna_api: APIClient, account: Account
) -> None:
    rule = CategoryRuleFactory(user=anna)
    run = read(anna_api.post(f"{RULES}/{rule.pk}/apply"))["run"]
    read(boris_api.post(f"/api/v1/edits/{run['id']}/undo"), 404)
    read(boris_api.patch(f"{RULES}/{rule.pk}", {"text": "x"}, format="json"), 404)
    body = {"category_id": category("cafe").pk, "account_id": account.pk}
    read(boris_api.post(RULES, body, format="json"), 404)
    assert Edit.objects.count() == 1


def test_a_category_is_hidden_and_shown_again(anna_api: APIClient, boris_api: APIClient) -> None:
    cafe = category("cafe")
    for hidden in (True, False):
        change = {"is_hidden": hidden}
        assert (
            read(anna_api.patch(f"/api/v1/categories/{cafe.pk}", change, format="json"))["is_hidden"]
            is hidden
        )
        shown = {row["id"]: row["is_hidden"] for row in read(anna_api.get("/api/v1/categories"))}
        assert shown[cafe.pk] is hidden
        assert not any(row["is_hidden"] for row in read(boris_api.get("/api/v1/categories")))
    read(anna_api.patch(f"/api/v1/categories/{cafe.pk}", {}, format="json"), 422)
