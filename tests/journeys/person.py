"""What a person does in a browser, in the words of the journeys."""

import re
from dataclasses import dataclass
from decimal import Decimal
from itertools import count

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.site_server import Site

PASSWORD = "correct horse 7"
READING_TAKES_AT_MOST = 60_000
GRAVE = {"serious", "critical"}
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in front of a page; `complaints` are what the browser has said against it."""

    page: Page
    site: Site
    complaints: list[str]

    def registers(self) -> None:
        self.page.goto("/register")
        self.page.get_by_label("Имя").fill("Анна Смирнова")
        self.page.get_by_label("Логин или e-mail").fill(f"anna-{next(_numbers)}")
        self.page.get_by_label("Пароль", exact=True).fill(PASSWORD)
        self.page.get_by_label("Пароль ещё раз").fill(PASSWORD)
        self.page.get_by_role("button", name="Создать учётную запись").click()
        self.page.wait_for_url("**/overview/")

    def logs_in(self, login: str, password: str) -> None:
        self.page.goto("/login")
        self.page.get_by_label("Логин или e-mail").fill(login)
        self.page.get_by_label("Пароль").fill(password)
        self.page.get_by_role("button", name="Войти").click()
        self.page.wait_for_url("**/overview/")

    def logs_out(self) -> None:
        self.opens_the_menu()
        self.page.get_by_role("button", name=re.compile("^(Выйти|Log out)$")).click()
        self.page.wait_for_url(f"{self.site.url}/")

    def opens_the_menu(self) -> None:
        self.page.locator("summary.person:visible").click()

    def asks_for_access_to(self, bank: str) -> None:
        """From the list of banks through what is read and why to the connection's page."""
        self.page.goto("/connect/")
        self.page.get_by_role("link", name=bank).click()
        self.page.get_by_role("button", name=f"Подключить {bank}").click()
        self.page.wait_for_url("**/connections/*/")

    def waits_until_connected(self, bank: str) -> None:
        done = self.page.get_by_role("heading", name=f"{bank} подключён")
        expect(done).to_be_visible(timeout=READING_TAKES_AT_MOST)

    def connects(self, bank: str) -> None:
        self.asks_for_access_to(bank)
        self.waits_until_connected(bank)

    def sees_amounts(self, rows: Locator) -> list[Decimal]:
        """The figures at the right end of each row."""
        return [amount_of(text) for text in rows.locator(".row-amount").all_inner_texts()]

    def finds_the_page_accessible(self) -> None:
        """No grave finding of axe-core on the page as it stands."""
        # axe would load the style sheets itself for rules about orientation, which our policy blocks.
        found = Axe().run(self.page, options={"preload": False}).response["violations"]
        grave = [
            f"{finding['id']}: {node['html'][:160]} — {node['failureSummary'][:240]}"
            for finding in found
            if finding["impact"] in GRAVE
            for node in finding["nodes"]
        ]
        assert grave == [], "\n".join([f"on {self.page.url}", *grave])


@dataclass(frozen=True, slots=True)
class BankClient:
    """The same person on their bank's own page, where consents are signed."""

    page: Page

    def logs_in(self) -> None:
        """The bank knows from the request whom to expect."""
        expect(self.page.get_by_label("Номер клиента")).to_have_value(re.compile(r"^team075-\d+$"))
        self.page.get_by_label("Пароль").fill("password")
        self.page.get_by_role("button", name="Войти").click()

    def approves(self) -> None:
        self.page.get_by_role("button", name="Разрешить доступ").first.click()
        expect(self.page.get_by_role("status")).to_contain_text("Доступ разрешён")

    def refuses(self) -> None:
        self.page.get_by_role("button", name="Отклонить").first.click()
        expect(self.page.get_by_role("status")).to_contain_text("Запрос отклонён")


def amount_of(text: str) -> Decimal:
    """The first figure of a cell: `−5 489,36 ₽` and what stands below it."""
    figure = re.match(r"\s*([+−]?)([\d\s]+(?:,\d+)?)", text)
    assert figure is not None, text
    sign = "-" if figure[1] == "−" else ""
    return Decimal(sign + re.sub(r"\s", "", figure[2]).replace(",", "."))
