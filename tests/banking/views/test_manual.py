"""Pages of accounts and rows that the person keeps by hand, and of what they deleted."""

import re
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from banking.models import Account, Transaction
from financehub.users.models import User
from tests.factories import NOW, AccountFactory, ManualAccountFactory, TransactionFactory

pytestmark = pytest.mark.usefixtures("anna")
ACCOUNT = {
    "name": "Наличные",
    "kind": "cash",
    "currency": "RUB",
    "opening_balance": "−1 500,50 ₽",
    "opening_on": "01.11.2025",
}
ROW = {"direction": "out", "amount": "1 234,50 ₽", "day": "08.11.2025", "description": "Кофе"}


@pytest.fixture(autouse=True)
def _now() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def cash(anna: User) -> Account:
    return ManualAccountFactory(user=anna)


def test_an_account_is_opened_changed_and_closed(anna: User, anna_client: Client) -> None:
    page = anna_client.post("/accounts/new/", ACCOUNT, follow=True)
    account = Account.objects.get(user=anna)
    assert (account.balance_booked, account.currency) == (Decimal("-1500.50"), "RUB")
    assert "Записываете вы" in page.content.decode()
    listed = anna_client.get("/accounts/").content.decode()
    assert "Вне банков" in listed
    assert "Наличные" in listed
    assert "Вне банков" in anna_client.get("/overview/").content.decode()
    terms = ACCOUNT | {"name": "Сейф", "opening_balance": "10"}
    anna_client.post(f"/accounts/{account.pk}/edit/", terms)
    account.refresh_from_db()
    assert (account.name, account.balance_booked) == ("Сейф", Decimal(10))
    anna_client.post(f"/accounts/{account.pk}/close/")
    assert "Сейф" not in anna_client.get("/accounts/").content.decode()
    anna_client.post(f"/accounts/{account.pk}/close/")
    assert "Сейф" in anna_client.get("/accounts/").content.decode()
    asked = anna_client.get(f"/accounts/{account.pk}/delete/").content.decode()
    assert "Вернуть их будет нельзя" in asked
    anna_client.post(f"/accounts/{account.pk}/delete/")
    assert not Account.objects.filter(user=anna).exists()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"opening_balance": "1,234"}, "Непонятно, где копейки"),
        ({"opening_balance": ""}, "сколько было на счёте"),
        ({"opening_balance": "1000000000"}, "слишком велика"),
        ({"opening_on": "10.11.2025"}, "ещё не наступил"),
        ({"currency": "XXX"}, "XXX"),
        ({"name": "a\0b"}, "символ"),
    ],
)
def test_an_account_with_a_mistake_is_not_opened(
    anna_client: Client, sent: dict[str, str], said: str
) -> None:
    page = anna_client.post("/accounts/new/", ACCOUNT | sent)
    assert page.status_code == 422
    assert said.casefold() in page.content.decode().casefold()
    assert not Account.objects.exists()


def test_a_row_is_written_once_amended_and_deleted(anna_client: Client, cash: Account) -> None:
    form = anna_client.get("/transactions/new/").content.decode()
    key = re.search(r'name="key" value="(\w+)"', form)
    assert key is not None
    sent = ROW | {"account": cash.pk, "key": key[1]}
    for _ in range(2):
        assert anna_client.post("/transactions/new/", sent).status_code == 302
    row = Transaction.objects.get()
    assert (row.amount, row.booking_date.isoformat()) == (Decimal("-1234.50"), "2025-11-08")
    page = anna_client.get(f"/transactions/{row.pk}/").content.decode()
    assert "Записана вами" in page
    assert "Время операции" not in page
    again = anna_client.post("/transactions/new/", sent | {"amount": "5", "do": "again"})
    assert again.url == f"/transactions/new/?account={cash.pk}"
    assert Transaction.objects.count() == 2
    anna_client.post(f"/transactions/{row.pk}/edit/", sent | {"direction": "in"})
    row.refresh_from_db()
    assert row.amount == Decimal("1234.50")
    assert (
        "сумма −1\u00a0234,50 → 1\u00a0234,50" in anna_client.get(f"/transactions/{row.pk}/").content.decode()
    )
    anna_client.post(f"/transactions/{row.pk}/delete/", {"next": "/transactions/"})
    assert f"/transactions/{row.pk}/" not in anna_client.get("/transactions/").content.decode()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"amount": "0"}, "больше нуля"),
        ({"amount": "мало"}, "цифрами"),
        ({"day": "10.11.2025"}, "ещё не наступил"),
        ({"account": "0"}, "из списка"),
        ({"category": "nowhere"}, "категории нет"),
        ({"description": ""}, "поле"),
    ],
)
def test_a_row_with_a_mistake_is_not_written(
    anna_client: Client, cash: Account, sent: dict[str, str], said: str
) -> None:
    page = anna_client.post("/transactions/new/", ROW | {"account": cash.pk} | sent)
    assert page.status_code == 422
    assert said in page.content.decode()
    assert not Transaction.objects.exists()


def test_without_a_book_the_form_offers_to_open_one(anna_client: Client) -> None:
    assert "/accounts/new/" in anna_client.get("/transactions/new/").content.decode()


def test_a_banks_row_is_deleted_and_restored_but_not_rewritten(anna: User, anna_client: Client) -> None:
    row = TransactionFactory(account=AccountFactory(connection__user=anna))
    page = f"/transactions/{row.pk}/"
    assert anna_client.get(f"{page}edit/").status_code == 404
    anna_client.post(f"{page}delete/")
    assert page in anna_client.get("/transactions/deleted/").content.decode()
    assert "Вы удалили эту операцию" in anna_client.get(page).content.decode()
    for gone in ("category/", "delete/"):
        assert anna_client.post(f"{page}{gone}").status_code == 404
    anna_client.post(f"{page}restore/")
    assert page not in anna_client.get("/transactions/deleted/").content.decode()
    assert page in anna_client.get("/transactions/").content.decode()


def test_a_banks_account_is_removed_and_restored(anna: User, anna_client: Client) -> None:
    account = AccountFactory(connection__user=anna, connection__status="expired")
    TransactionFactory(account=account)
    assert (
        "обновления этот счёт не вернут"
        in anna_client.get(f"/accounts/{account.pk}/delete/").content.decode()
    )
    anna_client.post(f"/accounts/{account.pk}/delete/")
    assert anna_client.get(f"/accounts/{account.pk}/").status_code == 404
    assert "Зарплатный" in anna_client.get("/transactions/deleted/").content.decode()
    anna_client.post(f"/accounts/{account.pk}/restore/")
    assert anna_client.get(f"/accounts/{account.pk}/").status_code == 200


def test_somebody_elses_book_takes_nothing(boris_client: Client, cash: Account) -> None:
    assert boris_client.post("/transactions/new/", ROW | {"account": cash.pk}).status_code == 422
    row = TransactionFactory(account=cash)
    for address in (f"/accounts/{cash.pk}/edit/", f"/transactions/{row.pk}/edit/"):
        assert boris_client.post(address, ROW | ACCOUNT).status_code == 404
