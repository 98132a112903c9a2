"""The bank's page where a client decides, used as a browser without scripts would."""

import re

import pytest

from sandbox.settings import DEMO_CLIENT_PASSWORD
from tests.sandbox.conftest import Caller

PAGE = "/sbank/client/consents.html"


@pytest.fixture
def asked(banks):
    return Caller(banks, "sbank").ask("team075-4").json["request_id"]


@pytest.fixture
def browser(banks_app):
    return banks_app.test_client()


def log_in(browser, client_id="team075-4", password=DEMO_CLIENT_PASSWORD):
    form = {"client_id": client_id, "password": password}
    return browser.post("/sbank/client/login", data=form, follow_redirects=True)


def mark(page) -> str:
    return re.search(r'name="mark" value="(\w+)"', page.text)[1]


def test_link_to_a_request_fills_in_the_client(browser, asked):
    page = browser.get(f"{PAGE}?request_id={asked}")

    assert page.status_code == 200
    assert 'value="team075-4"' in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "script" not in page.text


def test_wrong_password_is_said_in_words(browser):
    refused = log_in(browser, password="guess")

    assert refused.status_code == 401
    assert "не подошли" in refused.text


def test_waiting_request_is_shown_in_plain_words(browser, asked):
    page = log_in(browser)

    assert "FinanceHub" in page.text
    assert "Видеть остатки на счетах" in page.text
    assert "ReadBalances" not in page.text


def test_client_approves_sees_and_revokes(banks, browser, asked):
    page = log_in(browser)
    team = Caller(banks, "sbank")
    approved = browser.post(
        f"/sbank/client/requests/{asked}/approve", data={"mark": mark(page)}, follow_redirects=True
    )
    granted = team.get(f"/account-consents/{asked}").json["data"]
    consent_id = granted["consentId"]
    revoked = browser.post(
        f"/sbank/client/consents/{consent_id}/revoke", data={"mark": mark(page)}, follow_redirects=True
    )

    assert "Доступ разрешён" in approved.text
    assert granted["status"] == "Authorized"
    assert "Доступ отозван" in revoked.text
    assert team.get(f"/account-consents/{consent_id}").json["data"]["status"] == "Revoked"


def test_client_refuses(banks, browser, asked):
    page = log_in(browser)
    browser.post(f"/sbank/client/requests/{asked}/reject", data={"mark": mark(page)})

    assert Caller(banks, "sbank").get(f"/account-consents/{asked}").json["data"]["status"] == "Rejected"


def test_form_of_another_site_changes_nothing(banks, browser, asked):
    log_in(browser)
    forged = browser.post(f"/sbank/client/requests/{asked}/approve", data={"mark": "0" * 64})

    assert forged.status_code == 403
    status = Caller(banks, "sbank").get(f"/account-consents/{asked}").json["data"]["status"]
    assert status == "AwaitingAuthorization"


def test_other_peoples_requests_and_consents_stay_theirs(banks, browser, asked):
    page = log_in(browser, "team075-5")
    browser.post(f"/sbank/client/requests/{asked}/approve", data={"mark": mark(page)})

    assert asked not in page.text
    status = Caller(banks, "sbank").get(f"/account-consents/{asked}").json["data"]["status"]
    assert status == "AwaitingAuthorization"


def test_logging_out_ends_the_session(browser):
    page = log_in(browser)
    browser.post("/sbank/client/logout", data={"mark": mark(page)})

    assert 'name="password"' in browser.get(PAGE).text


def test_session_of_one_bank_is_none_at_another(browser):
    log_in(browser)

    assert 'name="password"' in browser.get("/vbank/client/consents.html").text


def test_style_is_served_beside_the_page(browser):
    style = browser.get("/sbank/client/consents.css")

    assert style.content_type.startswith("text/css")
