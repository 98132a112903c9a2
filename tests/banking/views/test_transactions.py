"""The transactions pages: with htmx and without, whatever the query string says."""

from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from banking.models import Account
from tests.factories import (
    NOW,
    AccountFactory,
    BankFactory,
    ConnectionFactory,
    TransactionFactory,
    many_transactions,
)

NBSP = "\u00a0"
LIST = "/transactions/"
PAYLOAD = "<script>alert(1)</script><b hx-get=/x>'\""


@pytest.fixture
def account(anna) -> Account:
    return AccountFactory(connection__user=anna)


def htmx(target: str, **headers: str) -> dict[str, dict[str, str]]:
    return {"headers": {"HX-Request": "true", "HX-Target": target, **headers}}


def page(client, **params) -> str:
    response = client.get(LIST, params)
    assert response.status_code == 200
    return response.content.decode()


def test_list_offers_to_connect_a_bank_when_there_is_none(anna_client):
    html = page(anna_client)

    assert "Подключите первый банк" in html
    assert reverse("banking:connect") in html


def test_list_groups_rows_by_day_with_the_day_total(anna_client, account):
    TransactionFactory(account=account, amount=Decimal("-1234.50"))
    TransactionFactory(account=account, booked_at=NOW - timedelta(days=3))

    html = page(anna_client)

    assert "<h2>Сегодня</h2>" in html
    assert f"<h2>6{NBSP}ноября, четверг</h2>" in html
    assert f"−1{NBSP}234,50{NBSP}₽" in html


def test_pills_say_what_is_special_about_a_row(anna_client, account):
    TransactionFactory(account=account, status="pending")
    TransactionFactory(account=account, status="declined")
    TransactionFactory(account=account, slug="transfer-own")
    TransactionFactory(account=account, is_refund=True, amount=Decimal(5))
    TransactionFactory(account=account, missing_since=NOW)

    html = page(anna_client)

    for pill in ("В обработке", "Отклонена", "Перевод", "Возврат", "Банк больше не показывает"):
        assert f">{pill}</span>" in html
    assert html.count("amount-void") == 2


def test_a_transfer_says_from_where_to_where_on_both_sides(anna, anna_client, account):
    savings = AccountFactory(connection=account.connection, name="Копилка")
    abank = ConnectionFactory(user=anna, bank=BankFactory(code="abank", short_name="ABank"))
    for other in (savings, AccountFactory(connection=abank)):
        sent = TransactionFactory(account=account, slug="transfer-own", amount=Decimal(-100))
        got = TransactionFactory(account=other, slug="transfer-own", amount=Decimal(100))
        for one, two in ((sent, got), (got, sent)):
            one.transfer_pair = two
            one.save()

    titles = [row.title for day in anna_client.get(LIST).context["days"] for row in day.rows]

    assert titles == ["VBank → ABank"] * 2 + ["Зарплатный → Копилка"] * 2


def test_next_page_is_a_link_that_continues_behind_the_last_row(anna_client, account):
    rows = many_transactions(account, 70)

    first = anna_client.get(LIST)
    second = anna_client.get(first.context["next_url"])

    assert shown(first) == [row.pk for row in rows[:50]]
    assert shown(second) == [row.pk for row in rows[50:]]
    assert second.context["next_url"] == ""
    assert "К началу списка" in second.content.decode()


def test_htmx_appends_rows_without_repeating_the_heading_of_the_day(anna_client, account):
    many_transactions(account, 70)
    first = anna_client.get(LIST)

    more = anna_client.get(first.context["next_url"], **htmx("more"))

    html = more.content.decode()
    assert "<html" not in html
    assert html.count('class="row operation"') == 20
    assert more.headers["HX-Replace-Url"] == "/transactions/?shown=100"
    assert more.context["days"][0].header == ""


def test_reload_after_show_more_brings_the_same_rows(anna_client, account):
    many_transactions(account, 120)

    assert len(shown(anna_client.get(LIST, {"shown": "100"}))) == 100
    assert len(shown(anna_client.get(LIST, {"shown": "100000"}))) == 120


def test_history_restoration_gets_the_whole_page(anna_client, account):
    response = anna_client.get(LIST, **htmx("results", **{"HX-History-Restore-Request": "true"}))

    assert "<html" in response.content.decode()
    assert "HX-Request" in response.headers["Vary"]


def test_search_ignores_case_and_spelling(anna_client, account):
    TransactionFactory(account=account, merchant_name="Пятёрочка", description="PYATEROCHKA 14523")
    TransactionFactory(account=account, merchant_name="Магнит", description="MAGNIT")

    html = page(anna_client, q="ПЯТЕРОЧКА")

    assert "Пятёрочка" in html
    assert "Магнит" not in html


def test_htmx_search_answers_the_results_and_the_url_without_empty_fields(anna_client, account):
    TransactionFactory(account=account)

    response = anna_client.get(LIST, {"q": "пятерочка", "period": ""}, **htmx("results"))

    assert "<html" not in response.content.decode()
    assert response.headers["HX-Push-Url"] == f"/transactions/?{urlencode({'q': 'пятерочка'})}"


def test_chips_name_the_filter_and_take_it_off(anna_client, account):
    TransactionFactory(account=account)

    html = page(anna_client, category="groceries", bank="vbank", min="100", q="пятерочка")

    assert "Убрать фильтр: Продукты" in html
    assert "Убрать фильтр: VBank" in html
    assert "Убрать фильтр: от 100,00" in html
    query = urlencode({"q": "пятерочка", "bank": "vbank", "min": "100"}).replace("&", "&amp;")
    assert f'href="/transactions/?{query}"' in html


def test_category_filter_includes_what_is_under_it(anna_client, account):
    TransactionFactory(account=account, slug="groceries-bakery")
    TransactionFactory(account=account, slug="cafe-coffee")

    response = anna_client.get(LIST, {"category": "groceries"})

    assert len(shown(response)) == 1


def test_a_bar_of_a_chart_leads_to_exactly_its_rows(anna_client, account):
    rows = {
        slug: TransactionFactory(account=account, slug=slug, merchant_name=name, booked_at=NOW - age).pk
        for slug, name, age in (
            ("groceries", "Магнит", timedelta(hours=2)),
            ("groceries-bakery", "Магнит Косметик", timedelta(days=1)),
        )
    }
    for params, slug in (
        ({"category": "groceries", "scope": "own"}, "groceries"),
        ({"shop": "Магнит"}, "groceries"),
        ({"shop": "Магнит", "merchant": "магнит"}, "groceries"),
        ({"weekday": "7"}, "groceries"),
        ({"weekday": "6"}, "groceries-bakery"),
    ):
        response = anna_client.get(LIST, params)
        assert shown(response) == [rows[slug]], params
        assert "Убрать фильтр" in response.content.decode()


def test_uncategorised_rows_can_be_asked_for(anna_client, account):
    TransactionFactory(account=account, slug="other", category_reason="default")
    TransactionFactory(account=account)

    assert len(shown(anna_client.get(LIST, {"category": "none"}))) == 1


def test_nothing_found_offers_to_drop_the_filter(anna_client, account):
    html = page(anna_client, q="несуществующее")

    assert "Ничего не найдено" in html
    assert "Сбросить фильтры" in html


def test_totals_come_by_htmx_and_by_a_link(anna_client, account):
    TransactionFactory(account=account, amount=Decimal("-98.35"))
    TransactionFactory(account=account, amount=Decimal(-500), slug="transfer-own")

    by_htmx = anna_client.get(LIST, {"totals": "show"}, **htmx("totals")).content.decode()
    by_link = page(anna_client, totals="show")

    for html in (by_htmx, by_link):
        assert f"2{NBSP}операции" in html
        assert "Переводы не учтены (1)" in html
        assert "98,35" in html
    assert "<html" not in by_htmx


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"since": "31.02.2025"}, "Напишите дату"),
        ({"since": "0001-01-01"}, "Такой даты"),
        ({"until": "99999-01-01"}, "Напишите дату"),
        ({"since": "2025-11-09", "until": "2025-11-01"}, "Последний день раньше первого"),
        ({"min": "1,234"}, "Непонятно, где копейки"),
        ({"min": "-5"}, "Напишите сумму цифрами"),
        ({"min": "1e30"}, "Напишите сумму цифрами"),
        ({"min": "٣"}, "Напишите сумму цифрами"),
        ({"max": "9" * 29}, "Сумма слишком велика"),
        ({"max": "9" * 400}, "Сумма слишком велика"),
        ({"min": "10", "max": "5"}, "Верхняя граница меньше нижней"),
        ({"period": "вчера"}, "Такого значения в списке нет"),
        ({"account": "9" * 40}, "Такого значения в списке нет"),
        ({"bank": "nobank"}, "Такого значения в списке нет"),
        ({"kind": "loss"}, "Такого значения в списке нет"),
        ({"status": "'; drop table"}, "Такого значения в списке нет"),
        ({"category": "no-such"}, "Такой категории нет"),
        ({"category": "a b"}, "Такой категории нет"),
        ({"category": "a\x00b"}, "Такой категории нет"),
        ({"q": "x" * 101}, "не более 100 символов"),
        ({"q": "!!!"}, "Напишите слово или число"),
        ({"q": "a\x00b"}, "Фильтр не применён"),
    ],
)
def test_a_filter_that_cannot_be_meant_is_answered_in_words(anna_client, account, params, message):
    TransactionFactory(account=account)

    html = page(anna_client, **params)

    assert "Фильтр не применён" in html
    assert message in html
    assert 'class="row operation"' not in html


@pytest.mark.parametrize("after", ["", "x", "1-1-1", "9" * 30, "999999999999999999999-1", "1\x00-2"])
def test_a_lost_place_leads_to_the_start(anna_client, account, after):
    html = page(anna_client, after=after)

    assert "Такого места в списке нет" in html


@pytest.mark.parametrize("shown_text", ["-1", "x", "٣", "1e9", "9" * 30])
def test_a_strange_number_of_rows_is_the_usual_one(anna_client, account, shown_text):
    many_transactions(account, 60)

    assert len(shown(anna_client.get(LIST, {"shown": shown_text}))) == 50


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1234,5", "1234.5"),
        ("1 234.50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1.234.567,89", "1234567.89"),
        (f"1{NBSP}234,50 ₽", "1234.50"),
        ("100", "100"),
    ],
)
def test_amounts_are_read_as_people_write_them(anna_client, account, text, amount):
    response = anna_client.get(LIST, {"min": text})

    assert response.context["form"].wanted.lowest == Decimal(amount)


def test_filter_fields_open_in_place_and_without_script(anna_client, account):
    by_htmx = anna_client.get(LIST, {"filters": "open"}, **htmx("filters")).content.decode()
    by_link = page(anna_client, filters="open")

    for html in (by_htmx, by_link):
        assert 'name="category"' in html
        assert "Супермаркеты" in html
    assert 'name="category"' not in page(anna_client)


def test_rows_cost_the_same_queries_whatever_their_number(anna_client, account):
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            anna_client.get(LIST, {"shown": "200"})
        return len(caught)

    many_transactions(account, 10)
    few = queries()
    many_transactions(account, 990)

    assert queries() == few <= 9


def test_detail_shows_the_bank_text_the_code_and_the_reason(anna_client, account):
    row = TransactionFactory(
        account=account, mcc="5411", category_reason="mcc", category_detail="5411", card_last4="1002"
    )

    html = anna_client.get(f"/transactions/{row.pk}/").content.decode()

    assert "PYATEROCHKA 14523 MOSKVA RUS" in html
    assert "MCC 5411 → Супермаркеты" in html
    assert "5411" in html
    assert row.external_id in html


def test_category_changes_without_script_and_leads_back(anna_client, account):
    row = TransactionFactory(account=account)
    url = f"/transactions/{row.pk}/category/"

    small_page = anna_client.get(url, headers={"Referer": "http://testserver/transactions/?q=x"})
    assert 'name="next" value="/transactions/?q=x"' in small_page.content.decode()
    response = anna_client.post(url, {"category": "cafe-coffee", "next": "/transactions/?q=x"})

    assert response.headers["Location"] == "/transactions/?q=x"
    row.refresh_from_db()
    assert (row.category.slug, row.category_reason) == ("cafe-coffee", "person")


def test_category_changes_in_the_row_by_htmx(anna_client, account):
    row = TransactionFactory(account=account)
    url = f"/transactions/{row.pk}/category/"

    editor = anna_client.get(url, **htmx("")).content.decode()
    answer = anna_client.post(url, {"category": "cafe-coffee"}, **htmx("")).content.decode()

    assert "<html" not in editor
    assert "Слово «pyaterochka» в названии → Супермаркеты" in editor
    assert answer.strip().startswith('<li class="row operation"')
    assert "Кофе и чай" in answer


def test_an_unknown_category_changes_nothing(anna_client, account):
    row = TransactionFactory(account=account)

    response = anna_client.post(f"/transactions/{row.pk}/category/", {"category": "nothing"})

    assert response.status_code == 422
    row.refresh_from_db()
    assert row.category.slug == "groceries-supermarket"


def test_note_is_kept_and_too_long_a_one_is_refused(anna_client, account):
    row = TransactionFactory(account=account)
    url = f"/transactions/{row.pk}/note/"

    assert anna_client.post(url, {"note": "на дачу"}).status_code == 302
    row.refresh_from_db()
    assert row.note == "на дачу"

    refused = anna_client.post(url, {"note": "x" * 501})
    assert refused.status_code == 422
    assert "не более 500 символов" in refused.content.decode()


@pytest.mark.parametrize("path", ["", "category/", "note/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_another_person_gets_404(boris_client, account, path, method):
    row = TransactionFactory(account=account)

    response = getattr(boris_client, method)(f"/transactions/{row.pk}/{path}", {"category": "cafe-coffee"})

    assert response.status_code in {404, 405}
    row.refresh_from_db()
    assert row.category.slug == "groceries-supermarket"


def test_a_number_beyond_every_row_is_404(anna_client):
    assert anna_client.get(f"/transactions/{'9' * 30}/").status_code == 404


def test_texts_of_a_bank_are_shown_and_never_run(anna_client, account):
    account.name = PAYLOAD
    account.save()
    row = TransactionFactory(
        account=account,
        merchant_name=PAYLOAD,
        description=PAYLOAD,
        counterparty=PAYLOAD,
        note=PAYLOAD,
        category_detail=PAYLOAD,
        merchant_city=PAYLOAD,
        bank_category="<script>",
        currency="<i>",
    )

    for url in (
        LIST,
        f"/transactions/{row.pk}/",
        f"/transactions/{row.pk}/category/",
        "/accounts/",
        "/overview/",
    ):
        html = anna_client.get(url).content.decode()
        assert "<script>alert" not in html
        assert "<b hx-get" not in html
        assert "<i>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page(anna_client)


def test_nobody_gets_in_without_a_login(client, account):
    row = TransactionFactory(account=account)

    for url in (LIST, f"/transactions/{row.pk}/", f"/transactions/{row.pk}/category/"):
        assert client.get(url).headers["Location"].startswith("/login?next=")


def test_an_expired_login_leaves_the_fragment(client, account):
    response = client.get(LIST, **htmx("results"))

    assert response.headers["HX-Redirect"].startswith("/login")


def shown(response) -> list[int]:
    return [row.pk for day in response.context["days"] for row in day.rows]
