"""What becomes of rows that the bank no longer lists."""

from datetime import timedelta
from typing import Any

import pytest

from banking.models import BankConnection, Transaction
from tests.banking.sync.bank import NOON, Bank, sent
from tests.banking.sync.reading import read
from tests.factories import category

LATER = NOON + timedelta(hours=7)
SHOP = {"merchant_name": "Пятёрочка", "text": "PYATEROCHKA 1"}


def _noted(external_id: str, note: str = "моё") -> None:
    Transaction.objects.filter(external_id=external_id).update(note=note)


def _notes() -> dict[str, str]:
    return dict(Transaction.objects.filter(missing_since=None).values_list("external_id", "note"))


@pytest.mark.parametrize(
    "settled",
    [
        {},
        {"amount": "-105.00"},
        {"amount": "-92.00", "at": NOON + timedelta(days=2)},
        {"merchant_name": "ПЯТЁРОЧКА", "text": "другой текст"},
    ],
)
def test_a_settled_row_under_a_new_id_keeps_its_note(
    bank: Bank, connection: BankConnection, settled: dict[str, Any]
) -> None:
    bank.rows = [sent("p", "-100.00", status="pending", **SHOP)]
    read(connection)
    _noted("p")
    bank.rows = [sent("b", **{"amount": "-100.00"} | SHOP | settled)]
    read(connection, now=LATER)
    assert _notes() == {"b": "моё"}
    assert Transaction.objects.get().status == "booked"


@pytest.mark.parametrize(
    "other",
    [
        {"amount": "-111.00"},
        {"amount": "100.00"},
        {"currency": "USD"},
        {"merchant_name": "Лента"},
        {"at": NOON + timedelta(days=7, hours=1)},
        {"status": "declined", "at": NOON + timedelta(minutes=1)},
    ],
)
def test_what_only_looks_alike_is_another_row(
    bank: Bank, connection: BankConnection, other: dict[str, Any]
) -> None:
    bank.rows = [sent("p", "-100.00", status="pending", **SHOP)]
    read(connection)
    _noted("p")
    bank.rows = [sent("b", **{"amount": "-100.00"} | SHOP | other)]
    read(connection, now=LATER)
    assert _notes() == {"b": ""}
    assert Transaction.objects.get(external_id="p").missing_since == LATER


def test_the_nearest_amount_wins(bank: Bank, connection: BankConnection) -> None:
    first, second = NOON - timedelta(hours=2), NOON - timedelta(hours=1)
    bank.rows = [
        sent("p1", "-100.00", at=first, status="pending", **SHOP),
        sent("p2", "-101.00", at=second, status="pending", **SHOP),
    ]
    read(connection)
    _noted("p1", "первая")
    _noted("p2", "вторая")
    bank.rows = [sent("b", "-101.00", at=NOON, **SHOP)]
    read(connection, now=LATER)
    assert _notes() == {"b": "вторая"}


def test_a_row_booked_after_it_had_vanished_takes_its_note_up(bank: Bank, connection: BankConnection) -> None:
    bank.rows = [sent("old", "-1"), sent("p", "-100.00", status="pending", **SHOP)]
    read(connection)
    _noted("p")
    bank.rows = [sent("old", "-1")]
    read(connection, now=LATER)
    bank.rows = [sent("old", "-1"), sent("b", "-100.00", at=NOON + timedelta(days=2), **SHOP)]
    read(connection, now=NOON + timedelta(days=2))
    assert _notes() == {"old": "", "b": "моё"}


def test_new_ids_for_everything_keep_notes_and_categories(bank: Bank, connection: BankConnection) -> None:
    rows = [sent(f"a{number}", f"-{number}.00", at=NOON - timedelta(days=number)) for number in range(1, 9)]
    bank.rows = [*rows, sent("a-twin", "-3.00", at=NOON - timedelta(days=3))]
    read(connection)
    for number in range(1, 9):
        _noted(f"a{number}", f"n{number}")
    Transaction.objects.filter(external_id="a5").update(
        category=category("gifts"), kind="expense", category_reason="person"
    )
    bank.rows = [sent(row.external_id.replace("a", "b"), row.amount, at=row.booked_at) for row in bank.rows]
    run = read(connection, now=LATER)
    assert (run.rows_new, run.rows_removed) == (0, 0)
    assert _notes() == {f"b{number}": f"n{number}" for number in range(1, 9)} | {"b-twin": ""}
    assert Transaction.objects.get(external_id="b5").category.slug == "gifts"


def test_history_that_the_bank_cut_off_is_kept(bank: Bank, connection: BankConnection) -> None:
    bank.rows = [sent(f"d{days}", "-1", at=NOON - timedelta(days=days)) for days in range(12)]
    read(connection)
    bank.rows = [row for row in bank.rows if row.booked_at > NOON - timedelta(days=6)]
    read(connection, now=LATER)
    assert Transaction.objects.filter(missing_since=None).count() == 12


def test_a_booked_row_that_was_taken_back_leaves_the_figures(bank: Bank, connection: BankConnection) -> None:
    bank.rows = [sent("old", "-1", at=NOON - timedelta(days=2)), sent("mistake", "-1")]
    read(connection)
    bank.rows = bank.rows[:1]
    run = read(connection, now=LATER)
    assert run.rows_removed == 1
    assert list(Transaction.objects.counted().values_list("external_id", flat=True)) == ["old"]
