"""Journeys around one row: beside its list or on its own page, divided, tagged, found again."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import NewPerson
from tests.journeys.person import Person

pytestmark = pytest.mark.journey

LIST = "/transactions/?kind=expense"


def test_a_row_opens_beside_its_list_and_is_divided(person: Person, new_person: NewPerson) -> None:
    person.connects("VBank")
    page, drawer = person.page, person.page.get_by_role("dialog", name="Операция")
    page.goto(LIST)
    row = page.locator(".operation .row-title").nth(1)
    address = re.compile(re.escape(str(row.get_attribute("href"))) + "$")
    for leave in (page.go_back, lambda: page.keyboard.press("Escape")):
        row.click()
        expect(drawer.get_by_role("heading", level=1)).to_be_visible()
        expect(page).to_have_url(address)
        person.finds_the_page_accessible()
        leave()
        expect(drawer).to_be_hidden()
        expect(page).to_have_url(re.compile(re.escape(LIST) + "$"))
        expect(row).to_be_focused()

    row.click()
    drawer.get_by_label("Теги").fill("дача, мама")
    drawer.get_by_role("button", name="Сохранить теги").click()
    expect(row.locator("..").get_by_text("дача")).to_be_visible()
    expect(page).to_have_url(re.compile(re.escape(LIST) + "$"))

    row.click()
    drawer.get_by_role("link", name="Разделить").click()
    page.get_by_text("По процентам").click()
    page.get_by_label("Сколько").first.fill("30")
    page.get_by_role("button", name="Ещё часть").click()
    expect(page.get_by_role("group", name="Часть 3")).to_be_visible()
    page.get_by_label("Сколько").nth(1).fill("30")
    page.get_by_label("Категория").nth(1).select_option("gifts")
    person.finds_the_page_accessible()
    page.get_by_role("button", name="Разделить", exact=True).click()
    expect(page.locator(".pill", has_text="Часть")).to_have_count(3)
    amounts = person.sees_amounts(page.locator(".operation"))
    whole = page.locator(".transaction-amount").inner_text()
    assert f"{sum(amounts):.2f}".replace(".", ",").replace("-", "−") in re.sub(r"\s", "", whole)
    person.finds_the_page_accessible()

    page.goto(LIST)
    page.get_by_text("Сохранить вид").click()
    page.get_by_label("Название вида").fill("Траты")
    page.get_by_role("button", name="Сохранить", exact=True).click()
    page.goto("/transactions/")
    page.get_by_role("link", name="Траты").click()
    expect(page).to_have_url(re.compile(re.escape(LIST) + "$"))
    expect(page.locator(".pill", has_text="Часть")).to_have_count(3)

    plain = new_person(java_script_enabled=False).page
    plain.context.add_cookies(page.context.cookies())
    plain.goto(LIST)
    plain.locator(".operation .row-title").first.click()
    expect(plain.get_by_role("heading", level=1)).to_be_visible()
    expect(plain.get_by_role("button", name="Сохранить теги")).to_be_visible()
