"""A bank's transaction as the row that is stored."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from banking.clients.schemas import BankTransaction
from banking.sync.rows import LARGEST, Row, RowMaker, common_categories
from tests.banking.sync.bank import NOON, sent


def _rows(*transactions: BankTransaction) -> list[Row]:
    return list(RowMaker(common_categories()).rows(transactions))


def test_a_row_carries_category_and_reason(db: None) -> None:
    (row,) = _rows(sent("a", "-100", merchant_name="Пятёрочка", mcc="5411"))
    assert (row.external_id, row.amount, row.kind) == ("a", Decimal(-100), "expense")
    assert row.category_reason == "keyword"
    assert row.category_id == common_categories()["groceries-supermarket"].pk


def test_search_text_is_plain_words_of_all_that_names_the_row(db: None) -> None:
    (row,) = _rows(sent("a", "-1", text="ЁЛКА №5", merchant_name="Shop's", counterparty="Иван П."))
    assert row.search_text == "елка 5 shops иван п"


def test_rows_without_ids_are_told_apart_by_number(db: None) -> None:
    twins = [sent(None, "-1"), sent(None, "-1"), sent(None, "-2")]
    first, second, other = _rows(*twins)
    assert len({first.external_id, second.external_id, other.external_id}) == 3
    assert [row.external_id for row in _rows(*twins)] == [
        first.external_id,
        second.external_id,
        other.external_id,
    ]


def test_a_made_id_outlives_the_settlement(db: None) -> None:
    (pending,) = _rows(sent(None, "-1", status="pending"))
    (booked,) = _rows(sent(None, "-1"))
    assert pending.external_id == booked.external_id
    assert pending.content_hash != booked.content_hash


@pytest.mark.parametrize(
    "changed",
    [
        {"amount": Decimal("-2")},
        {"currency": "USD"},
        {"status": "pending"},
        {"booked_at": NOON + timedelta(seconds=1)},
        {"value_at": NOON},
        {"description": "другой"},
        {"merchant_name": "Магазин"},
        {"merchant_city": "Тула"},
        {"mcc": "5411"},
        {"bank_code": "02"},
        {"merchant_category": "grocery"},
        {"card_last4": "1234"},
        {"counterparty": "Иван"},
    ],
)
def test_every_field_counts_as_content(db: None, changed: dict[str, object]) -> None:
    before, after = _rows(sent("a", "-1"), replace(sent("a", "-1"), **changed))
    assert before.content_hash != after.content_hash


def test_an_id_or_the_raw_document_does_not(db: None) -> None:
    before, after = _rows(sent("a", "-1"), replace(sent("a", "-1"), external_id="b", raw={"more": 1}))
    assert before.content_hash == after.content_hash


def test_amounts_beyond_all_sense_are_left_out(db: None) -> None:
    rows = _rows(sent("a", LARGEST), sent("b", -LARGEST), sent("c", LARGEST - 1))
    assert [row.external_id for row in rows] == ["c"]


def test_long_texts_fit_their_columns(db: None) -> None:
    (row,) = _rows(sent("a", "-1", merchant_name="я" * 300, merchant_city="я" * 300, counterparty="я" * 300))
    assert (len(row.merchant_name), len(row.merchant_city), len(row.counterparty)) == (200, 100, 200)


def test_numbers_of_the_raw_document_stay_exact(db: None) -> None:
    exact = Decimal("100000000000000000.01")
    (row,) = _rows(replace(sent("a", "-1"), raw={"amount": exact, "text": "ёж"}))
    assert row.raw == '{"amount": "100000000000000000.01", "text": "ёж"}'
