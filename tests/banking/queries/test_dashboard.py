"""The figures of the first screen."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from banking.models import Account
from banking.queries import dashboard as queries
from financehub.periods import Period
from tests.factories import AccountFactory, TransactionFactory

TODAY = date(2025, 11, 9)


@pytest.fixture
def account(anna) -> Account:
    return AccountFactory(connection__user=anna)


def booked(account: Account, day: date, amount: str, **fields) -> None:
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    TransactionFactory(account=account, booked_at=moment, amount=Decimal(amount), **fields)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2025, 11, 9), Period(date(2025, 10, 1), date(2025, 10, 10))),
        (date(2025, 3, 31), Period(date(2025, 2, 1), date(2025, 3, 1))),
        (date(2025, 1, 1), Period(date(2024, 12, 1), date(2024, 12, 2))),
    ],
)
def test_last_month_is_taken_to_the_same_day(today, expected):
    assert queries.same_days_before(today) == expected


def test_month_compares_with_the_same_days_and_leaves_transfers_out(anna, account):
    booked(account, TODAY, "-100")
    booked(account, date(2025, 11, 1), "5000", slug="income-salary")
    booked(account, TODAY, "-700", slug="transfer-own")
    booked(account, TODAY, "-3", currency="USD")
    booked(account, date(2025, 10, 9), "-40")
    booked(account, date(2025, 10, 10), "-9000")

    flow = queries.month_flow(user=anna, today=TODAY)

    assert (flow.now.income, flow.now.spending) == (Decimal(5000), Decimal(100))
    assert (flow.before.income, flow.before.spending) == (Decimal(0), Decimal(40))
    assert [(other.currency, other.spending) for other in flow.others] == [("USD", Decimal(3))]


def test_top_spending_adds_children_to_their_parent_and_takes_refunds_off(anna, account):
    booked(account, TODAY, "-100", slug="groceries-supermarket")
    booked(account, TODAY, "-50", slug="groceries-bakery")
    booked(account, TODAY, "20", slug="groceries-bakery", is_refund=True)
    booked(account, TODAY, "-130.01", slug="cafe-coffee")
    booked(account, TODAY, "15", slug="clothes", is_refund=True)

    top = queries.top_spending(user=anna, period=queries.month_so_far(TODAY))

    assert [(entry.category.slug, entry.amount) for entry in top] == [
        ("cafe", Decimal("130.01")),
        ("groceries", Decimal(130)),
    ]


def test_uncategorised_counts_recent_rows_only(anna, account):
    booked(account, TODAY, "-1", slug="other", category_reason="default")
    booked(account, date(2025, 9, 1), "-1", slug="other", category_reason="default")

    assert queries.uncategorised_count(user=anna, today=TODAY) == 1
