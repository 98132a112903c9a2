"""Journeys of money between a person's own accounts, in two banks."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPerson
from tests.journeys.person import BankClient, Person
from tests.site_server import Site

pytestmark = pytest.mark.journey


def _chooses(page: Page, label: str, bank: str) -> None:
    """The first rouble account of a bank in a list to choose from."""
    choices = page.get_by_label(label)
    wanted = choices.locator("option", has_text=re.compile(rf"^{bank}, .*(₽|••\s\d{{4}})$"))
    choices.select_option(wanted.first.get_attribute("value"))


def _orders(page: Page, source: str, target: str, amount: str) -> None:
    page.goto("/accounts/")
    page.get_by_role("link", name="Перевести", exact=True).click()
    _chooses(page, "Со счёта", source)
    _chooses(page, "На счёт", target)
    page.get_by_label("Сумма").fill(amount)
    page.get_by_label("Комментарий").fill("Отпуск")
    page.get_by_role("button", name="Дальше").click()
    expect(page.get_by_role("heading", name="Проверьте перевод")).to_be_visible()


def _sends(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Перевести")).click()
    page.wait_for_url("**/transfers/*/")


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_person_makes_an_interbank_transfer(new_person: NewPerson, script: bool) -> None:
    person = new_person(java_script_enabled=script)
    page = person.page
    person.registers()
    person.connects("VBank")
    person.connects("ABank")
    _orders(page, "VBank", "ABank", "1 234,56")
    if script:
        person.finds_the_page_accessible()
    expect(page.get_by_text("Комиссия")).to_be_visible()
    _sends(page)
    expect(page.get_by_text("Перевод выполнен")).to_be_visible(timeout=30_000)
    page.reload()
    expect(page.get_by_text("Перевод выполнен")).to_be_visible()
    if script:
        person.finds_the_page_accessible()

    page.get_by_role("link", name="Квитанция").click()
    expect(page.get_by_text(re.compile(r"1\s234,56"))).not_to_have_count(0)
    page.goto("/transfers/")
    expect(page.get_by_role("link", name="Отпуск")).to_have_count(1)


def test_an_answer_that_was_lost_is_found_again(person: Person, site: Site) -> None:
    page = person.page
    person.connects("VBank")
    person.connects("ABank")
    site.banks.control("vbank", "faults", {"what": "execute_then_drop", "where": "payments", "times": 1})
    _orders(page, "VBank", "ABank", "77,70")
    _sends(page)
    expect(page.get_by_text("Деньги не уйдут дважды")).to_be_visible(timeout=30_000)
    person.finds_the_page_accessible()
    expect(page.get_by_text("Перевод выполнен")).to_be_visible(timeout=60_000)


def test_a_bank_may_ask_its_client_about_a_transfer(person: Person, site: Site) -> None:
    page = person.page
    person.connects("VBank")
    person.connects("ABank")
    site.banks.control("vbank", "switches", {"auto_approve_payments": False})
    _orders(page, "VBank", "ABank", "55,50")
    _sends(page)
    waiting = page.get_by_text("Подтвердите перевод в приложении VBank")
    expect(waiting).to_be_visible(timeout=30_000)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Открыть VBank").click(modifiers=["Control"])
    client = BankClient(opened.value)
    client.logs_in()
    opened.value.get_by_role("button", name="Разрешить перевод").first.click()
    expect(opened.value.get_by_role("status")).to_contain_text("Перевод разрешён")
    site.banks.control("vbank", "switches", {"auto_approve_payments": True})
    page.get_by_role("button", name="Проверить сейчас").click()
    expect(page.get_by_text("Перевод выполнен")).to_be_visible(timeout=60_000)
