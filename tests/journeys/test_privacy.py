"""Journeys at the edges: language and theme, logging out, what the browser keeps, the keyboard alone."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import NewPerson
from tests.journeys.person import PASSWORD, Person

pytestmark = pytest.mark.journey


def test_theme_and_language_are_remembered(person: Person) -> None:
    page = person.page
    person.opens_the_menu()
    page.get_by_role("button", name="Тёмная тема").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    person.finds_the_page_accessible()

    page.goto("/settings")
    person.finds_the_page_accessible()
    page.get_by_label("Язык").select_option("en")
    page.get_by_role("button", name="Сохранить").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.context.clear_cookies(name="language")
    page.goto("/overview/")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    assert re.search("[А-Яа-я]", page.get_by_role("main").inner_text()) is None


def test_back_after_logout_shows_nothing_private(person: Person) -> None:
    page = person.page
    person.connects("VBank")
    page.goto("/accounts/")
    expect(page.locator(".account-row").first).to_be_visible()
    person.logs_out()
    page.go_back()
    expect(page.locator(".account-row")).to_have_count(0)
    page.goto("/accounts/")
    page.wait_for_url("**/login?next=/accounts/")


def test_the_browser_keeps_no_data(person: Person) -> None:
    page = person.page
    person.connects("VBank")
    for path in ("/overview/", "/accounts/", "/transactions/"):
        page.goto(path)
    assert page.evaluate("Object.entries(localStorage)") == []
    assert page.evaluate("Object.keys(sessionStorage)") == ["htmx-current-path-for-history"]
    assert page.evaluate("caches.keys()") == []
    names = {cookie["name"] for cookie in page.context.cookies()}
    assert names <= {"session", "csrf", "language", "theme"}
    session = next(cookie for cookie in page.context.cookies() if cookie["name"] == "session")
    assert session["httpOnly"]
    assert session["sameSite"] == "Lax"


def test_a_stolen_session_cookie_dies_with_the_logout(person: Person, new_person: NewPerson) -> None:
    stolen = [cookie for cookie in person.page.context.cookies() if cookie["name"] == "session"]
    person.logs_out()
    thief = new_person().page
    thief.context.add_cookies(stolen)
    thief.goto("/accounts/")
    thief.wait_for_url("**/login?next=/accounts/")


def test_keyboard_alone_logs_in_and_walks(person: Person) -> None:
    page = person.page
    login = str(page.locator(".menu-note").first.text_content()).strip()
    person.logs_out()

    page.goto("/login")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_class(re.compile("skip-link"))
    _tab_to(page, page.get_by_label("Логин или e-mail"))
    page.keyboard.type(login)
    _tab_to(page, page.get_by_label("Пароль"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/overview/")

    _tab_to(page, page.get_by_role("navigation").get_by_role("link", name="Счета").locator("visible=true"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/")
    _tab_to(page, page.get_by_role("main").get_by_role("link", name="Подключить банк"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/connect/")


@pytest.mark.parametrize("path", ["/", "/login", "/register", "/connect/", "/connect/sbank/", "/settings"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_fit_a_phone_and_everybody(new_person: NewPerson, path: str, theme: str) -> None:
    person = new_person(color_scheme=theme, viewport={"width": 360, "height": 800})
    if path not in {"/", "/login", "/register"}:
        person.registers()
    person.page.goto(path)
    person.finds_the_page_accessible()
    sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert person.page.evaluate(sideways) <= 0


def _tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(40):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab never reaches {wanted}")
