"""The page of categories: own ones made, renamed and merged, any of them hidden."""

import pytest

from banking.models import Account, Category, Transaction
from tests.factories import AccountFactory, TransactionFactory, category

PAGE = "/categories/"


@pytest.fixture
def account(anna) -> Account:
    return AccountFactory(connection__user=anna)


def test_an_own_category_is_offered_renamed_and_merged_with_undo(anna_client, account):
    row = TransactionFactory(account=account)
    anna_client.post(PAGE, {"name": "Обеды", "icon": "🍲", "parent": "cafe"})
    own = Category.objects.get(name_ru="Обеды")
    anna_client.post(f"/transactions/{row.pk}/category/", {"category": own.slug})
    anna_client.post(f"{PAGE}{own.pk}/", {"name": "Обеды в офисе"})

    shown = anna_client.get(PAGE).content.decode()
    merged = anna_client.post(f"{PAGE}{own.pk}/merge/", {"category": "cafe-coffee"}, follow=True)

    assert (own.parent, own.kind, own.hue) == (category("cafe"), "expense", category("cafe").hue)
    assert "Обеды в офисе" in shown
    assert "Категории объединены: 1\u00a0операция" in merged.content.decode()
    assert Transaction.objects.get().category.slug == "cafe-coffee"
    refused = anna_client.post(f"{PAGE}{own.pk}/merge/", {"category": "income-salary"}, follow=True)
    assert "того же вида" in refused.content.decode()


def test_a_hidden_category_is_not_offered_and_can_be_shown_again(anna_client, account):
    row = TransactionFactory(account=account)
    gifts = category("gifts")
    anna_client.post(f"{PAGE}{gifts.pk}/hide/", {"hidden": "on"})
    without = anna_client.get(f"/transactions/{row.pk}/category/").content.decode()
    anna_client.post(f"{PAGE}{gifts.pk}/hide/")
    again = anna_client.get(f"/transactions/{row.pk}/category/").content.decode()

    assert 'value="gifts"' not in without
    assert 'value="gifts"' in again


def test_a_common_category_has_no_page_and_a_bad_form_is_answered(anna_client):
    assert anna_client.get(f"{PAGE}{category('cafe').pk}/").status_code == 404
    assert anna_client.post(PAGE, {"name": ""}).status_code == 422
    assert anna_client.post(PAGE, {"name": "x", "parent": "cafe-coffee"}).status_code == 422
