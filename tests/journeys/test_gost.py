"""Journey to the proof: a person in the GOST mode connects a bank and sees what was measured."""

import re

import pytest
from playwright.sync_api import expect

from banking.clients.gost.engine import PACKAGE, engine_file
from tests.gost.stage import without_engine
from tests.journeys.conftest import NewPerson

pytestmark = pytest.mark.journey


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_person_in_the_gost_mode_sees_the_proof(new_person: NewPerson, script: bool) -> None:
    if engine_file() is None:
        without_engine(f"no GOST engine: apt-get install {PACKAGE}")
    person = new_person(java_script_enabled=script)
    page = person.page
    person.logs_in("team075-demo", "gost2024")
    bank = "VBank" if script else "ABank"
    person.asks_for_access_to(bank)
    person.waits_until_connected(bank)

    page.goto("/accounts/")
    expect(page.locator(".account-row").first).to_be_visible()
    page.locator("section", has=page.get_by_role("heading", name=bank)).get_by_role(
        "link", name="ГОСТ"
    ).click()
    proof = page.locator("section", has=page.get_by_role("heading", name=bank, exact=True)).last
    expect(proof).to_contain_text("Рукопожатие ГОСТ выполнено и проверено")
    expect(proof).to_contain_text("TLS_GOSTR341112_256_WITH_KUZNYECHIK_CTR_OMAC (0xC100)")
    expect(proof).to_contain_text("GOST R 34.10-2012")
    expect(proof).to_contain_text("FinanceHub Test GOST CA")

    page.get_by_role("button", name="Проверить сейчас").click()
    expect(page.locator("#gost-result")).to_contain_text(re.compile("за шлюзом отвечает HTTP"))
    if script:
        person.finds_the_page_accessible()
