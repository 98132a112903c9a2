"""Journey: all banks at once, of which one is sick and one asks its client."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import NewPerson
from tests.journeys.person import READING_TAKES_AT_MOST, BankClient
from tests.site_server import Site

pytestmark = pytest.mark.journey


@pytest.fixture
def sick_vbank(site: Site) -> Iterator[None]:
    site.banks.control("vbank", "faults", [{"what": "error", "status": 503, "where": "*"}])
    yield
    site.banks.control("vbank", "faults", method="DELETE")


@pytest.mark.usefixtures("sick_vbank")
@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_all_banks_are_connected_on_one_page_and_none_waits_for_another(
    new_person: NewPerson, script: bool
) -> None:
    person = new_person(java_script_enabled=script)
    page = person.page
    person.registers()
    page.goto("/connect/")
    page.get_by_role("button", name="Подключить все банки: 3").click()
    page.wait_for_url("**/connect/all/")

    rows = {name: page.get_by_role("listitem").filter(has_text=name) for name in ("VBank", "ABank", "SBank")}
    main = page.get_by_role("main")
    expect(main).to_contain_text("Подключено 1 из 3", timeout=READING_TAKES_AT_MOST)
    expect(rows["ABank"]).to_contain_text("Данные на")
    expect(rows["VBank"]).to_contain_text("Банк не ответил. Повторим в")
    expect(rows["SBank"]).to_contain_text("Подтвердите доступ в приложении SBank")
    if script:
        person.finds_the_page_accessible()

    with page.expect_popup() as opened:
        rows["SBank"].get_by_role("link", name="Открыть SBank").click()
    client = BankClient(opened.value)
    client.logs_in()
    client.approves()
    expect(main).to_contain_text("Подключено 2 из 3", timeout=READING_TAKES_AT_MOST)
