"""Pages of imports: sending a file, settling its columns, importing, taking back; what is refused and how."""

from decimal import Decimal

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from banking.models import Account, StatementImport, Transaction
from banking.statements import files
from financehub import uploads
from financehub.users.models import User
from tests.factories import NOW, ManualAccountFactory

FILE = "Дата;Списано;Описание\n08.11.2025;120,50;Кофе\n08.11.2025;120,50;Кофе\nпотом;1;Чай\n"
COLUMNS = {"date": "0", "debit": "1", "description": "2", "decimal": ","}


@pytest.fixture(autouse=True)
def _now() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def cash(anna: User) -> Account:
    return ManualAccountFactory(user=anna)


def send(client: Client, account: Account, data: bytes, name: str = "выписка.csv") -> HttpResponse:
    return client.post("/imports/", {"account": account.pk, "file": SimpleUploadedFile(name, data)})


def test_a_file_is_seen_imported_and_taken_back(anna_client: Client, cash: Account) -> None:
    page = send(anna_client, cash, FILE.encode("cp1251"))
    address = page.url
    seen = anna_client.get(address).content.decode()
    assert "Строка 4: дата «потом» не читается." in seen
    assert "120,50" in seen
    assert not Transaction.objects.exists()
    wrong = COLUMNS | {"debit": "", "credit": "1", "do": "check"}
    assert anna_client.post(address, wrong).url == address
    assert "+120,50" in anna_client.get(address).content.decode()
    assert anna_client.post(address, COLUMNS | {"do": "import"}).url == address
    assert [row.amount for row in Transaction.objects.all()] == [Decimal("-120.50")] * 2
    row = Transaction.objects.first()
    assert row is not None
    assert address in anna_client.get(f"/transactions/{row.pk}/").content.decode()
    assert "Отменить загрузку" in anna_client.get(address).content.decode()
    assert "выписка.csv" in anna_client.get("/imports/").content.decode()
    assert "удалено: 2\u00a0операции" in anna_client.post(f"{address}undo/", follow=True).content.decode()
    assert not Transaction.objects.exists()


def test_columns_chosen_by_htmx_show_only_what_would_happen(anna_client: Client, cash: Account) -> None:
    address = send(anna_client, cash, FILE.encode()).url
    part = anna_client.post(address, COLUMNS, headers={"HX-Request": "true"})
    assert part.content.decode().lstrip().startswith('<section class="section" id="check"')
    both = anna_client.post(address, COLUMNS | {"amount": "1"}, headers={"HX-Request": "true"})
    assert both.status_code == 422
    assert "Укажите либо одну сумму" in both.content.decode()


def test_a_file_may_be_left(anna_client: Client, cash: Account) -> None:
    address = send(anna_client, cash, FILE.encode()).url
    assert anna_client.post(address, {"do": "discard"}).url == "/imports/"
    assert not StatementImport.objects.exists()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "пустой"),
        (b"PK\x03\x04zip", "Excel"),
        (b"a;b\n1;\x00", "двоичные"),
        ("Дата;Сумма\n".encode() + b"\xff", "кодировке"),
        (b"<script>alert(1)</script>", "столбцов"),
    ],
)
def test_a_hostile_file_is_refused_in_words(
    anna_client: Client, cash: Account, data: bytes, said: str
) -> None:
    page = send(anna_client, cash, data)
    assert page.status_code == 422
    assert said in page.content.decode()
    assert not StatementImport.objects.exists()


def test_markup_and_formulas_of_a_file_are_only_text(anna_client: Client, cash: Account) -> None:
    file = '<b>date;sum;=cmd|"/c"!A1\n2025-11-08;-1;<img src=x onerror=alert(1)>\n'
    address = send(anna_client, cash, file.encode(), name="<i>.csv").url
    page = anna_client.get(address).content.decode()
    assert "<img" not in page.split("<main", 1)[1]
    assert "<i>.csv" not in page


def test_a_file_that_is_too_long_is_let_go_by(
    anna_client: Client, cash: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 1000)
    page = send(anna_client, cash, FILE.encode() * 100)
    assert page.status_code == 422
    assert "не больше 10 МБ" in page.content.decode()
    assert files.MOST_BYTES < 11 * 2**20


def test_somebody_elses_account_and_import_are_not_found(
    anna_client: Client, boris_client: Client, cash: Account
) -> None:
    assert send(boris_client, cash, FILE.encode()).status_code == 422
    address = send(anna_client, cash, FILE.encode()).url
    assert boris_client.get(address).status_code == 404
    assert boris_client.post(address, COLUMNS | {"do": "import"}).status_code == 404
    assert boris_client.post(f"{address}undo/").status_code == 404


def test_without_a_book_the_page_offers_to_open_one(anna_client: Client) -> None:
    assert "/accounts/new/" in anna_client.get("/imports/").content.decode()
