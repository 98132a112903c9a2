"""Kept totals: what they hold, and that a rebuild changes nothing."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from banking import totals
from banking.models import Category, DayTotal, MonthTotal, Transaction
from financehub.users.models import User
from tests.factories import NOW, AccountFactory, TransactionFactory

DAY = date(2026, 10, 29)
Totals = dict[tuple, tuple[int, int, Decimal]]


def kept_totals(user: User) -> Totals:
    return {
        (total.date, total.currency, total.kind): (total.rows, total.counted, total.amount)
        for total in DayTotal.objects.for_user(user)
    }


def kept_months(user: User) -> Totals:
    return {
        (kept.month, kept.account_id, kept.category_id, kept.currency, kept.kind): (
            kept.rows,
            kept.counted,
            kept.amount,
        )
        for kept in MonthTotal.objects.for_user(user)
    }


def _by_hand(user: User, key: Callable[[Transaction], tuple]) -> Totals:
    found: Totals = {}
    for row in Transaction.objects.for_user(user).filter(parts=0):
        rows, counted, amount = found.get(key(row), (0, 0, Decimal(0)))
        counts = row.status != Transaction.Status.DECLINED and row.missing_since is None and not row.excluded
        found[key(row)] = (rows + 1, counted + counts, amount + (row.amount if counts else 0))
    return found


def totals_by_hand(user: User) -> Totals:
    return _by_hand(user, lambda row: (row.booking_date, row.currency, row.kind))


def months_by_hand(user: User) -> Totals:
    return _by_hand(
        user,
        lambda row: (
            row.booking_date.replace(day=1),
            row.account_id,
            row.category_id,
            row.currency,
            row.kind,
        ),
    )


class RandomRows(TestCase):
    """Whatever the rows are, and whichever days are refreshed, kept is what adding up gives."""

    @settings(max_examples=25, deadline=None)
    @given(
        rows=st.lists(
            st.tuples(
                st.integers(0, 5),
                st.decimals(-10_000, 10_000, places=2),
                st.sampled_from(["RUB", "USD"]),
                st.sampled_from(Transaction.Status.values),
                st.sampled_from(Category.Kind.values),
                st.booleans(),
                st.booleans(),
            ),
            max_size=12,
        ),
        since=st.integers(0, 5),
    )
    def test_totals_equal_the_rows(self, rows: list[tuple], since: int) -> None:
        account = AccountFactory()
        for day, amount, currency, status, kind, excluded, is_deleted in rows:
            TransactionFactory(
                account=account,
                booking_date=DAY + timedelta(days=day),
                amount=amount,
                currency=currency,
                status=status,
                kind=kind,
                excluded=excluded,
                deleted_at=NOW if is_deleted else None,
            )
        totals.refresh(user_id=account.user_id, since=None)
        Transaction.objects.filter(booking_date__gte=DAY + timedelta(days=since)).delete()
        totals.refresh(user_id=account.user_id, since=DAY + timedelta(days=since))
        assert kept_totals(account.user) == totals_by_hand(account.user)
        assert kept_months(account.user) == months_by_hand(account.user)


@pytest.mark.django_db
def test_refresh_of_one_day_leaves_the_others_alone() -> None:
    account = AccountFactory()
    for day in range(3):
        TransactionFactory(account=account, booking_date=DAY + timedelta(days=day), amount=Decimal(-100))
    Transaction.objects.update(amount=Decimal(-7))
    middle = DAY + timedelta(days=1)
    totals.refresh(user_id=account.user_id, since=middle, until=middle)
    assert [total.amount for total in DayTotal.objects.order_by("date")] == [-100, -7, -100]


@pytest.mark.django_db
def test_rebuild_totals_command_makes_what_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    row = TransactionFactory(amount=Decimal("-12.34"))
    TransactionFactory()
    DayTotal.objects.all().delete()
    MonthTotal.objects.all().delete()
    call_command("rebuild_totals", user=row.user.email)
    assert kept_totals(row.user) == totals_by_hand(row.user)
    assert kept_months(row.user) == months_by_hand(row.user)
    assert DayTotal.objects.exclude(user=row.user).count() == 0
    assert "1 people" in capsys.readouterr().out
