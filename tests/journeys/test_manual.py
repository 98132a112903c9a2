"""Journeys of money that no bank tells of: an own book, a row by hand, a statement loaded and taken back."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import NewPerson

pytestmark = pytest.mark.journey
FILE = (
    "Дата;Сумма;Описание\n"
    "01.11.2025;-120,50;Кофе\n"
    "01.11.2025;-120,50;Кофе\n"
    "02.11.2025;1000,00;Подарок\n"
    "когда-то;1;Чай\n"
)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_person_loads_a_statement_and_takes_it_back(new_person: NewPerson, script: bool) -> None:
    person = new_person(java_script_enabled=script)
    page = person.page
    person.registers()

    def looks() -> None:
        if script:
            person.finds_the_page_accessible()

    page.goto("/accounts/")
    page.get_by_role("link", name="Добавить счёт вручную").click()
    page.get_by_label("Название").fill("Наличные")
    page.get_by_label("Остаток").fill("5 000")
    looks()
    page.get_by_role("button", name="Добавить счёт").click()
    page.wait_for_url("**/accounts/*/")
    looks()

    page.get_by_role("link", name="Добавить операцию", exact=True).click()
    page.get_by_label("Сумма").fill("1 234,50")
    page.get_by_label("Описание").fill("Пятёрочка")
    looks()
    page.get_by_role("button", name="Записать операцию").click()
    expect(page.get_by_text("Супермаркеты").first).to_be_visible()
    looks()

    page.goto("/accounts/")
    page.get_by_role("link", name="Загрузить выписку").click()
    page.get_by_label("Файл CSV").set_input_files(
        {"name": "выписка.csv", "mimeType": "text/csv", "buffer": FILE.encode("cp1251")}
    )
    page.get_by_role("button", name="Посмотреть файл").click()
    expect(page.get_by_text(re.compile(r"3\sоперации"))).to_be_visible()
    looks()
    page.get_by_label("Описание").select_option("")
    if not script:
        page.get_by_role("button", name="Показать, что получится").click()
    expect(page.get_by_text("Операция без описания").first).to_be_visible()
    page.get_by_label("Описание").select_option("2")
    page.get_by_role("button", name="Загрузить операции").click()
    expect(page.get_by_role("button", name="Отменить загрузку")).to_be_visible()
    looks()

    page.get_by_role("link", name="Открыть счёт").click()
    expect(page.locator(".row", has_text="Кофе")).to_have_count(2)
    page.get_by_role("link", name="Кофе").first.click()
    page.get_by_role("button", name="Удалить операцию").click()
    page.goto("/transactions/deleted/")
    looks()
    page.get_by_role("button", name=re.compile("^Вернуть операцию")).click()
    expect(page.get_by_text("Ничего не удалено")).to_be_visible()

    page.goto("/imports/")
    page.get_by_role("link", name="выписка.csv").click()
    page.get_by_role("button", name="Отменить загрузку").click()
    expect(page.get_by_text(re.compile(r"удалено: 3\sоперации"))).to_be_visible()
    page.goto("/transactions/")
    expect(page.get_by_role("link", name="Пятёрочка")).to_have_count(1)
    expect(page.get_by_role("link", name="Кофе")).to_have_count(0)
