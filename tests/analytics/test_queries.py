"""The figures of a stretch of days, against plain SQL and by hand."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from analytics import queries
from banking import totals
from banking.models import Account, Transaction
from banking.queries import dashboard
from banking.queries.transactions import CurrencyFlow
from financehub.fields import from_units
from financehub.users.models import User
from tests.factories import NOW, ConnectionFactory, TransactionFactory, category, store_transactions

TODAY = date(2025, 11, 9)
SLUGS = ("groceries-supermarket", "cafe", "income-salary", "transfer-own")


@dataclass(frozen=True)
class Row:
    """What the figures depend on."""

    days_ago: int
    kopecks: int
    slug: str
    status: str
    is_missing: bool
    in_dollars: bool


ROWS = st.lists(
    st.builds(
        Row,
        days_ago=st.integers(0, 40),
        kopecks=st.integers(-(10**9), 10**9),
        slug=st.sampled_from(SLUGS),
        status=st.sampled_from(Transaction.Status.values),
        is_missing=st.booleans(),
        in_dollars=st.booleans(),
    ),
    max_size=25,
)


def store(rows: list[Row], *, rubles: Account, dollars: Account) -> None:
    """Replace the accounts' rows."""
    Transaction.objects.all().delete()
    categories = {slug: category(slug) for slug in SLUGS}
    made = (
        TransactionFactory.build(
            account=dollars if row.in_dollars else rubles,
            amount=Decimal(row.kopecks) / 100,
            category=categories[row.slug],
            status=row.status,
            missing_since=NOW if row.is_missing else None,
            booked_at=NOW - timedelta(days=row.days_ago),
        )
        for row in rows
    )
    store_transactions(rubles.user, made)


def plain_sums(user: User, period_days: int) -> dict[tuple[str, str], Decimal]:
    """Sums by currency and kind, without any of our code."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT currency, kind, SUM(amount) FROM banking_transaction"
            " WHERE user_id = %s AND status <> 'declined' AND missing_since IS NULL"
            " AND booking_date > %s AND booking_date <= %s GROUP BY currency, kind",
            [user.pk, TODAY - timedelta(days=period_days), TODAY],
        )
        return {(currency, kind): from_units(units) for currency, kind, units in cursor.fetchall()}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, period_days=st.sampled_from([1, 7, 30, 365]))
def test_all_figures_equal_plain_sql(
    anna: User, rubles: Account, dollars: Account, rows: list[Row], period_days: int
) -> None:
    store(rows, rubles=rubles, dollars=dollars)
    plain = defaultdict(Decimal, plain_sums(anna, period_days))
    for currency in ("RUB", "USD"):
        asked = {"user": anna, "period_days": period_days, "now": NOW, "currency": currency}
        flow = queries.summary(**asked).flow
        assert flow.income == plain[currency, "income"]
        assert flow.spending == -plain[currency, "expense"]
        assert sum(row.total for row in queries.by_category(**asked)) == flow.spending
        days = queries.trends(**asked)
        assert sum(day.income for day in days) == flow.income
        assert sum(day.expenses for day in days) == flow.spending
        assert [day.date for day in days] == sorted({day.date for day in days})


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_the_dashboards_month_is_the_same_figure(
    anna: User, rubles: Account, dollars: Account, rows: list[Row]
) -> None:
    store(rows, rubles=rubles, dollars=dollars)
    totals.refresh(user_id=anna.pk, since=None)
    month = dashboard.month_flow(user=anna, today=TODAY)
    assert month.now == queries.summary(user=anna, period_days=TODAY.day, now=NOW).flow
    top = dashboard.top_spending(user=anna, period=month.period, most=99)
    by_category = queries.by_category(user=anna, period_days=TODAY.day, now=NOW)
    by_root: dict[int, Decimal] = defaultdict(Decimal)
    for row in by_category:
        by_root[row.category.parent_id or row.category.pk] += row.total
    assert {row.category.pk: row.amount for row in top} == {
        root: total for root, total in by_root.items() if total > 0
    }


def test_refunds_lower_the_spending_of_their_category(anna: User, rubles: Account) -> None:
    TransactionFactory(account=rubles, amount=Decimal("-1000.00"))
    TransactionFactory(account=rubles, amount=Decimal("300.00"), is_refund=True)
    found = queries.summary(user=anna, period_days=30, now=NOW)
    assert found.flow == CurrencyFlow("RUB", income=Decimal(0), spending=Decimal(700))
    (groceries,) = queries.by_category(user=anna, period_days=30, now=NOW)
    assert (groceries.total, groceries.count) == (Decimal(700), 2)


def test_own_transfers_are_counted_and_in_no_sum(anna: User, rubles: Account) -> None:
    TransactionFactory(account=rubles, amount=Decimal("-5000.00"), slug="transfer-own")
    found = queries.summary(user=anna, period_days=30, now=NOW)
    assert (found.transaction_count, found.transfer_count) == (1, 1)
    assert found.flow == CurrencyFlow("RUB")
    assert queries.by_category(user=anna, period_days=30, now=NOW) == []
    (day,) = queries.trends(user=anna, period_days=30, now=NOW)
    assert (day.date, day.income, day.expenses, day.net) == (TODAY, 0, 0, 0)


def test_currencies_stand_beside_each_other(anna: User, rubles: Account, dollars: Account) -> None:
    TransactionFactory(account=dollars, amount=Decimal("-20.00"))
    TransactionFactory(account=rubles, amount=Decimal("-300.00"))
    found = queries.summary(user=anna, period_days=30, now=NOW)
    assert [flow.currency for flow in found.by_currency] == ["RUB", "USD"]
    assert found.flow.spending == 300
    assert queries.summary(user=anna, period_days=30, now=NOW, currency="USD").flow.spending == 20


@pytest.mark.parametrize(
    ("now", "is_in"),
    [
        (datetime(2025, 11, 9, 20, 59, tzinfo=UTC), True),
        (datetime(2025, 11, 9, 21, 0, tzinfo=UTC), False),
    ],
)
def test_days_end_at_midnight_in_moscow(anna: User, rubles: Account, now: datetime, is_in: bool) -> None:
    TransactionFactory(account=rubles, booking_date=TODAY)
    assert (queries.summary(user=anna, period_days=1, now=now).transaction_count == 1) is is_in


def test_the_stretch_is_told(anna: User) -> None:
    found = queries.summary(user=anna, period_days=7, now=NOW)
    assert (found.start.astimezone(UTC), found.end) == (datetime(2025, 11, 2, 21, tzinfo=UTC), NOW)
    assert found.transaction_count == 0


def test_another_person_is_in_no_figure(anna: User, rubles: Account, boris: User) -> None:
    TransactionFactory(account__connection=ConnectionFactory(user=boris))
    asked = {"user": anna, "period_days": 30, "now": NOW}
    assert queries.summary(**asked).transaction_count == 0
    assert queries.by_category(**asked) == []
    assert queries.trends(**asked) == []


def test_figures_cost_the_same_for_many(
    anna: User, rubles: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(30):
        TransactionFactory(account=rubles)
    asked = {"user": anna, "period_days": 30, "now": NOW}
    with django_assert_num_queries(2):
        queries.summary(**asked)
    with django_assert_num_queries(2):
        queries.by_category(**asked)
    with django_assert_num_queries(1):
        queries.trends(**asked)
