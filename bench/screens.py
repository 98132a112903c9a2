"""Photographs every page of the running demo, for people to look at: `make screens`.

Each page at 360 × 800 and 1440 × 900, light and dark, Russian and English, into var/screens/.
A bank is connected first when the person has none, so that the pages show money.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from playwright.sync_api import APIRequestContext, Browser, BrowserContext, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
CHROMIUM_ARGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
SIZES = {"phone": (360, 800), "desktop": (1440, 900)}
TALLEST = 4000
LANGUAGES = ("en", "ru")  # the last one is what the person is left with
THEMES = ("light", "dark")
BANKS = ("vbank", "abank")
SYNC_TIMEOUT_MS = 120_000


@dataclass(frozen=True, slots=True)
class Shot:
    """A page to photograph; `follow` is the link on it that leads to the page meant."""

    name: str
    path: str
    follow: str = ""


BEFORE_LOGIN = (
    Shot("landing", "/"),
    Shot("login", "/login"),
    Shot("register", "/register"),
    Shot("not-found", "/no-such-page"),
)
AFTER_LOGIN = (
    Shot("dashboard", "/overview/"),
    Shot("accounts", "/accounts/"),
    Shot("analytics", "/analytics/"),
    Shot("analytics-categories", "/analytics/categories/"),
    Shot("analytics-trends", "/analytics/trends/"),
    Shot("analytics-forecast", "/analytics/forecast/?days=60"),
    Shot("analytics-capital", "/analytics/capital/"),
    Shot("account", "/accounts/", follow="a.row-title"),
    Shot("transactions", "/transactions/"),
    Shot("transactions-nothing-found", "/transactions/?q=zzzzzz"),
    Shot("transaction", "/transactions/", follow="a.row-title"),
    Shot("connect", "/connect/"),
    Shot("connect-all", "/connect/all/"),
    Shot("connect-bank", "/connect/sbank/"),
    Shot("settings", "/settings"),
    Shot("gallery", "/gallery/"),
)


@dataclass(frozen=True, slots=True)
class Studio:
    """Where the site is, who signs in, and where the pictures go."""

    url: str
    login: str
    password: str
    out: Path
    only: str = ""

    def address(self, path: str) -> str:
        return urljoin(self.url, path)

    def wants(self, shot: Shot) -> bool:
        return self.only in shot.name


@contextmanager
def _visitor(browser: Browser, size: str, language: str) -> Iterator[BrowserContext]:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        is_mobile=size == "phone",
        has_touch=size == "phone",
        device_scale_factor=2 if size == "phone" else 1,
        locale={"ru": "ru-RU", "en": "en-GB"}[language],
        timezone_id="Europe/Moscow",
    )
    try:
        yield context
    finally:
        context.close()


def _speak(studio: Studio, page: Page, language: str) -> None:
    """Choose language and theme as the page's own form does; the theme then follows the system."""
    token = page.evaluate("() => JSON.parse(document.body.getAttribute('hx-headers'))['X-CSRFToken']")
    answer = page.request.post(
        studio.address("/appearance"),
        form={"language": language, "theme": "system", "next": "/", "csrfmiddlewaretoken": token},
    )
    if not answer.ok:
        sys.exit(f"The language could not be chosen: {answer.status}")


def _sign_in(studio: Studio, page: Page) -> None:
    page.goto(studio.address("/login"))
    page.fill("[name=login]", studio.login)
    page.fill("[name=password]", studio.password)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "/login" not in url)


def _connect_banks(studio: Studio, api: APIRequestContext) -> None:
    person = {"email": studio.login, "password": studio.password}
    token = api.post(studio.address("/api/v1/auth/login"), data=person).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    connected = api.get(studio.address("/api/v1/banks/connections"), headers=headers).json()
    missing = set(BANKS) - {connection["bank_provider"] for connection in connected}
    for bank in sorted(missing):
        answer = api.post(
            studio.address("/api/v1/banks/connect-demo"),
            data={"bank_code": bank},
            headers=headers,
            timeout=SYNC_TIMEOUT_MS,
        )
        print(f"{bank}: {'connected' if answer.ok else answer.text()}")


def _photograph(studio: Studio, page: Page, shot: Shot, label: str) -> None:
    """Both themes of one page, on a sheet as tall as the page, so that the fixed bars lie at its end."""
    size = page.viewport_size
    page.goto(studio.address(shot.path))
    if shot.follow:
        links = page.locator(shot.follow)
        if not links.count():
            print(f"{shot.name}: no link {shot.follow} on {shot.path}")
            return
        page.goto(studio.address(links.first.get_attribute("href") or shot.path))
    height = page.evaluate("() => document.documentElement.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": max(size["height"], min(height, TALLEST))})
    for theme in THEMES:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.screenshot(path=studio.out / f"{shot.name}-{label}-{theme}.png")
    page.set_viewport_size(size)


def _complain(page: Page) -> None:
    """What the browser objects to (the page's policy, a missing file) is printed, not overlooked."""
    page.on("console", lambda message: message.type == "error" and print(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda error: print(f"{page.url}: {error}"))


def take_pictures(studio: Studio) -> int:
    """Photograph everything; returns the number of pictures in the folder."""
    studio.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        for language in LANGUAGES:
            for size in SIZES:
                with _visitor(browser, size, language) as context:
                    page = context.new_page()
                    _complain(page)
                    _tour(studio, page, language, f"{size}-{language}")
        browser.close()
    return len(list(studio.out.glob("*.png")))


def _tour(studio: Studio, page: Page, language: str, label: str) -> None:
    page.goto(studio.address("/"))
    _speak(studio, page, language)
    for shot in filter(studio.wants, BEFORE_LOGIN):
        _photograph(studio, page, shot, label)
    _sign_in(studio, page)
    _connect_banks(studio, page.request)
    _speak(studio, page, language)
    for shot in filter(studio.wants, AFTER_LOGIN):
        _photograph(studio, page, shot, label)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", nargs="?", default="http://127.0.0.1:8000")
    parser.add_argument("--login", default="demo")
    parser.add_argument("--password", default="demo123")
    parser.add_argument("--out", type=Path, default=Path("var/screens"))
    parser.add_argument("--only", default="", help="part of a page's name")
    options = parser.parse_args()
    count = take_pictures(Studio(options.url, options.login, options.password, options.out, options.only))
    print(f"{count} pictures in {options.out}")


if __name__ == "__main__":
    main()
