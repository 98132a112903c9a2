"""Journeys through the list: search, filter, read on, and put a row where it belongs."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.person import Person

pytestmark = pytest.mark.journey


@pytest.fixture
def connected(person: Person) -> Person:
    person.connects("VBank")
    return person


def test_search_and_filters_live_in_the_address(connected: Person) -> None:
    page = connected.page
    page.goto("/transactions/")
    connected.finds_the_page_accessible()
    page.get_by_role("searchbox").fill("магнит")
    titles = page.locator(".operation .row-title")
    expect(titles.first).to_contain_text("Магнит")
    assert all("Магнит" in title for title in titles.all_inner_texts())

    page.get_by_label("Период").select_option("year")
    page.wait_for_url(re.compile(r"q=.*period=year|period=year.*q="))
    page.reload()
    expect(page.get_by_role("searchbox")).to_have_value("магнит")
    expect(titles.first).to_contain_text("Магнит")

    page.get_by_role("searchbox").fill("такого магазина нет")
    expect(page.get_by_text("Ничего не найдено")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Сбросить фильтры").click()
    expect(titles.first).to_be_visible()


def test_more_filters_narrow_the_list(connected: Person) -> None:
    page = connected.page
    page.goto("/transactions/")
    page.get_by_role("link", name="Ещё фильтры").click()
    page.get_by_role("checkbox", name="Продукты", exact=False).first.check()
    page.get_by_label("Сумма от").fill("1000")
    connected.finds_the_page_accessible()
    page.get_by_role("button", name="Показать операции").click()
    page.wait_for_url(re.compile("category=groceries"))
    amounts = connected.sees_amounts(page.locator(".operation"))
    assert amounts
    assert all(abs(amount) >= 1000 for amount in amounts)


def test_the_list_reads_on_without_repeating(connected: Person) -> None:
    page = connected.page
    page.goto("/transactions/")
    rows = page.locator(".operation .row-title")
    expect(rows.first).to_be_visible()
    first = rows.count()
    page.get_by_role("link", name="Показать ещё").click()
    expect(rows.nth(first)).to_be_visible()
    page.get_by_role("link", name="Показать ещё").click()
    expect(rows.nth(2 * first)).to_be_visible()
    links = [row.get_attribute("href") for row in rows.all()]
    assert len(set(links)) == len(links)


def test_a_category_is_changed_in_its_row_and_stays(connected: Person) -> None:
    page = connected.page
    page.goto("/transactions/?q=магнит")
    row = page.locator(".operation").first
    address = row.locator(".row-title").get_attribute("href")
    row.locator(".category-button").click()
    editor = row.get_by_label("Категория")
    expect(row.locator("small", has_text=re.compile("MCC|Магнит|код|слов", re.IGNORECASE))).to_be_visible()
    editor.select_option("cafe")
    expect(row.locator(".category-button")).to_have_text(re.compile("Кафе"))

    page.reload()
    expect(page.locator(".operation").first.locator(".category-button")).to_have_text(re.compile("Кафе"))
    page.goto(str(address))
    expect(page.get_by_role("main")).to_contain_text(re.compile("выбрали|вручную|вы ", re.IGNORECASE))
    connected.finds_the_page_accessible()


def test_an_account_shows_its_history(connected: Person) -> None:
    page = connected.page
    page.goto("/accounts/")
    page.locator(".account-row .row-title").first.click()
    expect(page.locator("[data-chart]")).to_be_visible()
    expect(page.locator(".operation").first).to_be_visible()
    connected.finds_the_page_accessible()


def test_the_dashboard_adds_the_accounts_up(connected: Person) -> None:
    page = connected.page
    page.goto("/accounts/")
    roubles = page.locator(".account-row", has_text="₽")
    total = sum(connected.sees_amounts(roubles))
    page.goto("/overview/")
    shown = re.sub(r"\s", "", page.get_by_role("main").inner_text())
    assert f"{total:.2f}".replace(".", ",").replace("-", "−") in shown
    connected.finds_the_page_accessible()


def test_rows_are_chosen_and_changed_from_the_keyboard(connected: Person) -> None:
    page = connected.page
    page.goto("/transactions/?kind=expense")
    expect(page.locator(".operation").first).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(page.get_by_text(re.compile("Выбрано 2 · −"))).to_be_visible()
    for everything, told in ((True, re.compile("^Все найденные$")), (False, re.compile("^Выбрано 2 · −"))):
        page.get_by_label("Все найденные").set_checked(everything)
        expect(page.locator(".selection output")).to_have_text(told)
    connected.finds_the_page_accessible()
    page.get_by_role("button", name="Не учитывать", exact=True).click()
    expect(page.locator(".pill", has_text="Не учитывается")).to_have_count(2)
    page.get_by_role("button", name="Отменить").click()
    expect(page.get_by_text("Отменено: 2")).to_be_visible()
    expect(page.locator(".pill", has_text="Не учитывается")).to_have_count(0)
    page.wait_for_load_state()

    page.keyboard.press("j")
    page.keyboard.press("c")
    page.get_by_role("combobox", name="Категория").select_option("gifts")
    offer = page.get_by_role("link", name=re.compile("Всегда так для"))
    expect(offer).to_be_visible()

    page.keyboard.press("?")
    page.get_by_label("Клавиши включены на этом устройстве").uncheck()
    page.get_by_role("button", name="Закрыть").first.click()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).not_to_be_focused()

    offer.click()
    connected.finds_the_page_accessible()
    page.get_by_label("Применить и к прошлым операциям").check()
    page.get_by_role("button", name="Сохранить правило").click()
    expect(page.get_by_text(re.compile("Правило применено"))).to_be_visible()
    for address in ("/rules/", "/categories/", "/transactions/edits/"):
        page.goto(address)
        connected.finds_the_page_accessible()
