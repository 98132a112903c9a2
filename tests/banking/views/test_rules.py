"""The pages of a person's rules: offered after a choice, previewed, saved, applied, forgotten."""

from urllib.parse import urlencode

import pytest

from banking import categorising
from banking.models import Account, CategoryRule, Edit, Transaction
from tests.factories import AccountFactory, CategoryRuleFactory, TransactionFactory

NEW = "/rules/new/"
FORM = {"match": "contains", "text": "пятёрочка", "category": "cafe"}


@pytest.fixture
def account(anna) -> Account:
    return AccountFactory(connection__user=anna)


def test_a_chosen_category_offers_a_rule_with_the_number_of_rows(anna_client, account):
    row, *_ = (TransactionFactory(account=account) for _ in range(3))
    url = f"/transactions/{row.pk}/category/"

    fragment = anna_client.post(url, {"category": "cafe"}, headers={"HX-Request": "true"}).content.decode()
    page = anna_client.get(f"/transactions/{row.pk}/").content.decode()

    address = f"{NEW}?{urlencode({'text': 'Пятёрочка', 'category': 'cafe'})}".replace("&", "&amp;")
    for html in (fragment, page):
        assert f'href="{address}"' in html
        assert "Всегда так для «Пятёрочка» (2)" in html
    assert 'hx-swap-oob="beforeend:#toasts"' in fragment
    assert f'action="/transactions/edits/{Edit.objects.get().pk}/undo/"' in fragment


def test_an_offered_rule_shows_what_it_would_change_and_saves_nothing(anna_client, account):
    TransactionFactory(account=account)

    asked = anna_client.get(NEW, {"text": "Пятёрочка", "category": "cafe"})
    seen = anna_client.post(NEW, FORM | {"do": "preview", "history": "on"})

    assert 'name="history" value="on" checked' in seen.content.decode()
    for response in (asked, seen):
        html = response.content.decode()
        assert response.context["preview"].count == 1
        assert "Применить и к прошлым операциям" in html
        assert "сейчас: Супермаркеты" in html
    assert not CategoryRule.objects.exists()


def test_a_saved_rule_is_applied_on_request_and_told_with_undo(anna_client, account):
    TransactionFactory(account=account)

    response = anna_client.post(NEW, FORM | {"do": "save", "history": "on"}, follow=True)

    html = response.content.decode()
    assert "содержит «пятёрочка»" in html
    assert f"/transactions/edits/{Edit.objects.get().pk}/undo/" in html
    assert Transaction.objects.get().category_reason == "rule"


def test_a_rule_is_changed_applied_and_deleted(anna, anna_client, account):
    TransactionFactory(account=account)
    rule = CategoryRuleFactory(user=anna)

    shown = anna_client.get(f"/rules/{rule.pk}/").content.decode()
    anna_client.post(f"/rules/{rule.pk}/", FORM | {"category": "gifts", "lowest": "1,50"})
    anna_client.post(f"/rules/{rule.pk}/apply/")
    anna_client.post(f"/rules/{rule.pk}/delete/")

    assert 'value="Пятёрочка"' in shown
    assert Transaction.objects.get().category.slug == "gifts"
    assert not CategoryRule.objects.exists()
    assert Edit.objects.get().kind == Edit.Kind.RULE


def test_what_is_applied_to_the_past_is_what_is_shown(anna, anna_client, account):
    TransactionFactory(account=account)
    TransactionFactory(account=account, merchant_name="Лента", description="LENTA")
    rule = CategoryRuleFactory(user=anna)
    applies = f'action="/rules/{rule.pk}/apply/"'

    stored = anna_client.get(f"/rules/{rule.pk}/")
    changed = anna_client.post(f"/rules/{rule.pk}/", FORM | {"text": "лента", "do": "preview"})

    assert applies in stored.content.decode()
    assert changed.context["preview"].count == 1
    assert applies not in changed.content.decode()


def test_a_rule_keeps_a_category_that_was_hidden_since(anna, anna_client, account):
    rule = CategoryRuleFactory(user=anna, slug="gifts")
    categorising.set_hidden(user=anna, category=rule.category, hidden=True)

    html = anna_client.get(f"/rules/{rule.pk}/").content.decode()

    assert '<option value="gifts" selected' in html


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"text": ""}, "Правилу нужно хотя бы одно условие"),
        ({"text": "!!!"}, "Напишите слово или число"),
        ({"mcc": "54"}, "MCC — четыре цифры"),
        ({"lowest": "10", "highest": "5"}, "Верхняя граница меньше нижней"),
        ({"category": "no-such"}, "Такой категории нет"),
        ({"account": "999999"}, "Выберите корректный вариант"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_answered_in_words(anna_client, account, form, told):
    response = anna_client.post(NEW, FORM | form)

    assert response.status_code == 422
    assert told in response.content.decode()
    assert not CategoryRule.objects.exists()
