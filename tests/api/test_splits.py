"""`/transactions/{id}/split` and tags over the API."""

from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.api.conftest import World, read
from tests.factories import category


def _split(api: APIClient, world: World, parts: list[dict[str, Any]], status: int = 200) -> Any:
    body = {"parts": parts}
    return read(api.post(f"/api/v1/transactions/{world.purchase.pk}/split", body, format="json"), status)


def test_a_row_is_divided_and_made_one_again(anna_api: APIClient, world: World) -> None:
    address = f"/api/v1/transactions/{world.purchase.pk}"
    size = abs(world.purchase.amount)
    cafe = category("cafe").pk
    answer = _split(
        anna_api,
        world,
        [{"percent": "33.33", "category_id": cafe, "tags": ["Дача"], "note": "чай"}, {"percent": 66.67}],
    )
    first, last = answer["parts"]
    assert answer["transaction"]["parts"] == 2
    assert Decimal(str(first["amount"])) + Decimal(str(last["amount"])) == size
    assert (first["category_id"], first["tags"], first["note"]) == (cafe, ["Дача"], "чай")
    assert (last["part_of"], last["category_id"]) == (world.purchase.pk, world.purchase.category_id)
    listed = [row["id"] for row in read(anna_api.get("/api/v1/transactions", {"limit": 100}))]
    assert {first["id"], last["id"]} <= set(listed)
    assert world.purchase.pk not in listed
    found = read(anna_api.get("/api/v1/transactions", {"tag": "ДАЧА"}))
    assert [row["id"] for row in found] == [first["id"]]
    assert read(anna_api.get("/api/v1/transactions", {"tag": "нет такого"})) == []
    assert read(anna_api.delete(f"{address}/split"))["parts"] == []
    assert read(anna_api.get(address))["parts"] == 0
    assert read(anna_api.patch(address, {"tags": ["мама", "Дача"]}, format="json"))["tags"] == [
        "Дача",
        "мама",
    ]


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ([{"amount": "1.00"}], 422),
        ([{"amount": "1.00"}, {"percent": "50"}], 422),
        ([{"amount": "1.00"}, {}], 422),
        ([{"amount": "-1.00"}, {"amount": "2.00"}], 422),
        ([{"percent": "50"}, {"percent": "49"}], 400),
        ([{"amount": "1.00"}, {"amount": "1.01"}], 400),
        ([{"percent": "50", "category_id": 10**9}, {"percent": "50"}], 404),
    ],
)
def test_what_makes_no_split_is_refused(
    anna_api: APIClient, world: World, parts: list[dict[str, Any]], status: int
) -> None:
    _split(anna_api, world, parts, status)
    assert read(anna_api.get(f"/api/v1/transactions/{world.purchase.pk}"))["parts"] == 0
