"""The figure layer: whichever totals serve a filter, the sums are those of its rows."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from banking.models import Category, Transaction
from banking.queries import sums
from banking.queries.transaction_filter import Mark, TransactionFilter, matching
from financehub.periods import Period
from financehub.users.models import User
from tests.factories import (
    NOW,
    AccountFactory,
    BankFactory,
    ConnectionFactory,
    TransactionFactory,
    category,
    store_transactions,
)

FIRST = date(2025, 8, 20)
KEYS = (
    ("currency", "kind"),
    ("category_id", "currency"),
    ("month", "currency", "kind"),
    ("date", "currency", "kind"),
    ("account_id", "currency"),
    ("merchant_name", "currency"),
)
SLUGS = ("groceries-supermarket", "cafe", "income-salary", "transfer-own")
days = st.integers(0, 100).map(lambda number: FIRST + timedelta(days=number))
rows = st.lists(
    st.tuples(
        days,
        st.decimals(-10_000, 10_000, places=2),
        st.sampled_from(SLUGS),
        st.integers(0, 2),
        st.sampled_from(Transaction.Status.values),
        st.booleans(),
        st.booleans(),
    ),
    max_size=15,
)
more = st.sampled_from(
    [{}, {"weekdays": frozenset({1, 7})}, {"shop": "Магнит"}, {"marks": frozenset({Mark.EXCLUDED})}]
)
periods = st.none() | st.tuples(days, days).map(lambda pair: Period(min(pair), max(pair)))


def value(row: Transaction, key: str) -> object:
    if key == "month":
        return row.booking_date.replace(day=1)
    return row.booking_date if key == "date" else getattr(row, key)


def by_hand(user: User, wanted: TransactionFilter, by: tuple[str, ...]) -> dict:
    found: dict = defaultdict(sums.GroupSum)
    counted = set(matching(user=user, wanted=wanted).counted())
    for row in matching(user=user, wanted=wanted):
        counts = row in counted
        key = tuple(value(row, name) for name in by)
        found[key] += sums.GroupSum(1, int(counts), row.amount if counts else Decimal(0))
    return found


class RandomFilters(TestCase):
    @settings(max_examples=40, deadline=None)
    @given(
        rows=rows,
        period=periods,
        kinds=st.frozensets(st.sampled_from(Category.Kind.values), max_size=2),
        chosen=st.frozensets(st.integers(0, 2), max_size=2),
        banks=st.frozensets(st.sampled_from(["vbank", "abank"])),
        slugs=st.frozensets(st.sampled_from(SLUGS), max_size=2),
        more=more,
    )
    def test_sums_are_those_of_the_rows(self, *, rows, period, kinds, chosen, banks, slugs, more) -> None:
        mine = ConnectionFactory()
        accounts = [
            AccountFactory(connection=mine),
            AccountFactory(connection=mine, currency="USD"),
            AccountFactory(
                connection__user=mine.user, connection__bank=BankFactory(code="abank"), user=mine.user
            ),
        ]
        store_transactions(
            mine.user,
            [
                TransactionFactory.build(
                    account=accounts[place],
                    booked_at=NOW.replace(year=day.year, month=day.month, day=day.day),
                    amount=amount,
                    category=category(row_slug),
                    status=status,
                    missing_since=NOW if gone else None,
                    excluded=excluded,
                )
                for day, amount, row_slug, place, status, gone, excluded in rows
            ],
        )
        wanted = TransactionFilter(
            period=period,
            kinds=kinds,
            accounts=frozenset(accounts[place].pk for place in chosen),
            banks=banks,
            categories=frozenset(category(slug).pk for slug in slugs),
            **more,
        )
        for by in KEYS:
            asked = sums.sums(user=mine.user, wanted=wanted, by=by)
            assert asked == by_hand(mine.user, wanted, by), by


@pytest.mark.parametrize(
    ("start", "end", "whole", "edges"),
    [
        ("2025-01-01", "2025-04-01", ("2025-01-01", "2025-04-01"), []),
        (
            "2025-01-15",
            "2025-04-03",
            ("2025-02-01", "2025-04-01"),
            [("2025-01-15", "2025-02-01"), ("2025-04-01", "2025-04-03")],
        ),
        ("2025-01-02", "2025-02-20", None, [("2025-01-02", "2025-02-20")]),
        ("2025-01-05", "2025-01-09", None, [("2025-01-05", "2025-01-09")]),
        ("2025-01-05", "2025-01-05", None, [("2025-01-05", "2025-01-05")]),
    ],
)
def test_whole_months_of_a_period(start, end, whole, edges) -> None:
    def period(first: str, last: str) -> Period:
        return Period(date.fromisoformat(first), date.fromisoformat(last))

    assert sums.whole_months(period(start, end)) == (
        period(*whole) if whole else None,
        tuple(period(*edge) for edge in edges),
    )


@pytest.mark.django_db
def test_whole_months_and_days_read_no_rows() -> None:
    account = TransactionFactory().account
    year = Period(date(2025, 1, 1), date(2026, 1, 1))
    filters = (
        TransactionFilter(period=year),
        TransactionFilter(period=year, accounts=frozenset({account.pk})),
    )
    for wanted, by in product(filters, (("currency", "kind"), ("month", "category_id"))):
        with CaptureQueriesContext(connection) as queries:
            assert sums.sums(user=account.user, wanted=wanted, by=by)
        assert len(queries) == 1
        assert "banking_transaction" not in queries[0]["sql"]
