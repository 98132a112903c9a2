"""What speaks for two rows being one transfer, and how much."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from banking.matching.choose import choose
from banking.matching.score import POINTS, Kind, Reason, weigh
from banking.matching.sides import Place, Side

NOON = datetime(2026, 3, 10, 9, tzinfo=UTC)
HERE = Place(1, "40817810000000001111", "vbank")
THERE = Place(2, "40817810000000002222", "abank")
TO_THERE = "Межбанковский перевод в abank на счет 40817810000000002222"
FROM_HERE = "Перевод от счета 40817810000000001111"
OWN = "Перевод между своими счетами"


def _side(pk: int, place: Place, amount: str, text: str, **fields: Any) -> Side:
    known = {
        "currency": "RUB",
        "booked_at": NOON,
        "kind": "transfer",
        "slug": "transfer-own",
        "mcc": "",
        "bank_code": "",
        "name": f"{pk}",
    }
    return Side(pk=pk, place=place, amount=Decimal(amount), description=text, **known | fields)


@pytest.mark.parametrize(
    ("out_text", "in_text", "apart", "reasons", "passes"),
    [
        (TO_THERE, FROM_HERE, timedelta(), {Reason.NUMBERS, Reason.SAME_HOUR}, True),
        (TO_THERE, FROM_HERE, timedelta(days=3), {Reason.NUMBERS}, True),
        (TO_THERE, OWN, timedelta(hours=5), {Reason.NUMBER, Reason.SAME_DAY}, True),
        (TO_THERE, OWN, timedelta(days=2), {Reason.NUMBER}, False),
        (OWN, OWN, timedelta(minutes=50), {Reason.OWN_TEXTS, Reason.SAME_HOUR}, True),
        (OWN, OWN, timedelta(days=1), {Reason.OWN_TEXTS}, False),
        (OWN, "Пополнение", timedelta(), {Reason.OWN_TEXT, Reason.SAME_HOUR}, False),
        ("Межбанковский перевод в abank", "Пополнение", timedelta(), {Reason.BANK, Reason.SAME_HOUR}, False),
        ("Перевод", "Пополнение", timedelta(hours=4), {Reason.SAME_DAY}, False),
    ],
)
def test_evidence_is_named_and_weighed(
    out_text: str, in_text: str, apart: timedelta, reasons: set[Reason], passes: bool
) -> None:
    edge = weigh(_side(1, HERE, "-500", out_text), _side(2, THERE, "500", in_text, booked_at=NOON + apart))
    assert edge is not None
    assert (set(edge.reasons), edge.passes) == (reasons, passes)


def test_texts_weigh_more_than_the_day_and_the_day_more_than_codes_and_uniqueness() -> None:
    texts = min(POINTS[reason] for reason in (Reason.NUMBER, Reason.OWN_TEXT, Reason.BANK, Reason.RETURNED))
    around = POINTS[Reason.SAME_HOUR], POINTS[Reason.SAME_DAY], POINTS[Reason.CODE], POINTS[Reason.UNIQUE]
    assert texts > around[0] > around[1] > around[2] > around[3] > 0
    assert texts > around[0] + around[2]


def test_a_fee_is_asked_about_and_never_taken_for_granted() -> None:
    certain, offered = choose([_side(1, HERE, "-507.50", TO_THERE), _side(2, THERE, "500", FROM_HERE)])
    assert certain == []
    assert [set(edge.reasons) for edge in offered] == [
        {Reason.NUMBERS, Reason.SAME_HOUR, Reason.FEE, Reason.UNIQUE}
    ]
    assert choose([_side(1, HERE, "-516", TO_THERE), _side(2, THERE, "500", FROM_HERE)]) == ([], [])


@pytest.mark.parametrize(
    ("dollars", "is_offered"), [("100", True), ("97.5", True), ("96", False), ("104", False)]
)
def test_two_currencies_meet_only_at_a_stated_rate(dollars: str, is_offered: bool) -> None:
    sides = [_side(1, HERE, "-8000", OWN), _side(2, THERE, dollars, OWN, currency="USD")]
    assert choose(sides) == ([], [])

    def rate(source: str, target: str, _day: date) -> Decimal | None:
        return {("USD", "RUB"): Decimal(80)}.get((source, target))

    certain, offered = choose(sides, rate=rate)
    assert certain == []
    assert [Reason.RATE in edge.reasons for edge in offered] == [True] * is_offered


def test_a_failed_transfer_is_closed_and_its_second_attempt_is_paired() -> None:
    text = "Возврат неудачного перевода на счет 40817810000000002222"
    sides = [
        _side(1, HERE, "-500", TO_THERE),
        _side(2, HERE, "500", text, booked_at=NOON + timedelta(minutes=3)),
        _side(3, HERE, "-500", TO_THERE, booked_at=NOON + timedelta(minutes=5)),
        _side(4, THERE, "500", FROM_HERE, booked_at=NOON + timedelta(minutes=6)),
    ]
    found = {(edge.out.pk, edge.into.pk, edge.kind) for edge in choose(sides).certain}
    assert found == {(1, 2, Kind.RETURNED), (3, 4, Kind.OWN)}


def test_what_may_have_failed_or_arrived_is_asked_about() -> None:
    sides = [
        _side(1, HERE, "-500", TO_THERE),
        _side(2, HERE, "500", "Возврат неудачного перевода", booked_at=NOON + timedelta(minutes=3)),
        _side(3, THERE, "500", FROM_HERE, booked_at=NOON + timedelta(minutes=4)),
    ]
    certain, offered = choose(sides)
    assert certain == []
    assert {(edge.out.pk, edge.into.pk) for edge in offered} == {(1, 2), (1, 3)}


def test_refused_pairs_are_not_looked_at() -> None:
    sides = [_side(1, HERE, "-500", TO_THERE), _side(2, THERE, "500", FROM_HERE)]
    assert len(choose(sides).certain) == 1
    assert choose(sides, refused=frozenset({(1, 2)})) == ([], [])


def test_a_crowd_of_equal_amounts_is_neither_paired_nor_multiplied() -> None:
    count = 400
    sides = [_side(pk, HERE, "-500", TO_THERE, name=f"{pk:04}") for pk in range(count)]
    sides += [_side(count + pk, THERE, "500", FROM_HERE, name=f"{count + pk:04}") for pk in range(count)]
    certain, offered = choose(sides)
    assert certain == []
    assert len(offered) <= 3 * count
