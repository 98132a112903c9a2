"""The list of transactions: paging by keyset, filters, totals."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from banking.models import Account, Transaction
from banking.queries import transactions as queries
from banking.queries.transaction_filter import Mark, TransactionFilter, merchants_named
from banking.queries.transactions import Cursor, InvalidCursor, Order, SizeCursor
from financehub.fields import from_units
from financehub.periods import Period
from tests.factories import (
    NOW,
    AccountFactory,
    BankFactory,
    ConnectionFactory,
    TransactionFactory,
    category,
    many_transactions,
    store_transactions,
)

EVERYTHING = TransactionFilter()


@pytest.fixture
def account(anna) -> Account:
    return AccountFactory(connection__user=anna)


def pages(user, wanted: TransactionFilter = EVERYTHING, *, size: int) -> Iterator[queries.TransactionPage]:
    after = None
    while True:
        page = queries.transaction_page(user=user, wanted=wanted, after=after, size=size)
        yield page
        if page.next is None:
            return
        after = Cursor.parse(str(page.next))


def found(user, **wanted) -> list[str]:
    page = queries.transaction_page(user=user, wanted=TransactionFilter(**wanted))
    return [row.merchant_name for row in page.rows]


def test_pages_show_every_row_once_when_times_are_equal(anna, account):
    many_transactions(account, 4)
    for _ in range(9):
        TransactionFactory(account=account, booked_at=NOW - timedelta(hours=3))

    shown = [row.pk for page in pages(anna, size=2) for row in page.rows]

    assert len(shown) == len(set(shown)) == 13
    assert shown == list(Transaction.objects.for_user(anna).newest_first().values_list("pk", flat=True))


def test_page_ends_without_a_next_one_when_the_rows_fill_it_exactly(anna, account):
    many_transactions(account, 3)

    assert queries.transaction_page(user=anna, wanted=EVERYTHING, size=3).next is None


def test_a_row_that_arrives_meanwhile_does_not_shift_the_next_page(anna, account):
    rows = many_transactions(account, 4)
    first = queries.transaction_page(user=anna, wanted=EVERYTHING, size=2)
    TransactionFactory(account=account, booked_at=NOW)

    second = queries.transaction_page(user=anna, wanted=EVERYTHING, after=first.next, size=2)

    assert [row.pk for row in second.rows] == [rows[2].pk, rows[3].pk]


END_OF_CALENDAR = "253402300799000000-1"


@pytest.mark.parametrize(
    "text", ["", "-", "1", "a-1", "1-a", "9" * 39 + "-1", "1" * 18 + "9-1", "٣" * 50, END_OF_CALENDAR]
)
def test_cursor_refuses_what_it_did_not_write(text):
    with pytest.raises(InvalidCursor):
        Cursor.parse(text)


def test_cursor_by_size_refuses_what_no_database_can_hold():
    for text in ("9" * 19 + "-1", "-" + "9" * 26 + "-5"):
        with pytest.raises(InvalidCursor):
            SizeCursor.parse(text)


def test_cursor_survives_its_text():
    moment = datetime(2025, 11, 9, 11, 32, 5, 123457, tzinfo=UTC)

    for cursor in (Cursor(moment, 77), SizeCursor(Decimal("1234.5"), 77)):
        assert type(cursor).parse(str(cursor)) == cursor


def test_another_person_sees_nothing(boris, account):
    TransactionFactory(account=account)

    assert found(boris) == []
    assert queries.filtered_totals(user=boris, wanted=EVERYTHING).count == 0
    with pytest.raises(Transaction.DoesNotExist):
        queries.transaction_of(user=boris, pk=Transaction.objects.get().pk)


def test_every_word_of_a_search_must_occur(anna, account):
    TransactionFactory(account=account, description="PYATEROCHKA MOSKVA", merchant_name="Пятёрочка")
    TransactionFactory(account=account, description="MAGNIT MOSKVA", merchant_name="Магнит")

    assert found(anna, words=("moskva", "магнит")) == ["Магнит"]
    assert found(anna, words=("moskva", "100%")) == []


def test_filters_by_bank_account_category_kind_and_status(anna, account):
    other = AccountFactory(connection=ConnectionFactory(user=anna, bank=BankFactory(code="abank")))
    TransactionFactory(account=account, merchant_name="Пятёрочка")
    TransactionFactory(account=other, merchant_name="Кофе", slug="cafe-coffee", status="pending")
    TransactionFactory(
        account=other,
        merchant_name="Зарплата",
        slug="income-salary",
        amount=Decimal(90000),
        missing_since=NOW,
    )

    assert found(anna, accounts=frozenset({account.pk})) == ["Пятёрочка"]
    assert found(anna, banks=frozenset({"abank"})) == ["Зарплата", "Кофе"]
    assert found(anna, categories=frozenset({category("cafe-coffee").pk})) == ["Кофе"]
    assert found(anna, kinds=frozenset({"income"})) == ["Зарплата"]
    assert found(anna, statuses=frozenset({"pending"})) == ["Кофе"]
    assert found(anna, missing=True) == ["Зарплата"]
    assert found(anna, missing=True, statuses=frozenset({"pending"})) == ["Зарплата", "Кофе"]
    assert found(anna, accounts=frozenset({account.pk, other.pk}), kinds=frozenset({"expense"})) == [
        "Кофе",
        "Пятёрочка",
    ]


def test_filters_by_shop_code_and_mark(anna, account):
    plain = {"account": account, "merchant_name": "Лента"}
    TransactionFactory(**plain | {"merchant_name": "Пятёрочка", "mcc": "5411", "note": "к ужину"})
    TransactionFactory(**plain, excluded=True, description="PYATEROCHKA")
    TransactionFactory(**plain | {"merchant_name": "Кофе"}, reviewed_at=NOW, mcc="5812")
    TransactionFactory(**plain | {"merchant_name": "Разное"}, category_reason="default")

    pyaterochka = merchants_named(user=anna, words=("пятерочка",))
    assert pyaterochka == {"Пятёрочка"}
    assert merchants_named(user=anna, words=("pyaterochka",)) == frozenset()
    assert found(anna, merchants=pyaterochka) == ["Пятёрочка"]
    assert found(anna, merchants=frozenset()) == []
    assert found(anna, mcc=frozenset({"5411", "5812"})) == ["Кофе", "Пятёрочка"]
    assert found(anna, uncategorised=True) == ["Разное"]
    assert found(anna, marks=frozenset({Mark.NOTED})) == ["Пятёрочка"]
    assert found(anna, marks=frozenset({Mark.EXCLUDED})) == ["Лента"]
    assert found(anna, marks=frozenset({Mark.REVIEWED})) == ["Кофе"]
    assert found(anna, marks=frozenset({Mark.UNREVIEWED, Mark.NOTED})) == ["Пятёрочка"]


@pytest.mark.parametrize("order", Order)
def test_every_order_pages_through_all_rows_once(anna, account, order):
    for amount in (-300, 100, -100, 300, -200, -100):
        TransactionFactory(account=account, amount=Decimal(amount))
    many_transactions(account, 3)

    shown, after = [], None
    while True:
        page = queries.transaction_page(user=anna, wanted=EVERYTHING, order=order, after=after, size=2)
        shown += page.rows
        if page.next is None:
            break
        after = queries.cursor_of(str(page.next), order)

    key = (lambda row: row.booked_at) if order.is_by_date else (lambda row: abs(row.amount))
    expected = sorted(shown, key=lambda row: (key(row), row.pk), reverse=bool(order.mark))
    assert shown == expected
    assert len({row.pk for row in shown}) == 9


@pytest.mark.parametrize(
    ("order", "index"),
    [
        (Order.NEWEST, "transaction_newest"),
        (Order.OLDEST, "transaction_newest"),
        (Order.LARGEST, "transaction_by_size"),
        (Order.SMALLEST, "transaction_by_size"),
    ],
)
def test_no_order_sorts_all_rows_for_a_page(anna, account, order, index):
    if connection.vendor == "postgresql":  # which would rather sort a handful
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    many_transactions(account, 50)
    page = queries.transaction_page(user=anna, wanted=EVERYTHING, order=order, size=5)
    rows = queries.ordered(queries.matching(user=anna, wanted=EVERYTHING), order)

    plan = queries._behind(rows, page.next, order).values_list("pk")[:5].explain()

    assert index in plan
    assert "TEMP B-TREE" not in plan


def test_a_row_taken_out_of_the_figures_is_in_none_of_them(anna, account):
    TransactionFactory(account=account, amount=Decimal(-100))
    TransactionFactory(account=account, amount=Decimal(-900), excluded=True)

    for totals in (
        queries.kept_totals(user=anna, wanted=EVERYTHING),
        queries.filtered_totals(user=anna, wanted=TransactionFilter(words=("pyaterochka",))),
    ):
        assert (totals.count, totals.not_counted, totals.flows[0].spending) == (2, 1, Decimal(100))
    page = queries.transaction_page(user=anna, wanted=EVERYTHING)
    assert page.day_totals == {date(2025, 11, 9): {"RUB": Decimal(-100)}}


def test_amounts_are_filtered_by_size_whatever_their_sign(anna, account):
    for name, amount in (("мелочь", "-99.99"), ("расход", "-100"), ("доход", "100"), ("крупное", "-500.01")):
        TransactionFactory(account=account, merchant_name=name, amount=Decimal(amount))

    assert found(anna, lowest=Decimal(100), highest=Decimal(500)) == ["доход", "расход"]


def test_period_follows_the_booking_date_to_its_last_day(anna, account):
    november = Period(date(2025, 11, 1), date(2025, 12, 1))
    for name, moment in (
        ("до", datetime(2025, 10, 31, 20, 59, tzinfo=UTC)),
        ("первый", datetime(2025, 10, 31, 21, 0, tzinfo=UTC)),
        ("последний", datetime(2025, 11, 30, 20, 59, tzinfo=UTC)),
        ("после", datetime(2025, 11, 30, 21, 0, tzinfo=UTC)),
    ):
        TransactionFactory(account=account, merchant_name=name, booked_at=moment)

    assert found(anna, period=november) == ["последний", "первый"]


def test_day_totals_count_the_whole_day_though_the_page_cuts_it(anna, account):
    for amount in ("-100", "-200.50", "-300"):
        TransactionFactory(account=account, amount=Decimal(amount))
    TransactionFactory(account=account, slug="transfer-own", amount=Decimal(-5000))
    TransactionFactory(account=account, status="declined", amount=Decimal(-7000))

    page = queries.transaction_page(user=anna, wanted=EVERYTHING, size=2)

    assert page.day_totals == {date(2025, 11, 9): {"RUB": Decimal("-600.50")}}


def test_totals_leave_transfers_and_declined_rows_out_and_count_them(anna, account):
    TransactionFactory(account=account, amount=Decimal("-412.35"))
    TransactionFactory(account=account, amount=Decimal("12.35"), is_refund=True)
    TransactionFactory(account=account, slug="income-salary", amount=Decimal(90000))
    TransactionFactory(account=account, slug="transfer-own", amount=Decimal(-5000))
    TransactionFactory(account=account, status="declined", amount=Decimal(-7000))
    TransactionFactory(account=account, currency="USD", amount=Decimal("-9.99"))

    totals = queries.filtered_totals(user=anna, wanted=EVERYTHING)

    assert (totals.count, totals.transfers, totals.not_counted) == (6, 1, 1)
    rubles, dollars = totals.flows
    assert (rubles.currency, rubles.income, rubles.spending) == ("RUB", Decimal(90000), Decimal(400))
    assert rubles.net == Decimal(89600)
    assert (dollars.currency, dollars.income, dollars.spending) == ("USD", Decimal(0), Decimal("9.99"))


SLUGS = ["groceries-supermarket", "cafe-coffee", "income-salary", "transfer-own"]
ROWS = st.lists(
    st.tuples(
        st.integers(min_value=-(10**9), max_value=10**9).filter(bool),
        st.sampled_from(SLUGS),
        st.sampled_from(["booked", "pending", "declined"]),
        st.sampled_from(["RUB", "USD"]),
        st.integers(min_value=0, max_value=60),
        st.booleans(),
        st.booleans(),
    ),
    max_size=12,
)
WANTED = st.builds(
    TransactionFilter,
    words=st.sampled_from([(), ("кофе",), ("магазин",)]),
    period=st.sampled_from([None, Period(date(2025, 10, 1), date(2025, 11, 1))]),
    kinds=st.frozensets(st.sampled_from(["expense", "income", "transfer"])),
    statuses=st.frozensets(st.sampled_from(["pending", "booked"])),
    marks=st.sampled_from([frozenset(), frozenset({Mark.EXCLUDED})]),
    missing=st.booleans(),
    lowest=st.sampled_from([None, Decimal(1000)]),
    highest=st.sampled_from([None, Decimal(50000)]),
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, wanted=WANTED)
def test_totals_equal_plain_sql(anna, account, rows, wanted):
    Transaction.objects.for_user(anna).delete()
    chosen = {slug: category(slug) for slug in SLUGS}
    made = (
        TransactionFactory.build(
            account=account,
            amount=from_units(units * 100),
            category=chosen[slug],
            status=status,
            currency=currency,
            booked_at=NOW - timedelta(days=days),
            missing_since=NOW if missing else None,
            excluded=excluded,
            description="Кофе" if days % 2 else "Магазин",
            merchant_name="",
        )
        for units, slug, status, currency, days, missing, excluded in rows
    )
    store_transactions(anna, made)

    totals = queries.filtered_totals(user=anna, wanted=wanted)

    count, sums = _plain_sql(anna, wanted)
    assert totals.count == count
    flows = {flow.currency: (flow.income, flow.spending) for flow in totals.flows}
    assert {key: value for key, value in flows.items() if any(value)} == sums


def _plain_sql(user, wanted: TransactionFilter) -> tuple[int, dict[str, tuple[Decimal, Decimal]]]:
    """The same totals, written by hand."""
    clauses, params = ["user_id = %s"], [user.pk]
    for word in wanted.words:
        clauses.append("search_text LIKE %s")
        params.append(f"%{word}%")
    if wanted.period:
        clauses.append("booking_date >= %s AND booking_date < %s")
        params += [wanted.period.start.isoformat(), wanted.period.end.isoformat()]
    if wanted.kinds:
        clauses.append(f"kind IN ({', '.join(['%s'] * len(wanted.kinds))})")
        params += wanted.kinds
    standing = [f"status = '{status}'" for status in wanted.statuses]
    standing += ["missing_since IS NOT NULL"] if wanted.missing else []
    if standing:
        clauses.append(f"({' OR '.join(standing)})")
    if wanted.marks:
        clauses.append("excluded")
    if wanted.lowest is not None:
        clauses.append("abs(amount) >= %s")
        params.append(int(wanted.lowest * 10000))
    if wanted.highest is not None:
        clauses.append("abs(amount) <= %s")
        params.append(int(wanted.highest * 10000))
    where = " AND ".join(clauses)
    counted = f"{where} AND status <> 'declined' AND missing_since IS NULL AND NOT excluded"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM banking_transaction WHERE {where}", params)  # noqa: S608
        count = cursor.fetchone()[0]
        cursor.execute(
            "SELECT currency, sum(CASE kind WHEN 'income' THEN amount ELSE 0 END), "  # noqa: S608
            "sum(CASE kind WHEN 'expense' THEN -amount ELSE 0 END) "
            f"FROM banking_transaction WHERE {counted} GROUP BY currency",
            params,
        )
        sums = {
            currency: (from_units(income), from_units(spending))
            for currency, income, spending in cursor.fetchall()
            if income or spending
        }
    return count, sums
