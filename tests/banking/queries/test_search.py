"""Searching through the index finds what reading finds, and the index follows every change of a row."""

from datetime import timedelta

import pytest
from django.db import connection

from banking import search_index
from banking.models import Account, Transaction
from banking.queries import search
from banking.queries.transaction_filter import TransactionFilter, matching
from tests.factories import NOW, AccountFactory, TransactionFactory

INDEX = search_index.INDEX
pytestmark = pytest.mark.django_db
on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps its index itself")
TEXTS = ("пятерочка 1452 москва", "кафе пятый элемент", "metro store 1011", "перевод по сбп", "ёлка")


@pytest.fixture
def account(anna) -> Account:
    return AccountFactory(connection__user=anna)


@pytest.fixture
def few(request, monkeypatch):
    """How many rows may be named one by one."""
    monkeypatch.setattr(search, "RARE", request.param)


def _number(user, word):
    return matching(user=user, wanted=TransactionFilter(words=(word,))).count()


def _made(account, texts):
    return [
        TransactionFactory(account=account, search_text=text, booked_at=NOW - timedelta(hours=number))
        for number, text in enumerate(texts)
    ]


@pytest.mark.parametrize(("few", "indexed"), [(0, 5), (100, 0), (100, 3), (100, 5)], indirect=["few"])
@pytest.mark.parametrize(
    "words", [("пят",), ("ерочк", "мос"), ("101",), ("store 10",), ("сб",), ("по", "сбп"), ("нет такого",)]
)
@pytest.mark.usefixtures("few")
def test_a_search_finds_what_reading_finds(anna, account, words, indexed):
    rows = _made(account, TEXTS[:indexed])
    search_index.add_new_rows()
    rows += _made(account, TEXTS[indexed:])
    found = matching(user=anna, wanted=TransactionFilter(words=words)).values_list("pk", flat=True)
    assert set(found) == {row.pk for row in rows if all(word in row.search_text for word in words)}


def test_another_persons_rows_are_not_found(anna, account):
    _made(AccountFactory(), TEXTS)
    search_index.add_new_rows()
    _made(AccountFactory(), TEXTS)
    assert not matching(user=anna, wanted=TransactionFilter(words=("пятерочка",))).exists()


@pytest.mark.parametrize("indexed", [True, False])
def test_the_index_follows_rows(anna, account, indexed):
    row, *_ = _made(account, TEXTS)
    if indexed:
        search_index.add_new_rows()
    Transaction.objects.filter(pk=row.pk).update(search_text="лента")
    Transaction.objects.filter(search_text__startswith="кафе").delete()
    search_index.add_new_rows()
    assert [_number(anna, word) for word in ("пят", "лента", "metro")] == [0, 1, 1]


@on_sqlite
def test_new_rows_are_added_in_parts_and_only_once(anna, account, monkeypatch):
    monkeypatch.setattr(search_index, "AT_ONCE", 2)
    rows = _made(account, TEXTS)
    assert search_index.add_new_rows() == len(TEXTS)
    assert search_index.newest_row() == rows[-1].pk
    rows[-1].delete()
    assert search_index.add_new_rows() == 0
    _made(account, TEXTS[:1])
    assert search_index.add_new_rows() == 1
    with connection.cursor() as cursor:  # raises when index and rows differ
        cursor.execute(f"INSERT INTO {INDEX} ({INDEX}, rank) VALUES ('integrity-check', 1)")  # noqa: S608


@on_sqlite
def test_a_rebuilt_table_gets_its_triggers_and_its_index_back(anna, account):
    row, *_ = _made(account, TEXTS)
    search_index.add_new_rows()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {INDEX}_changed")
    Transaction.objects.filter(pk=row.pk).update(search_text="лента")
    assert _number(anna, "лента") == 0
    search_index.put_in_place(using="default")
    assert _number(anna, "лента") == 1
