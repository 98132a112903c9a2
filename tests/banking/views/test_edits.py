"""Changes of many rows from the list: ticked, filtered, asked for a category, taken back."""

from decimal import Decimal

import pytest

from banking.models import Account, Edit, Transaction
from tests.factories import AccountFactory, TransactionFactory

EDIT = "/transactions/edit/"
LIST = "/transactions/"


@pytest.fixture
def account(anna) -> Account:
    return AccountFactory(connection__user=anna)


def toasts(response) -> list[tuple[str, str]]:
    return [(str(message), message.extra_tags or "") for message in response.context["messages"]]


def test_the_list_lets_rows_be_ticked_and_says_what_they_come_to(anna_client, account):
    row = TransactionFactory(account=account, amount=Decimal("-12.50"))

    html = anna_client.get(LIST, {"kind": "expense"}).content.decode()

    assert f'form="bulk" name="row" value="{row.pk}" data-amount="-12.50" data-currency="RUB"' in html
    assert '<input type="hidden" name="next" value="/transactions/?kind=expense">' in html


def test_ticked_rows_are_taken_out_with_an_undo_in_the_toast(anna_client, account):
    first, _ = (TransactionFactory(account=account) for _ in range(2))
    form = {"row": [first.pk], "do": "exclude", "next": "/transactions/?q=пят"}

    response = anna_client.post(EDIT, form, follow=True)

    edit = Edit.objects.get()
    undo = f"/transactions/edits/{edit.pk}/undo/"
    assert response.redirect_chain == [("/transactions/?q=%D0%BF%D1%8F%D1%82", 302)]
    assert toasts(response) == [("Не учитывается в суммах: 1\u00a0операция", undo)]
    assert f'action="/transactions/edits/{edit.pk}/undo/"' in response.content.decode()
    assert list(Transaction.objects.filter(excluded=True)) == [first]

    back = anna_client.post(f"/transactions/edits/{edit.pk}/undo/", follow=True)
    assert toasts(back) == [("Отменено: 1\u00a0операция.", "")]
    assert not Transaction.objects.filter(excluded=True).exists()
    again = anna_client.post(f"/transactions/edits/{edit.pk}/undo/", follow=True)
    assert toasts(again) == [("Это изменение уже отменено.", "")]


def test_everything_means_what_the_filter_lets_through(anna_client, account):
    TransactionFactory(account=account, merchant_name="Лента")
    TransactionFactory(account=account, slug="cafe-coffee")

    anna_client.post(EDIT, {"everything": "on", "do": "review", "next": "/transactions/?category=cafe"})

    assert Transaction.objects.exclude(reviewed_at=None).get().category.slug == "cafe-coffee"


def test_a_category_is_asked_for_and_then_given(anna_client, account):
    rows = [TransactionFactory(account=account) for _ in range(2)]
    form = {"row": [row.pk for row in rows], "do": "category", "next": LIST}

    asked = anna_client.post(EDIT, form)
    anna_client.post(EDIT, form | {"category": "cafe"})

    html = asked.content.decode()
    assert "Новая категория" in html
    assert f'name="row" value="{rows[1].pk}"' in html
    assert set(Transaction.objects.values_list("category__slug", "category_reason")) == {("cafe", "person")}


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"do": "exclude"}, "Менять нечего: операции не выбраны или уже такие."),
        ({"do": "category", "category": "no-such", "row": "1"}, "Такой категории нет."),
        ({"do": "exclude", "row": "x"}, "Такого значения в списке нет."),
        ({"do": "exclude", "row": "9" * 30}, "Такого значения в списке нет."),
        ({"do": "category"}, "Менять нечего: операции не выбраны или уже такие."),
        ({"do": "exclude", "everything": "on", "next": "/transactions/?kind=loss"}, "Менять нечего"),
    ],
)
def test_what_cannot_be_done_is_said(anna_client, account, form, told):
    TransactionFactory(account=account)

    response = anna_client.post(EDIT, form, follow=True)

    assert toasts(response)[0][0].startswith(told)
    assert not Edit.objects.exists()


def test_another_persons_rows_are_not_touched(boris_client, account):
    row = TransactionFactory(account=account)

    boris_client.post(EDIT, {"row": [row.pk], "do": "exclude"})

    assert not Transaction.objects.filter(excluded=True).exists()


def test_the_page_of_a_row_tells_its_history_and_the_list_of_changes_offers_undo(anna_client, account):
    row = TransactionFactory(account=account)
    anna_client.post(EDIT, {"row": [row.pk], "do": "category", "category": "cafe"})
    anna_client.post(EDIT, {"row": [row.pk], "do": "exclude"})

    page = anna_client.get(f"/transactions/{row.pk}/").content.decode()
    changes = anna_client.get("/transactions/edits/").content.decode()

    assert "Вы: категория «Супермаркеты» → «Кафе и рестораны»" in page
    assert "Вы: не учитывается в суммах" in page
    assert "Получена из банка" in page
    assert "Учитывать в суммах" in page
    assert changes.count("/undo/") == 2


def test_the_page_before_leads_to_no_other_site(anna_client, account):
    form = {"row": [TransactionFactory(account=account).pk], "do": "review"}

    response = anna_client.post(EDIT, form, headers={"Referer": "http://testserver//evil.example/"})

    assert response["Location"] == LIST
