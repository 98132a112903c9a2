"""Whatever stands in the query, the answer is never a crash."""

from urllib.parse import quote

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from tests.api.conftest import World

NUMBERS = (
    "0",
    "-1",
    "1",
    "1000",
    "1001",
    "99999999999999999999",
    "9" * 400,
    "1e3",
    "NaN",
    "١٢",
    "1_0",
    "",
    " 7 ",
)
DATES = (
    "0001-01-01",
    "9999-12-31",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "2025-02-30",
    "2025-11-09T25:00",
    "2025-11-09T10:00:60Z",
    "20251109",
    "2025-W45-7",
    "yesterday",
    "١٢٣٤-١١-٠٩",
    "\x00",
    "'; drop table banking_transaction; --",
)
WORDS = ("", "%", "_", "\\", "\x00", "\ud800", "a" * 5000, "ё" * 100, "🙂")
LISTS = (
    "/api/v1/transactions",
    "/api/v1/accounts/{account}/transactions",
    "/api/v1/analytics/summary",
    "/api/v1/analytics/by-category",
    "/api/v1/analytics/trends",
    "/api/v1/analytics/recurring",
    "/api/v1/analytics/recurring/upcoming",
)
VALUES = {
    "limit": NUMBERS,
    "offset": NUMBERS,
    "account_id": NUMBERS,
    "category_id": NUMBERS,
    "period_days": NUMBERS,
    "days": NUMBERS,
    "state": WORDS,
    "transaction_type": WORDS,
    "currency": WORDS,
    "q": WORDS,
    "from_date": DATES,
    "to_date": DATES,
    "ordering": WORDS,
}
CASES = [(name, value) for name, values in VALUES.items() for value in values]


@pytest.mark.parametrize("address", LISTS)
def test_no_parameter_crashes_a_list(anna_api: APIClient, world: World, address: str) -> None:
    for name, value in CASES:
        query = f"{name}={quote(value.encode('utf-8', 'surrogatepass'))}"
        answer = anna_api.get(f"{address.format(account=world.account.pk)}?{query}")
        assert answer.status_code in {200, 422}, (query, answer.content)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    query=st.dictionaries(
        st.sampled_from(sorted(VALUES)), st.text(max_size=20) | st.integers().map(str), max_size=4
    )
)
def test_no_combination_crashes_a_list(anna_api: APIClient, query: dict[str, str]) -> None:
    for address in ("/api/v1/transactions", "/api/v1/analytics/summary"):
        encoded = {name: value.encode("utf-8", "surrogatepass") for name, value in query.items()}
        assert anna_api.get(address, encoded).status_code in {200, 422}


@pytest.mark.parametrize("offset", ["2147483648", "99999999999999999999", "9" * 400])
def test_an_offset_past_everything_is_the_end(anna_api: APIClient, world: World, offset: str) -> None:
    answer = anna_api.get("/api/v1/transactions", {"offset": offset})
    assert answer.status_code == 200
    assert answer.json() == []
    assert connection.is_usable()


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "99999999999999999999"])
def test_a_limit_out_of_bounds_is_refused(anna_api: APIClient, limit: str) -> None:
    for address in ("/api/v1/transactions", "/api/v1/transactions/"):
        assert anna_api.get(address, {"limit": limit}).status_code == 422
