"""The API's documentation is read and tried in the browser, under the site's strict policy."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import NewPerson

pytestmark = pytest.mark.journey


def test_a_call_is_tried_on_the_documentation_page(new_person: NewPerson) -> None:
    page = new_person().page
    page.goto("/api/v1/docs")
    page.locator(".opblock-summary", has_text="/api/v1/banks/available-banks").click()
    page.get_by_role("button", name="Execute").click()
    answer = page.locator(".live-responses-table .response-col_description").last
    expect(answer).to_contain_text("Virtual Bank")
