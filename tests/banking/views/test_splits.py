"""Tags, parts and saved views on their pages, without a script."""

from decimal import Decimal

import pytest
from django.test import Client

from banking.models import Account, SavedView, Tag, Transaction
from financehub.users.models import User
from tests.factories import AccountFactory, TransactionFactory


@pytest.fixture
def account(anna: User) -> Account:
    return AccountFactory(connection__user=anna)


@pytest.fixture
def row(account: Account) -> Transaction:
    return TransactionFactory(account=account, amount=Decimal(-100))


def lines(*parts: dict[str, str], way: str = "amount", do: str = "split") -> dict[str, str]:
    sent = {"way": way, "do": do, "lines": str(len(parts))}
    for place, part in enumerate(parts):
        sent |= {f"part{place}-{name}": value for name, value in part.items()}
    return sent


def test_a_row_is_divided_on_its_page_and_made_one_again(anna_client: Client, row: Transaction) -> None:
    address = f"/transactions/{row.pk}/split/"
    first = {"size": "60,5", "category": "cafe", "note": "торт", "tags": "праздник, мама"}
    more = anna_client.post(address, lines(first, {"category": "gifts"}, do="add")).content.decode()
    assert 'name="part2-size"' in more
    assert 'value="60,5"' in more
    page = anna_client.post(address, lines(first, {"category": "gifts", "size": ""}), follow=True)
    html = page.content.decode()
    assert "Разделена на части" in html
    assert "разделена на 2 части" in html
    found = Transaction.objects.filter(part_of=row).order_by("pk")
    assert [(part.amount, part.category.slug, part.note) for part in found] == [
        (Decimal("-60.5"), "cafe", "торт"),
        (Decimal("-39.5"), "gifts", ""),
    ]
    listed = anna_client.get("/transactions/").content.decode()
    assert listed.count("Часть</span>") == 2
    assert f'value="{row.pk}"' not in listed
    part_page = anna_client.get(f"/transactions/{found[0].pk}/").content.decode()
    assert f"/transactions/{row.pk}/" in part_page
    anna_client.post(f"/transactions/{row.pk}/unsplit/")
    assert not Transaction.objects.filter(part_of=row).exists()


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (lines({"size": "60", "category": "cafe"}, {"size": "60", "category": "cafe"}), "всю сумму"),
        (lines({"size": "", "category": "cafe"}, {"size": "60", "category": "cafe"}), "только последнюю"),
        (lines({"size": "x", "category": "cafe"}, {"category": "cafe"}), "цифрами"),
        (lines({"size": "60", "category": "cafe"}, {"size": "60", "category": "cafe"}, way="percent"), "100"),
    ],
)
def test_a_split_that_does_not_add_up_says_why(
    anna_client: Client, row: Transaction, sent: dict[str, str], told: str
) -> None:
    answer = anna_client.post(f"/transactions/{row.pk}/split/", sent)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not Transaction.objects.filter(part_of=row).exists()


def test_tags_are_set_on_a_row_and_on_many(anna_client: Client, account: Account, row: Transaction) -> None:
    anna_client.post(f"/transactions/{row.pk}/tags/", {"tags": "Дача, #мама"})
    other = TransactionFactory(account=account)
    chosen = {"row": [row.pk, other.pk], "next": "/transactions/"}
    asked = anna_client.post("/transactions/edit/", chosen | {"do": "tag"}).content.decode()
    assert '<option value="Дача">' in asked
    anna_client.post("/transactions/edit/", chosen | {"do": "tag", "tags": "отпуск"})
    anna_client.post("/transactions/edit/", chosen | {"do": "untag", "tags": "ДАЧА, неизвестный"})
    assert [[tag.name for tag in each.tags.all()] for each in (row, other)] == [
        ["мама", "отпуск"],
        ["отпуск"],
    ]
    mother = Tag.objects.get(name="мама")
    listed = anna_client.get("/transactions/", {"tag": mother.pk}).content.decode()
    assert listed.count('class="row operation"') == 1
    assert "Убрать фильтр: мама" in listed
    anna_client.post(f"/tags/{mother.pk}/", {"name": "Мама и папа"})
    assert "Мама и папа" in anna_client.get("/tags/").content.decode()
    assert anna_client.post(f"/tags/{mother.pk}/", {"name": "ОТПУСК"}).status_code == 422
    anna_client.post(f"/tags/{mother.pk}/delete/")
    assert [tag.name for tag in row.tags.all()] == ["отпуск"]


def test_a_filter_is_kept_under_a_name(anna_client: Client, boris: User, row: Transaction) -> None:
    query = "kind=expense&period=month&shown=100&nonsense=1"
    anna_client.post("/transactions/views/", {"name": "Траты", "query": query})
    anna_client.post("/transactions/views/", {"name": "траты", "query": "kind=income"})
    view = SavedView.objects.get()
    assert (view.name, view.query) == ("траты", "kind=income")
    html = anna_client.get("/transactions/", {"kind": "income"}).content.decode()
    assert 'aria-current="true">траты' in html
    anna_client.post(f"/transactions/views/{view.pk}/", {"name": "Доходы"})
    for name, query in (("Пусто", ""), ("Чужое", "account=999999"), ("", "kind=income")):
        anna_client.post("/transactions/views/", {"name": name, "query": query})
    assert SavedView.objects.get().name == "Доходы"
    anna_client.post(f"/transactions/views/{view.pk}/delete/")
    assert not SavedView.objects.exists()
