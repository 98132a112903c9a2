"""Journeys through the life of a consent: approved and revoked, renewed in time, a renewal given up."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import NewPerson
from tests.journeys.person import BankClient, Person
from tests.site_server import Site

pytestmark = pytest.mark.journey


def card(page: Page, heading: str, bank: str) -> Locator:
    """A bank's card below one of the headings of the consents page."""
    section = page.locator("section.section").filter(
        has=page.get_by_role("heading", name=heading, exact=True)
    )
    return section.locator(".consent").filter(has=page.get_by_role("heading", name=bank)).first


def approve_at_bank(person: Person, *, is_logged_in: bool = False) -> None:
    with person.page.expect_popup() as opened:
        person.page.get_by_role("link", name="Открыть SBank").click()
    client = BankClient(opened.value)
    if not is_logged_in:
        client.logs_in()
    client.approves()
    opened.value.close()


def connect_sbank(person: Person) -> None:
    person.asks_for_access_to("SBank")
    approve_at_bank(person)
    person.waits_until_connected("SBank")


def bring_to_its_last_days(site: Site) -> None:
    """The newest consent in use ends in three days."""
    ends_at = (datetime.now(UTC) + timedelta(days=3)).strftime("%Y-%m-%d %H:%M:%S.%f")
    newest = "SELECT max(id) FROM banking_consent WHERE status = 'granted'"
    site.write(f"UPDATE banking_consent SET expires_at = ? WHERE id = ({newest})", ends_at)  # noqa: S608


def test_a_consent_is_approved_looked_at_and_revoked_without_losing_rows(person: Person) -> None:
    page = person.page
    connect_sbank(person)

    page.goto("/consents/")
    in_use = card(page, "Действуют", "SBank")
    expect(in_use).to_contain_text("остатки на счетах")
    in_use.get_by_text("История").click()
    expect(in_use).to_contain_text("SBank открыл доступ")
    person.finds_the_page_accessible()

    in_use.get_by_role("link", name="Отозвать").click()
    person.finds_the_page_accessible()
    page.get_by_role("main").get_by_role("button", name="Отключить").click()
    ended = card(page, "Завершённые", "SBank")
    expect(ended).to_contain_text("Отозвано")
    ended.get_by_text("История").click()
    expect(ended).to_contain_text("Вы отозвали доступ")

    page.goto("/accounts/")
    expect(page.get_by_text("Вы отключили банк")).to_be_visible()
    expect(page.locator(".account-row").first).to_be_visible()
    page.goto("/consents/journal/")
    expect(page.get_by_text("SBank: доступ отозван, прочитанное оставлено")).to_be_visible()
    person.finds_the_page_accessible()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_an_expiring_consent_is_renewed_in_place(new_person: NewPerson, site: Site, script: bool) -> None:
    person = new_person(java_script_enabled=script)
    person.registers()
    page = person.page
    person.connects("VBank")
    bring_to_its_last_days(site)
    page.goto("/accounts/")
    before = page.locator(".account-row").count()
    expect(page.locator('.bank-head .state[data-cause="expiring"]')).to_be_visible()

    page.goto("/consents/")
    expiring = card(page, "Действуют", "VBank")
    expect(expiring).to_contain_text("Скоро закончится")
    expiring.get_by_role("button", name="Продлить").click()
    expect(page.get_by_text(re.compile("Доступ к VBank продлён до"))).to_be_visible()
    expect(card(page, "Завершённые", "VBank")).to_contain_text("Продлено")

    expect(card(page, "Действуют", "VBank")).not_to_contain_text("Скоро закончится")
    page.goto("/accounts/")
    assert page.locator(".account-row").count() == before
    expect(page.locator('.bank-head .state[data-cause="expiring"]')).to_have_count(0)


def test_a_renewal_is_given_up_and_the_connection_stays_healthy(person: Person) -> None:
    page = person.page
    connect_sbank(person)

    page.goto("/consents/")
    card(page, "Действуют", "SBank").get_by_role("button", name="Продлить").click()
    expect(page.get_by_role("heading", name="Подтвердите продление в приложении SBank")).to_be_visible()
    person.finds_the_page_accessible()
    page.get_by_role("button", name="Не продлевать").click()

    expect(page.get_by_text("Прежний доступ не изменился")).to_be_visible()
    expect(card(page, "Действуют", "SBank")).to_contain_text("Действует")
    page.goto("/accounts/")
    expect(page.locator('.bank-head .state[data-cause="fresh"]')).to_be_visible()


def test_a_renewal_is_approved_at_the_bank(person: Person) -> None:
    page = person.page
    connect_sbank(person)
    page.goto("/consents/")
    card(page, "Действуют", "SBank").get_by_role("button", name="Продлить").click()

    approve_at_bank(person, is_logged_in=True)

    person.waits_until_connected("SBank")
    page.goto("/consents/")
    expect(card(page, "Действуют", "SBank")).to_contain_text("SBank")
    expect(card(page, "Завершённые", "SBank")).to_contain_text("Продлено")
