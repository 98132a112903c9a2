"""Journey: a bank asks to wait; the page says until when, counts down, and looks again at the end."""

import pytest
from playwright.sync_api import expect

from tests.journeys.person import Person
from tests.site_server import Site

pytestmark = pytest.mark.journey


def test_the_time_left_is_counted_down_and_then_the_page_looks_again(person: Person, site: Site) -> None:
    page = person.page
    person.connects("ABank")
    limit = {"what": "rate_limit", "retry_after": 600, "where": "*", "times": 1}
    site.banks.control("abank", "faults", [limit])
    page.goto("/accounts/")
    page.get_by_role("button", name="Обновить").click()
    expect(page.get_by_text("Банк просит подождать до")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("button", name="Обновить")).to_be_disabled()
    person.finds_the_page_accessible()

    page.clock.install()
    page.reload()
    timer = page.get_by_role("timer")
    expect(timer).to_have_text("ещё 10 мин")
    page.clock.run_for(60_000)
    expect(timer).to_have_text("ещё 9 мин")
    with page.expect_response(lambda answer: "hx-request" in answer.request.headers):
        page.clock.run_for(600_000)
    expect(timer).to_have_count(1)  # by the site's clock the wait goes on
