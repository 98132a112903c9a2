"""Two years of an invented life: everything that comes by the calendar is found, and nothing else."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from analytics.recurring.detection import Sighting, detect
from sandbox.history.entries import FOREVER, Entry
from sandbox.history.ledger import household, statement
from sandbox.history.merchants import SUBSCRIPTIONS
from sandbox.history.people import Person

FIRST, LAST = date(2024, 8, 6), date(2026, 10, 16)
MOVES = ("Перевод", "Межбанк", "Пополнение", "Погашение", "Покупка валюты", "Возврат", "Платёж")


def sightings(index: int) -> tuple[Person, list[Sighting]]:
    """The rows of a person as they are looked at: own transfers and refunds left out."""
    home = household(client_id=f"team075-{index}", index=index, start=date(2023, 1, 1))
    entries = statement(home, since=date(2023, 1, 1), until=LAST)
    kept = [entry for entry in entries if entry.day >= FIRST and _counts(entry)]
    return home.person, [
        Sighting(
            pk,
            entry.day,
            Decimal(entry.amount) / 100,
            "USD" if entry.account == "currency" else "RUB",
            payee=entry.merchant.name if entry.merchant else entry.counterparty or entry.text,
            text=entry.text,
        )
        for pk, entry in enumerate(kept)
    ]


def _counts(entry: Entry) -> bool:
    is_move = entry.text.startswith(MOVES) and "СБП" not in entry.text
    return entry.status == "completed" and entry.shown_until == FOREVER and not is_move


def expected_of(person: Person) -> Iterator[tuple[str, str]]:
    """Who is paid or pays by the calendar, and how often."""
    for number, plan in enumerate(SUBSCRIPTIONS):
        if (person.index + number) % len(SUBSCRIPTIONS) < 3:
            yield plan.merchant.name, "monthly"
    yield from ((person.employer, "monthly"), (person.employer, "monthly"), (person.employer, "yearly"))
    for bill in ("МосОблЕИРЦ", "Энергосбыт", "МТС", "Ростелеком"):
        yield bill, "monthly"
    yield from (("Кэшбэк по карте", "monthly"), ("Комиссия за СМС-информирование", "monthly"))
    yield from (("Проценты на остаток", "monthly"), ("Выплата процентов по вкладу", "monthly"))
    yield "Начисление процентов по кредиту", "monthly"
    yield "Казначейство России (ФНС)", "yearly"
    if not person.owns_home:
        yield "Татьяна Николаевна Б.", "monthly"
    if person.has_car:
        yield "АО «СК Опора»", "yearly"
    if person.owns_home:
        yield "АО «СК Опора»", "yearly"
    if person.side_income in {"benefit", "pension"}:
        yield "СФР", "monthly"


@pytest.mark.parametrize("index", [1, 2])
def test_all_that_comes_by_the_calendar_is_found(index: int, capsys: pytest.CaptureFixture[str]) -> None:
    person, rows = sightings(index)
    found = [(one.payee, str(one.schedule.cadence)) for one in detect(rows)]
    expected = list(expected_of(person))
    right = [one for one in found if one in expected]
    missed = [one for one in expected if one not in found]
    with capsys.disabled():
        print(f"\nperson {index}: {len(rows)} rows, {len(found)} series", end="; ")
        print(f"precision {len(right) / len(found):.2f}, recall {1 - len(missed) / len(expected):.2f}")
    assert missed == []
    assert [one for one in found if one not in expected] == []
