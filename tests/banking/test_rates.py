"""Exchange rates: read, kept, and used on the days of the rows they value."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.translation import override
from rest_framework.test import APIClient

from banking import tasks
from banking.clients import errors
from banking.clients.rates import DailyRates, NotRates, Rate, RatesClient, parse
from banking.models import Account, ExchangeRate
from banking.presenters import rates as presenters
from banking.queries import rates as queries
from banking.queries.transaction_filter import TransactionFilter
from banking.services import rates
from financehub.money import Money
from financehub.periods import Period
from financehub.users.models import User
from tests.bank_server import TODAY, BankServer, running_banks
from tests.factories import NOW, AccountFactory, ConnectionFactory, TransactionFactory

DAY = date(2025, 11, 7)
LIST = """<?xml version="1.0" encoding="windows-1251"?>
<ValCurs Date="{day}" name="Foreign Currency Market">
<Valute ID="R01235"><NumCode>840</NumCode><CharCode>USD</CharCode><Nominal>1</Nominal>
<Name>Доллар США</Name><Value>81,2345</Value><VunitRate>81,2345</VunitRate></Valute>
<Valute ID="R01375"><NumCode>156</NumCode><CharCode>CNY</CharCode><Nominal>{nominal}</Nominal>
<Name>Юаней</Name><Value>{value}</Value></Valute></ValCurs>"""


def document(day: str = "07.11.2025", nominal: str = "10", value: str = "113,4567") -> bytes:
    return LIST.format(day=day, nominal=nominal, value=value).encode("windows-1251")


def published(currency: str, day: date, rate: str, source: str = "cbr") -> ExchangeRate:
    return ExchangeRate.objects.create(currency=currency, date=day, rate=Decimal(rate), source=source)


def test_list_is_read_with_its_nominals_and_decimal_commas() -> None:
    expected = (Rate("USD", Decimal("81.2345")), Rate("CNY", Decimal("11.34567")))
    assert parse(document()) == DailyRates(DAY, expected)


BOMB = '<!DOCTYPE v [<!ENTITY a "aaaaa"><!ENTITY b "&a;&a;&a;&a;">]><ValCurs Date="07.11.2025">&b;</ValCurs>'
FILE = '<!DOCTYPE v [<!ENTITY f SYSTEM "file:///etc/passwd">]><ValCurs Date="07.11.2025">&f;</ValCurs>'


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (BOMB.encode(), "a document type"),
        (FILE.encode(), "a document type"),
        (b'<!DOCTYPE v SYSTEM "http://127.0.0.1/x.dtd"><ValCurs/>', "a document type"),
        (b'<?xml version="1.0" encoding="utf-7"?><ValCurs/>', "an encoding"),
        (b"<ValCurs>Error in parameters</ValCurs>", "no currency"),
        (b"<a><b><c><d/></c></b></a>", "nested too deep"),
        (b"\x00\xff nonsense", "not XML"),
        (b"", "not XML"),
        (document(day="31.02.2025"), "no day"),
        (document(nominal="0"), "Nominal"),
        (document(value="-5"), "Value"),
        (document(value="0,0000"), "a rate of nothing"),
        (document(value="1" * 101), "a text too long"),
        (document().replace(b"CNY", b"USD"), "a currency twice"),
        (document().replace(b"CNY", b"cny"), "CharCode"),
    ],
)
def test_what_is_no_list_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(NotRates, match=reason):
        parse(body)


def test_files_are_loaded_with_their_source_and_again(db: None, tmp_path: Path) -> None:
    file = tmp_path / "rates.xml"
    file.write_bytes(document())
    call_command("load_rates", file)
    file.write_bytes(document(value="120,0000"))
    call_command("load_rates", file, source="bundled")
    found = ExchangeRate.objects.order_by("currency").values_list("currency", "date", "rate", "source")
    assert list(found) == [("CNY", DAY, Decimal(12), "bundled"), ("USD", DAY, Decimal("81.2345"), "bundled")]
    file.write_bytes(BOMB.encode())
    with pytest.raises(CommandError, match="a document type"):
        call_command("load_rates", file)


@pytest.fixture(scope="module")
def banks(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with running_banks(tmp_path_factory.mktemp("banks") / "banks.sqlite3") as server:
        yield server


def test_bundled_banks_publish_on_days_that_begin_after_a_working_day(banks: BankServer) -> None:
    with RatesClient(url=banks.root + "/rates/XML_daily.asp") as client:
        saturday, monday = (client.fetch(date(2026, 10, day)) for day in (10, 12))
    assert saturday == monday
    assert saturday.day == date(2026, 10, 10)
    assert {one.currency for one in saturday.rates} == {"USD", "EUR", "CNY"}


def test_days_that_are_missing_are_asked_for_at_both_ends(db: None, banks: BankServer, settings: Any) -> None:
    settings.RATES_URL, settings.RATES_SOURCE = banks.root + "/rates/XML_daily.asp", "bundled"
    today = TODAY.date()
    assert rates.fill(today=today - timedelta(days=3), most=1) is False
    assert rates.fill(today=today, since=today - timedelta(days=20), most=9)
    assert not rates.fill(today=today, since=today - timedelta(days=20))
    days = set(ExchangeRate.objects.values_list("date", flat=True))
    wanted = {today - timedelta(days=back) for back in range(20)}
    assert {day for day in wanted if day.isoweekday() not in {1, 7}} <= days
    assert set(ExchangeRate.objects.values_list("source", flat=True)) == {"bundled"}


def test_a_publisher_that_answers_with_another_day_is_not_believed(banks: BankServer) -> None:
    far = TODAY.date() + timedelta(days=40)
    for path, reason in [("/rates/XML_daily.asp", "another day"), ("/vbank/health", "not XML")]:
        with (
            RatesClient(url=banks.root + path) as client,
            pytest.raises(errors.InvalidResponse, match=reason),
        ):
            client.fetch(far)


def test_worker_asks_nobody_without_an_address(db: None) -> None:
    tasks.load_rates(None)
    assert not ExchangeRate.objects.exists()


def test_rate_is_of_the_day_or_the_last_one_before_it_ten_days_back_at_most(db: None) -> None:
    published("USD", DAY, "80")
    published("USD", DAY + timedelta(days=1), "90")
    book = queries.book(["USD", "RUB"], Period(DAY - timedelta(days=1), DAY + timedelta(days=30)))

    def rate(days: int) -> Decimal | None:
        found = book.on("USD", DAY + timedelta(days=days))
        return None if found is None else found.rate

    assert [rate(days) for days in (-1, 0, 1, 11, 12)] == [None, 80, 90, 90, None]


def test_amounts_are_valued_on_their_own_days_or_not_at_all(db: None) -> None:
    published("USD", DAY, "80")
    published("USD", DAY + timedelta(days=1), "90.123456")
    book = queries.book(["USD"], Period(DAY, DAY + timedelta(days=9)))
    dollars, rubles = Money(Decimal("10.00"), "USD"), Money(Decimal("5.00"), "RUB")
    found = book.value([(DAY, dollars), (DAY + timedelta(days=1), dollars), (DAY, rubles)])
    assert found.amount == Decimal("1706.23")
    assert [rate.day for rate in found.rates] == [DAY, DAY + timedelta(days=1)]
    with_yuan = book.value([(DAY, dollars), (DAY, Money(Decimal(1), "CNY"))])
    assert (with_yuan.amount, with_yuan.missing) == (None, ("CNY",))


def test_source_and_day_of_a_rate_are_named(db: None) -> None:
    published("USD", DAY, "80")
    published("EUR", DAY, "90", source="bundled")
    book = queries.book(["USD", "EUR"], Period(DAY, DAY + timedelta(days=1)))
    found = book.value([(DAY, Money(Decimal(1), "USD")), (DAY, Money(Decimal(1), "EUR"))])
    with override("ru"):
        shown = presenters.home_total(found, today=DAY)
    assert shown is not None
    assert shown.text.replace("\xa0", " ") == "170,00 ₽"
    note = shown.note.replace("\xa0", " ")
    assert note == "по курсу Банка России на 7 ноября, по вымышленному курсу демо-банков на 7 ноября"


@pytest.fixture
def dollars(anna: User) -> Iterator[Account]:
    connection = ConnectionFactory(user=anna)
    AccountFactory(connection=connection, net_amount=Decimal("1000.00"))
    with time_machine.travel(NOW, tick=False):
        AccountFactory(connection=connection, currency="USD", net_amount=Decimal("10.00"))
        yield Account.objects.get(currency="USD")


def test_flow_in_rubles_takes_each_rows_own_day(anna: User, dollars: Account) -> None:
    published("USD", DAY, "80")
    published("USD", DAY + timedelta(days=1), "90")
    for back in (2, 1):
        TransactionFactory(account=dollars, amount=Decimal("-1.00"), booked_at=NOW - timedelta(days=back))
    wanted = TransactionFilter(period=Period(DAY, DAY + timedelta(days=2)))
    found = queries.flow_in_home(user=anna, wanted=wanted)
    assert (found.income.amount, found.spending.amount) == (0, 170)
    found = queries.flow_in_home(user=anna, wanted=TransactionFilter(period=Period(DAY, DAY)))
    assert found.spending.amount == 0


@pytest.mark.parametrize("page", ["/overview/", "/accounts/", "/analytics/capital/"])
def test_pages_add_currencies_only_by_a_stated_rate(anna_client: Client, dollars: Account, page: str) -> None:
    def text() -> str:
        return anna_client.get(page).content.decode().replace("\xa0", " ")

    without = text()
    assert "Общей суммы в рублях нет: неизвестен курс USD." in without
    assert "Банка России" not in without
    published("USD", DAY + timedelta(days=1), "90")
    with_rate = text()
    assert "1 900,00 ₽" in with_rate
    assert "по курсу Банка России на 8 ноября" in with_rate
    assert "Общей суммы в рублях нет" not in with_rate


def test_api_tells_the_sum_with_its_rates(dollars: Account, anna_api: APIClient) -> None:
    def told() -> Any:
        return anna_api.get("/api/v1/analytics/summary").json()["balance_in_base"]

    assert told() == {"currency": "RUB", "amount": None, "rates": [], "missing": ["USD"]}
    published("USD", DAY, "80.5")
    assert told() == {
        "currency": "RUB",
        "amount": 1805,
        "rates": [{"currency": "USD", "rate": 80.5, "date": "2025-11-07", "source": "cbr"}],
        "missing": [],
    }
