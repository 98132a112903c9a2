"""A page of transactions: every form that a bank has for a field, and rows that are set aside."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banking.clients.errors import InvalidResponse
from banking.clients.schemas import RejectedRow, parse_transaction_page
from tests.banking.clients.answers import answer, page_of, transaction


def parse(document, page=1):
    return parse_transaction_page(answer(document), page=page)


def row(**changes):
    page = parse(page_of(transaction(**changes)))
    assert page.rejected == ()
    return page.rows[0]


def rejected(**changes):
    page = parse(page_of(transaction(transactionId="tx-0"), transaction(**changes), transaction()))
    assert [kept.external_id for kept in page.rows] == ["tx-0", "tx-1"]
    return page.rejected


def test_a_usual_row_is_read_whole():
    sent = transaction()
    read = parse(page_of(sent)).rows[0]
    booked_at = datetime(2025, 11, 1, 2, 53, tzinfo=UTC)
    assert (read.external_id, read.amount, read.currency) == ("tx-1", Decimal("-936.92"), "RUB")
    assert (read.status, read.booked_at, read.value_at) == ("booked", booked_at, booked_at)
    assert (read.booking_date, read.description) == (date(2025, 11, 1), "Покупка по карте")
    assert (read.bank_code, read.mcc, read.card_last4) == ("01", "5812", "0001")
    assert (read.merchant_name, read.merchant_id) == ("Кафе «Зерно»", "merchant-cafe-001")
    assert (read.merchant_category, read.merchant_city) == ("restaurant", "Казань")
    assert read.counterparty == ""
    assert read.raw is sent


@pytest.mark.parametrize(
    ("indicator", "amount", "signed"),
    [
        ("Debit", "10.00", "-10.00"),
        ("Credit", "10.00", "10.00"),
        ("debit", "10.00", "-10.00"),
        ("CREDIT", "10.00", "10.00"),
        ("Debit", "-10.00", "-10.00"),
        ("Credit", "-10.00", "10.00"),
        ("Debit", "0.00", "0.00"),
    ],
)
def test_the_direction_is_the_indicators_alone(indicator, amount, signed):
    assert row(creditDebitIndicator=indicator, amount=amount).amount == Decimal(signed)


@pytest.mark.parametrize("indicator", [None, "", "both", 1, True, ["Debit"]])
def test_a_row_without_a_direction_is_set_aside(indicator):
    assert rejected(creditDebitIndicator=indicator) == (
        RejectedRow("data.transaction[1].creditDebitIndicator", "neither credit nor debit"),
    )


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("936.92", "936.92"),
        ("15000.5", "15000.50"),
        ("7", "7.00"),
        (7, "7.00"),
        (Decimal("60000.0"), "60000.00"),
        (Decimal("1E+3"), "1000.00"),
        (" 10.00 ", "10.00"),
        ("10.500", "10.50"),
        ("0", "0.00"),
    ],
)
def test_amounts_come_as_text_and_as_numbers(sent, read):
    assert str(row(amount=sent, creditDebitIndicator="Credit").amount) == read


NO_AMOUNT_AS_TEXT = ["None", "", "abc", "1,5", "1 000.00", "10.001", "NaN", "1e400", "1e3", "9" * 16, "٣.٠٠"]
NO_AMOUNT_AS_NUMBER = [Decimal("1e400"), Decimal("0.001"), Decimal("NaN"), 10**15, 1.5, True]


@pytest.mark.parametrize("sent", [*NO_AMOUNT_AS_TEXT, *NO_AMOUNT_AS_NUMBER, None, [], {}])
def test_an_unreadable_amount_sets_its_row_aside(sent):
    (problem,) = rejected(amount=sent)
    assert problem.path == "data.transaction[1].amount.amount"
    assert problem.reason in {"missing", "not a number", "out of range", "more digits than the currency has"}


@pytest.mark.parametrize(("currency", "amount", "read"), [("JPY", "100", "100"), ("KWD", "1.234", "1.234")])
def test_minor_units_are_the_currencys(currency, amount, read):
    assert str(row(currency=currency, amount=amount, creditDebitIndicator="Credit").amount) == read


@pytest.mark.parametrize(("currency", "amount"), [("JPY", "1.50"), ("RUB", "1.234"), ("KWD", "1.2345")])
def test_more_digits_than_the_currency_has_are_refused(currency, amount):
    assert rejected(currency=currency, amount=amount)[0].reason == "more digits than the currency has"


@pytest.mark.parametrize("currency", [None, "", "RU", "RUBL", "РУБ", 643, {"code": "RUB"}])
def test_a_row_without_a_currency_is_set_aside(currency):
    assert rejected(currency=currency)[0].path == "data.transaction[1].amount.currency"


def test_currencies_are_upper_case():
    assert row(currency="usd").currency == "USD"


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Booked", "booked"),
        ("completed", "booked"),
        ("refunded", "booked"),
        ("something new", "booked"),
        (None, "booked"),
        (3, "booked"),
        ("Pending", "pending"),
        ("PENDING", "pending"),
        ("declined", "declined"),
        ("Declined", "declined"),
    ],
)
def test_statuses_are_compared_without_case_and_unknown_means_booked(word, status):
    assert row(status=word).status == status


@pytest.mark.parametrize(
    ("sent", "moment", "day"),
    [
        ("2026-02-17T09:31:49.577692Z", datetime(2026, 2, 17, 9, 31, 49, 577692, UTC), date(2026, 2, 17)),
        ("2025-11-01T02:53:00Z", datetime(2025, 11, 1, 2, 53, tzinfo=UTC), date(2025, 11, 1)),
        ("2026-02-17T09:31:49", datetime(2026, 2, 17, 9, 31, 49, tzinfo=UTC), date(2026, 2, 17)),
        ("2025-11-05T01:43:07+03:00", datetime(2025, 11, 4, 22, 43, 7, tzinfo=UTC), date(2025, 11, 5)),
        ("2025-11-01T22:00:00Z", datetime(2025, 11, 1, 22, tzinfo=UTC), date(2025, 11, 2)),
        ("2025-11-01", datetime(2025, 11, 1, tzinfo=UTC), date(2025, 11, 1)),
        ("2012-07-01T20:30:00Z", datetime(2012, 7, 1, 20, 30, tzinfo=UTC), date(2012, 7, 2)),
        ("2012-07-01T19:30:00Z", datetime(2012, 7, 1, 19, 30, tzinfo=UTC), date(2012, 7, 1)),
        (" 2025-11-01T02:53:00Z ", datetime(2025, 11, 1, 2, 53, tzinfo=UTC), date(2025, 11, 1)),
        (" 2025-11-01 ", datetime(2025, 11, 1, tzinfo=UTC), date(2025, 11, 1)),
    ],
)
def test_every_form_of_a_time_is_read(sent, moment, day):
    read = row(bookingDateTime=sent, valueDateTime=sent)
    assert (read.booked_at, read.value_at, read.booking_date) == (moment, moment, day)
    assert read.booked_at.tzinfo is UTC


@pytest.mark.parametrize(
    "sent", ["", "soon", "01.11.2025", "0001-01-01T00:00:00+05:00", "9999-12-31", 5, [], True]
)
def test_a_row_without_a_time_is_set_aside(sent):
    assert rejected(bookingDateTime=sent, valueDateTime=None)[0].path.endswith(".bookingDateTime")


def test_a_row_not_booked_yet_has_its_value_time():
    assert row(bookingDateTime=None).booked_at == datetime(2025, 11, 1, 2, 53, tzinfo=UTC)


def test_an_unreadable_value_time_is_none():
    assert row(valueDateTime="soon").value_at is None


@given(
    st.integers(10**6, 4 * 10**9),
    st.integers(-14, 14),
)
def test_any_instant_keeps_its_moment(seconds, hours):
    sent = datetime.fromtimestamp(seconds, timezone(timedelta(hours=hours)))
    read = row(bookingDateTime=sent.isoformat())
    assert read.booked_at == sent
    assert abs(read.booking_date - sent.date()) <= timedelta(days=1)


@given(st.dates(date(1970, 1, 1), date(2100, 12, 31)))
def test_a_day_as_sent_is_the_booking_day(day):
    assert row(bookingDateTime=day.isoformat()).booking_date == day


@given(st.decimals(min_value=0, max_value=10**12, places=2, allow_nan=False, allow_infinity=False))
def test_any_amount_is_exact(amount):
    assert row(amount=f"{amount:f}").amount == -amount


def test_what_an_older_bank_leaves_out_is_empty():
    sent = transaction()
    for name in ("merchant", "transactionLocation", "card", "counterparty", "bankTransactionCode", "status"):
        del sent[name]
    sent["transactionInformation"] = None
    read = parse(page_of(sent)).rows[0]
    assert (read.description, read.merchant_name, read.mcc, read.card_last4) == ("", "", "", "")
    assert (read.bank_code, read.status) == ("", "booked")


def test_the_place_stands_in_for_the_merchants_city():
    merchant = {"name": "Кафе", "city": None}
    assert row(merchant=merchant, transactionLocation={"city": "Москва"}).merchant_city == "Москва"


@pytest.mark.parametrize(
    ("sent", "mcc"), [("0742", "0742"), (742, "0742"), ("58120", ""), ("x", ""), (None, "")]
)
def test_an_mcc_has_four_digits_or_is_none(sent, mcc):
    assert row(merchant={"mccCode": sent}).mcc == mcc


@pytest.mark.parametrize(
    ("sent", "read"), [(None, None), ("", None), (123, "123"), ("tx", "tx"), (True, None)]
)
def test_an_id_may_be_missing(sent, read):
    assert row(transactionId=sent).external_id == read


def test_an_endless_id_sets_its_row_aside():
    assert rejected(transactionId="x" * 101)[0].path == "data.transaction[1].transactionId"


def test_long_texts_are_cut():
    assert len(row(transactionInformation="я" * 5000).description) == 1000


@pytest.mark.parametrize("item", [None, "row", 5, [], [transaction()]])
def test_an_item_that_is_no_object_is_set_aside(item):
    page = parse(page_of(transaction(), item))
    assert len(page.rows) == 1
    assert page.rejected == (RejectedRow("data.transaction[1]", "not an object"),)


@pytest.mark.parametrize("document", [None, [], "text", 5, {}, {"data": None}, {"data": {}}, {"data": 5}])
def test_a_document_of_another_form_is_no_empty_page(document):
    with pytest.raises(InvalidResponse) as failure:
        parse(document)
    assert failure.value.path
    assert (failure.value.bank, failure.value.request_id) == ("vbank", "interaction-1")


@pytest.mark.parametrize(
    "data",
    [
        {"transaction": [transaction()]},
        {"transactions": [transaction()]},
        {"transaction": transaction()},
        [transaction()],
        transaction(),
    ],
)
def test_rows_are_found_wherever_a_bank_puts_them(data):
    assert [read.external_id for read in parse({"data": data}).rows] == ["tx-1"]


def test_a_null_list_is_no_empty_list():
    with pytest.raises(InvalidResponse):
        parse({"data": {"transaction": None}})


@pytest.mark.parametrize(
    ("links", "meta", "page", "is_last"),
    [
        ({"next": "/t?page=2&limit=5"}, {"totalPages": 3}, 1, False),
        ({}, {"totalPages": 3}, 1, False),
        ({}, {"totalPages": 3}, 3, True),
        ({"next": "/t?page=4&limit=5"}, {"totalPages": 3}, 3, True),
        ({}, {"totalPages": 0}, 1, True),
        ({"next": "/t?page=2"}, {}, 1, False),
        ({}, {}, 1, True),
        ({"next": None}, {"totalPages": None}, 1, True),
        ({"next": 5}, {"totalPages": "x"}, 1, True),
    ],
)
def test_the_end_is_where_the_bank_puts_it(links, meta, page, is_last):
    assert parse(page_of(links=links, **meta), page=page).is_last is is_last


def test_a_next_link_gives_its_query_only():
    page = parse(page_of(links={"next": "https://elsewhere.test/other?page=2&limit=5"}))
    assert page.next_params == {"page": "2", "limit": "5"}


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals()
    | st.text(max_size=20)
    | st.sampled_from(["Debit", "RUB", "1.00", "2025-11-01", "None", "acc-1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
ROW_FIELDS = st.sampled_from([*transaction(), "unknown"])


@given(JUNK)
def test_any_document_is_a_page_or_invalid(document):
    for form in (document, {"data": document}, {"data": {"transaction": document}}):
        with suppress(InvalidResponse):
            parse(form)


@given(st.dictionaries(ROW_FIELDS, JUNK, max_size=4), JUNK, JUNK)
def test_any_field_may_be_anything(fields, links, meta):
    sent = {**transaction(), **fields}
    page = parse({"data": {"transaction": [sent, transaction()]}, "links": links, "meta": meta})
    assert len(page.rows) + len(page.rejected) == 2
    assert page.rows[-1].external_id == "tx-1"


@given(st.dictionaries(st.sampled_from(["amount", "currency", "mccCode", "name", "city"]), JUNK))
def test_any_inner_field_may_be_anything(inner):
    page = parse(page_of({**transaction(), "amount": inner}, {**transaction(), "merchant": inner}))
    assert len(page.rows) + len(page.rejected) == 2
