"""Figures, dates and counted words, as they are written in Russian and in English."""

import time
import timeit
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import dateformat, translation
from hypothesis import given
from hypothesis import strategies as st

from financehub import formats
from financehub.formats import ENGLISH, MINUS, NBSP, RUSSIAN

TODAY = date(2025, 11, 9)


def spaced(text: str) -> str:
    """The expected text as one types it: `_` stands for the space that does not break."""
    return text.replace("_", NBSP)


def plain(markup: str) -> str:
    return markup.replace('<span class="amount-currency">', "").replace("</span>", "").split(">", 1)[1]


@pytest.mark.parametrize(
    ("value", "currency", "russian", "english"),
    [
        ("1234.56", "RUB", "1_234,56_₽", "₽1,234.56"),
        ("-1234.56", "RUB", "−1_234,56_₽", "−₽1,234.56"),
        ("0", "RUB", "0,00_₽", "₽0.00"),
        ("-0.01", "RUB", "−0,01_₽", "−₽0.01"),
        ("1000000", "RUB", "1_000_000,00_₽", "₽1,000,000.00"),
        ("1234.56", "USD", "1_234,56_$", "$1,234.56"),
        ("1234.56", "EUR", "1_234,56_€", "€1,234.56"),
        ("1234.56", "CNY", "1_234,56_¥", "¥1,234.56"),
        ("1234", "JPY", "1_234_JPY", "JPY_1,234"),
        ("12", "AED", "12,00_AED", "AED_12.00"),
    ],
)
def test_money_is_written_in_both_languages(value, currency, russian, english):
    assert RUSSIAN.money(Decimal(value), currency) == spaced(russian)
    assert ENGLISH.money(Decimal(value), currency) == spaced(english)


@given(
    st.decimals(min_value=-(10**12), max_value=10**12, places=2),
    st.sampled_from(["RUB", "USD", "JPY", "AED"]),
)
def test_markup_reads_like_the_plain_amount(value, currency):
    for forms in (RUSSIAN, ENGLISH):
        for signed in (False, True):
            assert plain(forms.amount(value, currency, signed=signed)) == forms.money(
                value, currency, signed=signed
            )


def test_signed_marks_money_in_by_plus_and_colour():
    markup = RUSSIAN.amount(Decimal(5), "RUB", signed=True)
    assert markup.startswith('<span class="amount amount-in">+5,00')
    assert "amount-in" not in RUSSIAN.amount(Decimal(-5), "RUB", signed=True)
    assert "amount-in" not in RUSSIAN.amount(Decimal(0), "RUB", signed=True)


def test_tone_takes_the_colour_of_money_in_away():
    assert 'class="amount amount-still">+5,00' in RUSSIAN.amount(Decimal(5), "RUB", signed=True, tone="still")


def test_whole_amount_leaves_kopecks_out():
    assert plain(RUSSIAN.amount(Decimal("1482310.64"), "RUB", whole=True)) == spaced("1_482_311_₽")


def test_currency_from_a_bank_cannot_carry_markup():
    assert "<b>" not in RUSSIAN.amount(Decimal(1), "<b>")


@pytest.mark.parametrize(
    ("value", "russian", "english"),
    [
        ("950", "950_₽", "₽950"),
        ("12345", "12,3_тыс._₽", "₽12.3K"),
        ("12000", "12_тыс._₽", "₽12K"),
        ("-1200000", "−1,2_млн_₽", "−₽1.2M"),
        ("2000000000", "2_млрд_₽", "₽2B"),
        ("-0.01", "0_₽", "₽0"),
    ],
)
def test_compact_shortens(value, russian, english):
    assert RUSSIAN.compact(Decimal(value), "RUB") == spaced(russian)
    assert ENGLISH.compact(Decimal(value), "RUB") == english


def test_compact_axis_labels_share_a_unit():
    assert RUSSIAN.compact(Decimal(950_000), like=Decimal(1_050_000), digits=3) == spaced("0,95_млн")


@pytest.mark.parametrize(
    ("share", "signed", "russian", "english"),
    [
        ("0.123", False, "12,3_%", "12.3%"),
        ("0.12", True, "+12_%", "+12%"),
        ("-0.5", True, "−50_%", "−50%"),
        ("0", True, "0_%", "0%"),
    ],
)
def test_percent(share, signed, russian, english):
    assert RUSSIAN.percent(Decimal(share), signed=signed) == spaced(russian)
    assert ENGLISH.percent(Decimal(share), signed=signed) == english


@pytest.mark.parametrize(
    ("count", "russian", "english"),
    [
        (0, "0_операций", "0_transactions"),
        (1, "1_операция", "1_transaction"),
        (2, "2_операции", "2_transactions"),
        (5, "5_операций", "5_transactions"),
        (11, "11_операций", "11_transactions"),
        (21, "21_операция", "21_transactions"),
        (112, "112_операций", "112_transactions"),
        (1234, "1_234_операции", "1,234_transactions"),
    ],
)
def test_counted_words_take_their_form(count, russian, english):
    assert RUSSIAN.count(count, "transaction") == spaced(russian)
    assert ENGLISH.count(count, "transaction") == spaced(english)


@pytest.mark.parametrize("noun", sorted(formats.NOUNS))
def test_every_noun_has_three_russian_and_two_english_forms(noun):
    assert [len(formats.NOUNS[noun][language]) for language in ("ru", "en")] == [3, 2]


def test_date_in_text_drops_only_this_year():
    assert RUSSIAN.date_text(TODAY, today=TODAY) == spaced("9_ноября")
    assert RUSSIAN.date_text(date(2024, 11, 9), today=TODAY) == spaced("9_ноября 2024_г.")
    assert ENGLISH.date_text(date(2024, 11, 9), today=TODAY) == spaced("9_November 2024")


@pytest.mark.parametrize("month", range(1, 13))
def test_month_names_are_those_of_django(month):
    day = date(2024, month, 3)
    for language, forms in (("ru", RUSSIAN), ("en", ENGLISH)):
        with translation.override(language):
            assert forms.months_of_date[month - 1].casefold() == dateformat.format(day, "E").casefold()
            assert forms.months[month - 1].casefold() == dateformat.format(day, "F").casefold()
            assert forms.weekdays[day.weekday()].casefold() == dateformat.format(day, "l").casefold()


def test_short_date_and_month():
    assert RUSSIAN.date_short(TODAY) == "09.11.2025"
    assert ENGLISH.date_short(TODAY) == spaced("9_Nov_2025")
    assert RUSSIAN.month(TODAY) == "ноябрь 2025"


def test_day_header_names_today_and_yesterday():
    assert RUSSIAN.day_header(TODAY, today=TODAY) == "Сегодня"
    assert RUSSIAN.day_header(date(2025, 11, 8), today=TODAY) == "Вчера"
    assert RUSSIAN.day_header(date(2025, 11, 2), today=TODAY) == spaced("2_ноября, воскресенье")
    assert ENGLISH.day_header(date(2025, 11, 2), today=TODAY) == spaced("Sunday, 2_November")


def test_clock_is_moscow_time():
    late_evening_utc = datetime(2025, 11, 8, 21, 5, tzinfo=UTC)
    assert RUSSIAN.time(late_evening_utc) == "00:05"
    assert RUSSIAN.moment(late_evening_utc, today=TODAY) == "00:05"
    assert RUSSIAN.moment(late_evening_utc, today=date(2025, 11, 10)) == spaced("9_ноября, 00:05")


def test_account_shows_its_last_four_digits_only():
    assert formats.account_tail("40817810000000001002") == spaced("••_1002")


def test_current_follows_the_language():
    assert formats.current() is RUSSIAN
    with translation.override("en"):
        assert formats.current() is ENGLISH


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% load money %}{% money value 'RUB' signed=True %}", "+1_234,50_₽"),
        ("{% load money %}{% compact value %}", "1,2_тыс._₽"),
        ("{% load money %}{% percent share %}", "12,3_%"),
        ("{% load money %}{% count 5 'transaction' %}", "5_операций"),
        ("{% load money %}{{ number|account_tail }}", "••_1002"),
        ("{% load money %}{{ 'EUR'|currency_sign }}", "€"),
        ("{% load dates %}{% date_text today %}", "9_ноября"),
        ("{% load dates %}{% day_header today %}", "Сегодня"),
        ("{% load dates %}{{ today|date_short }} {{ today|month }}", "09.11.2025 ноябрь 2025"),
        ("{% load dates %}{{ at|clock }} {% moment at %}", "14:32 14:32"),
    ],
)
def test_template_tags_write_the_same(source, expected):
    context = {
        "value": Decimal("1234.5"),
        "share": Decimal("0.123"),
        "number": "40817810000000001002",
        "today": TODAY,
        "at": datetime(2025, 11, 9, 11, 32, tzinfo=UTC),
    }
    assert Template(source).render(Context(context)) == spaced(expected)


def test_amount_of_a_row_costs_little_more_than_its_figure():
    """Rows are formatted by the thousand: CPU against that of the bare figure, so no clock is asserted."""
    value = Decimal("-1234567.89")

    def cost(work):
        return min(timeit.repeat(work, timer=time.process_time, number=2000, repeat=7))

    row = cost(lambda: RUSSIAN.amount(value, "RUB", signed=True))
    assert row < 16 * cost(lambda: f"{value:,.2f}")


def test_minus_is_the_real_one():
    assert MINUS == "\u2212"
    assert "-" not in RUSSIAN.amount(Decimal(-1), "RUB").replace("amount-currency", "")
