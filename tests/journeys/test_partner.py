"""A journey of two: a partner bank's program asks, its client decides on the consents page."""

from dataclasses import dataclass
from typing import Any

import pytest
import requests
from playwright.sync_api import expect

from tests.journeys.person import Person
from tests.journeys.test_consents import card

pytestmark = pytest.mark.journey


@dataclass(frozen=True, slots=True)
class Program:
    """The program of a partner bank, with its token."""

    root: str
    token: str

    @classmethod
    def of(cls, origin: str, *, code: str) -> "Program":
        """The administrator's login gives it the token."""
        admin = cls(f"{origin}/api/v1", "")
        login = admin.posts("auth/login", {"email": "admin", "password": "admin123"}).json()
        found = cls(admin.root, login["access_token"]).posts("multibank/bank-token", {"bank_code": code})
        return cls(admin.root, found.json()["token"])

    def posts(self, call: str, body: dict[str, Any]) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
            return session.post(f"{self.root}/{call}", json=body, headers=headers, timeout=30)


def test_a_partner_reads_between_the_clients_yes_and_no(person: Person) -> None:
    page = person.page
    person.connects("VBank")
    page.goto("/settings")
    login = page.locator("dt:text('Логин') + dd").inner_text()
    program = Program.of(person.site.url, code="pbank")
    wish = {"target_bank": "vbank", "client_id": login}
    asked = program.posts("multibank/request-consent", wish | {"scopes": ["accounts_read", "balances_read"]})
    under = wish | {"consent_id": asked.json()["consent_id"]}
    assert program.posts("multibank/accounts-with-consent", under).status_code == 403

    page.goto("/consents/")
    waiting = card(page, "Ждут вас", "Partner Bank")
    expect(waiting).to_contain_text("остатки на счетах")
    person.finds_the_page_accessible()
    waiting.get_by_role("button", name="Разрешить").click()
    expect(page.get_by_text("Partner Bank может читать ваши данные")).to_be_visible()

    accounts = program.posts("multibank/accounts-with-consent", under).json()
    assert {account["bank_code"] for account in accounts} == {"vbank"}
    assert program.posts("multibank/balances-with-consent", under).status_code == 200
    assert program.posts("multibank/transactions-with-consent", under).status_code == 403
    page.goto("/consents/journal/")
    expect(page.get_by_text("VBank: прочитаны остатки")).to_be_visible()
    expect(page.get_by_text("Partner Bank", exact=True).first).to_be_visible()

    page.goto("/consents/")
    card(page, "Действуют", "Partner Bank").get_by_role("button", name="Отозвать").click()
    expect(page.get_by_text("Партнёр больше ничего не прочитает")).to_be_visible()
    expect(card(page, "Завершённые", "Partner Bank")).to_contain_text("Отозвано")
    refused = program.posts("multibank/accounts-with-consent", under)
    assert (refused.status_code, refused.json()) == (403, {"detail": "Invalid or expired consent"})
