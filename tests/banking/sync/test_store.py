"""Rows into the table: once each, and nothing that did not change."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection as database
from django.db import transaction
from django.test.utils import CaptureQueriesContext

from banking.clients.schemas import BankTransaction
from banking.models import Account, Transaction
from banking.sync import store
from banking.sync.days import Days
from banking.sync.rows import RowMaker, common_categories
from tests.banking.sync.bank import NOON, sent
from tests.factories import AccountFactory, category

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def account(db: None) -> Account:
    return AccountFactory()


def _store(account: Account, *transactions: BankTransaction) -> store.Stored:
    with transaction.atomic():
        rows = RowMaker(common_categories()).rows(transactions)
        return store.upsert(account, rows, now=LATER)


def test_every_column_arrives(account: Account) -> None:
    full = sent(
        "a",
        "-1234.5678",
        status="pending",
        text="Чай \N{HOT BEVERAGE} 'x' \"y\" %s",
        currency="CLF",
        value_at=NOON + timedelta(days=1),
        merchant_name="Чайная",
        merchant_city="Тула",
        mcc="5814",
        bank_code="01",
        merchant_category="restaurant",
        card_last4="1234",
        counterparty="Иван П.",
    )
    assert _store(account, full) == store.Stored(
        new=frozenset({"a"}), days=Days(full.booking_date, full.booking_date)
    )
    row = Transaction.objects.get()
    assert (row.user, row.account, row.amount, row.status) == (account.user, account, full.amount, "pending")
    assert (row.booked_at, row.booking_date, row.value_at) == (NOON, full.booking_date, full.value_at)
    assert (row.description, row.merchant_city, row.bank_category) == (full.description, "Тула", "restaurant")
    assert (row.raw, row.note, row.missing_since, row.created_at) == (full.raw, "", None, LATER)
    assert (row.is_refund, row.transfer_pair) == (False, None)


def test_the_same_rows_again_write_nothing(account: Account) -> None:
    rows = [sent(f"tx-{number}", "-1") for number in range(5)]
    _store(account, *rows)
    with CaptureQueriesContext(database) as queries:
        assert _store(account, *rows) == store.Stored()
    assert not [query for query in queries if query["sql"].startswith(("INSERT", "UPDATE"))]


def test_a_row_that_comes_twice_counts_once(account: Account) -> None:
    assert _store(account, sent("a", "-1"), sent("a", "-2")).new == frozenset({"a"})
    assert Transaction.objects.get().amount == Decimal(-2)


def test_a_changed_row_is_overwritten_and_both_its_days_are_named(account: Account) -> None:
    _store(account, sent("a", "-1", at=NOON))
    stored = _store(account, sent("a", "-2", at=NOON + timedelta(days=2), text="НОВЫЙ"))
    assert stored == store.Stored(changed=1, days=Days(NOON.date(), (NOON + timedelta(days=2)).date()))
    row = Transaction.objects.get()
    assert (row.amount, row.description) == (Decimal(-2), "НОВЫЙ")


def test_what_the_person_made_of_it_stays(account: Account) -> None:
    _store(account, sent("a", "-1"))
    mine = category("gifts")
    Transaction.objects.update(category=mine, kind="expense", category_reason="person", note="ей")
    _store(account, sent("a", "-2", merchant_name="Пятёрочка"))
    row = Transaction.objects.get()
    assert (row.category, row.category_reason, row.note) == (mine, "person", "ей")
    assert row.merchant_name == "Пятёрочка"


def test_a_missing_row_that_comes_back_is_listed_again(account: Account) -> None:
    _store(account, sent("a", "-1"))
    Transaction.objects.update(missing_since=NOON)
    assert _store(account, sent("a", "-1")).changed == 1
    assert Transaction.objects.get().missing_since is None


def test_the_same_id_at_another_account_is_another_row(account: Account) -> None:
    _store(account, sent("a", "-1"))
    _store(AccountFactory(user=account.user), sent("a", "-1"))
    assert Transaction.objects.count() == 2


def test_a_giant_page_is_stored_in_parts(account: Account) -> None:
    rows = [sent(f"tx-{number}", "-1") for number in range(2 * store.AT_ONCE + 1)]
    with CaptureQueriesContext(database) as queries:
        assert len(_store(account, *rows).new) == len(rows)
    assert len(queries) < 20
    assert Transaction.objects.count() == len(rows)


def test_contents_are_of_the_window_and_of_what_is_listed(account: Account) -> None:
    _store(account, sent("old", "-1", at=NOON - timedelta(days=9)), sent("new", "-1"), sent("gone", "-1"))
    Transaction.objects.filter(external_id="gone").update(missing_since=NOON)
    assert set(store.contents(account, since=None)) == {"old", "new"}
    assert set(store.contents(account, since=NOON)) == {"new"}
