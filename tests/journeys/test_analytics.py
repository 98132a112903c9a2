"""Journeys through the reports: by pointer and by keyboard down to the rows, and on a phone."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import NewPerson
from tests.journeys.person import Person

pytestmark = pytest.mark.journey

TABS = ("", "categories/", "trends/", "recurring/", "forecast/", "capital/")


def test_reports_are_accessible_and_lead_to_their_rows(person: Person) -> None:
    page = person.page
    for tab in TABS:
        page.goto(f"/analytics/{tab}")
        person.finds_the_page_accessible()
    person.connects("VBank")
    opens_every_report(person)

    page.goto("/analytics/categories/?period=12-months")
    bar = page.locator("main .bar").first
    shown = re.sub(r"\s", "", bar.locator(".bar-value").inner_text())
    bar.get_by_role("link").click()
    page.wait_for_url("**/transactions/**")
    totals = page.locator("#totals")
    expect(totals).to_contain_text("Расходы")
    assert shown.lstrip("−") in re.sub(r"\s", "", totals.inner_text())

    page.goto("/analytics/")
    page.get_by_label("Период", exact=True).select_option("12-months")
    page.wait_for_url("**period=12-months**")
    page.get_by_role("navigation", name="Отчёты").get_by_role("link", name="Динамика").click()
    page.wait_for_url("**/trends/?period=12-months")
    slot = page.locator(".chart-slot").first
    slot.focus()
    expect(page.locator(".chart-readout").first).to_have_text(str(slot.get_attribute("aria-label")))
    page.keyboard.press("Enter")
    page.wait_for_url("**/transactions/**")


def test_a_phone_shows_reports_without_scrolling_sideways(new_person: NewPerson) -> None:
    person = new_person(viewport={"width": 360, "height": 800})
    person.registers()
    person.connects("VBank")
    opens_every_report(person)


def opens_every_report(person: Person) -> None:
    """All tabs with all that can be opened on them: accessible, and no wider than the screen."""
    for tab in TABS:
        person.page.goto(f"/analytics/{tab}?period=12-months")
        for summary in person.page.locator("main summary:visible").all():
            summary.click()
        root = "document.documentElement"
        assert person.page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth"), tab
        person.finds_the_page_accessible()
