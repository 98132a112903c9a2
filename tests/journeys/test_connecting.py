"""Journeys to the first figures: a bank that opens at once, one that asks its client, one refused."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys import bank
from tests.journeys.conftest import NewPerson
from tests.journeys.person import BankClient, Person
from tests.site_server import Site

pytestmark = pytest.mark.journey

DEMO_CLIENT = "team075-1"  # the demo's first person is the banks' first client


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_demo_connects_vbank_and_sees_what_the_bank_has(
    new_person: NewPerson, site: Site, script: bool
) -> None:
    demo = new_person(java_script_enabled=script)
    page = demo.page
    demo.logs_in("demo", "demo123")
    if script:
        demo.finds_the_page_accessible()
    demo.asks_for_access_to("VBank")
    demo.waits_until_connected("VBank")

    page.get_by_role("link", name="Посмотреть счета").click()
    assert sorted(demo.sees_amounts(page.locator(".account-row"))) == sorted(
        bank.available(site.banks, "vbank", DEMO_CLIENT)
    )

    page.goto("/transactions/")
    count = bank.count_transactions(site.banks, "vbank", DEMO_CLIENT)
    expect(page.locator("#totals b").first).to_have_text(
        re.compile(rf"^{count:,}".replace(",", r"\s") + r"\s")
    )
    expect(page.locator(".operation").first).to_be_visible()

    page.goto("/transactions/?q=магнит")
    if not script:
        page.get_by_role("link", name="Показать итоги").click()
    expect(page.locator("#totals b").first).to_have_text(re.compile(r"^\d+\s"))

    page.goto("/accounts/")
    page.get_by_role("link", name="Отключить").click()
    page.get_by_role("main").get_by_role("button", name=re.compile("Отключить")).click()
    expect(page.get_by_text("Подключите первый банк")).to_be_visible()


def test_progress_is_shown_while_the_bank_is_slow(person: Person, site: Site) -> None:
    faults = [{"what": "latency", "where": "transactions", "seconds": 0.3, "times": 12}]
    site.banks.control("abank", "faults", faults)
    person.asks_for_access_to("ABank")
    progress = person.page.get_by_role("progressbar")
    expect(progress).to_be_visible()
    person.page.reload()
    expect(person.page.get_by_text("Читаем счета и операции")).to_be_visible()
    person.waits_until_connected("ABank")
    person.finds_the_page_accessible()


def test_sbank_waits_for_its_client_who_approves(person: Person) -> None:
    page = person.page
    person.asks_for_access_to("SBank")
    waiting = page.get_by_role("heading", name="Подтвердите доступ в приложении SBank")
    expect(waiting).to_be_visible()
    page.reload()
    expect(waiting).to_be_visible()
    person.finds_the_page_accessible()

    with page.expect_popup() as opened:
        page.get_by_role("link", name="Открыть SBank").click()
    client = BankClient(opened.value)
    client.logs_in()
    client.approves()
    opened.value.close()

    person.waits_until_connected("SBank")
    page.get_by_role("link", name="Посмотреть счета").click()
    expect(page.locator(".account-row")).to_have_count(3)


def test_sbank_without_script_waits_as_well(new_person: NewPerson) -> None:
    person = new_person(java_script_enabled=False)
    page = person.page
    person.registers()
    person.asks_for_access_to("SBank")
    expect(page.get_by_role("heading", name="Подтвердите доступ в приложении SBank")).to_be_visible()
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Открыть SBank").click()
    client = BankClient(opened.value)
    client.logs_in()
    client.approves()
    page.get_by_role("button", name="Проверить").click()
    person.waits_until_connected("SBank")


def test_a_refusal_at_the_bank_is_told_as_it_is(person: Person) -> None:
    page = person.page
    person.asks_for_access_to("SBank")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Открыть SBank").click()
    client = BankClient(opened.value)
    client.logs_in()
    client.refuses()

    expect(page.get_by_role("alert")).to_contain_text("Доступ не разрешён в банке", timeout=20_000)
    expect(page.get_by_role("progressbar")).to_have_count(0)
    person.finds_the_page_accessible()
    page.goto("/accounts/")
    expect(page.locator(".account-row")).to_have_count(0)


def test_team_client_is_connected_to_all_banks_at_the_first_login(new_person: NewPerson, site: Site) -> None:
    person = new_person()
    page = person.page
    person.logs_in("team075-3", "password")
    page.goto("/accounts/")
    for name in ("VBank", "ABank", "SBank"):
        expect(page.get_by_role("heading", name=name)).to_be_visible()
    count = len(bank.available(site.banks, "vbank", "team075-3")) + len(
        bank.available(site.banks, "abank", "team075-3")
    )
    expect(page.locator(".account-row")).to_have_count(count, timeout=60_000)
    sbank = page.locator("section", has=page.get_by_role("heading", name="SBank"))
    expect(sbank).to_contain_text(re.compile("подтвер", re.IGNORECASE))
    person.finds_the_page_accessible()
