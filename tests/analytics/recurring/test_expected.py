"""What is due in a period, from stored rows."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from analytics.models import RecurringSeries
from analytics.recurring import queries
from banking.models import Account
from financehub.periods import Period
from financehub.users.models import User
from tests.analytics.recurring.conftest import TODAY, Pay, monthly, only_series
from tests.factories import NOW

TEN_WEEKS = Period(TODAY, TODAY + timedelta(days=70))

pytestmark = pytest.mark.django_db


def test_a_subscription_is_due_on_its_next_days(anna: User, boris: User, pay: Pay) -> None:
    pay("Кинопоиск", monthly(11, (2025, 5), 6), -299)
    found = queries.expected(user=anna, period=TEN_WEEKS)
    assert [(one.day, one.amount) for one in found] == [
        (date(2025, 11, 11), Decimal(-299)),
        (date(2025, 12, 11), Decimal(-299)),
        (date(2026, 1, 11), Decimal(-299)),
    ]
    assert {(one.name, one.currency, one.kind, one.confirmed) for one in found} == {
        ("Кинопоиск", "RUB", "expense", False)
    }
    assert queries.expected(user=boris, period=TEN_WEEKS) == ()


def test_a_range_is_expected_where_amounts_vary(anna: User, pay: Pay) -> None:
    pay("ЖКХ", monthly(20, (2025, 6), 5), -5210, -5450, -4980, -5105, -5320)
    first, *_ = queries.expected(user=anna, period=TEN_WEEKS)
    assert (first.low, first.amount, first.high) == (Decimal(-5450), Decimal(-5210), Decimal(-4980))


def test_what_is_late_is_expected_on_the_first_day_and_not_when_missed(anna: User, pay: Pay) -> None:
    pay("Кинопоиск", monthly(7, (2025, 5), 6), -299)
    days = [one.day for one in queries.expected(user=anna, period=TEN_WEEKS)]
    assert days == [TODAY, date(2025, 12, 7), date(2026, 1, 7)]
    Account.objects.update(last_synced_at=NOW + timedelta(days=2))
    later = Period(date(2025, 11, 11), date(2025, 12, 8))
    assert [one.day for one in queries.expected(user=anna, period=later)] == [date(2025, 12, 7)]


def test_a_later_period_holds_only_what_is_due_in_it(anna: User, pay: Pay) -> None:
    pay("Кинопоиск", monthly(29, (2025, 5), 6), -299)
    december = Period(date(2025, 12, 1), date(2026, 1, 1))
    found = queries.expected(user=anna, period=december, today=TODAY)
    assert [one.day for one in found] == [date(2025, 12, 29)]


def test_dismissed_and_ended_series_are_not_expected(anna: User, pay: Pay) -> None:
    pay("Кинопоиск", monthly(11, (2025, 5), 6), -299)
    pay("Иви", monthly(11, (2025, 1), 6), -399)
    RecurringSeries.objects.filter(title="Кинопоиск").update(decision="dismissed")
    assert queries.expected(user=anna, period=TEN_WEEKS) == ()


def test_the_rows_of_series_are_known(anna: User, rubles: Account, pay: Pay) -> None:
    regular = pay("Кинопоиск", monthly(11, (2025, 5), 6), -299)
    pay("Кафе", [date(2025, 10, 3), date(2025, 10, 4)], -500)
    assert set(queries.recurring_rows(user=anna)) == {one.pk for one in regular}
    assert set(queries.matched_rows([only_series()])) == {one.pk for one in regular}
    RecurringSeries.objects.update(decision="dismissed")
    assert not queries.recurring_rows(user=anna)


def test_what_is_due_costs_one_query_whatever_the_number_of_series(
    anna: User, pay: Pay, django_assert_max_num_queries
) -> None:
    for number in range(12):
        pay(f"Подписка {'абвгдежзиклм'[number]}", monthly(number + 1, (2025, 5), 6), -100 - number)
    with django_assert_max_num_queries(1):
        assert queries.expected(user=anna, period=TEN_WEEKS)
