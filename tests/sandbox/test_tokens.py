"""Tokens: for whom, where good, how long."""

import pytest
import time_machine

from sandbox.app import create_app
from tests.bank_server import TEAM_SECRET, settings_for_tests
from tests.sandbox.conftest import Caller


def test_token_of_one_bank_is_refused_by_another(banks, team):
    answer = banks.get("/abank/products", headers=team.headers)

    assert (answer.status_code, answer.json) == (401, {"detail": "Could not validate credentials"})


@pytest.mark.parametrize("token", ["abc", "x.y.z", "ы.ы.ы", ""])
def test_garbage_is_refused(banks, token):
    answer = banks.get("/vbank/products", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == (401 if token else 403)


def test_no_header_is_403_and_not_401(banks):
    answer = banks.get("/vbank/products")

    assert (answer.status_code, answer.json) == (403, {"detail": "Not authenticated"})


def test_scheme_is_case_insensitive_but_must_be_bearer(banks, team):
    token = team.headers["Authorization"].split()[1]

    assert banks.get("/vbank/products", headers={"Authorization": f"bearer {token}"}).status_code == 200
    assert banks.get("/vbank/products", headers={"Authorization": f"Basic {token}"}).status_code == 403


def test_changed_claims_break_the_signature(banks, team):
    head, claims, signature = team.headers["Authorization"].split()[1].split(".")
    forged = ".".join((head, claims[:-4] + "AAAA", signature))

    assert banks.get("/vbank/products", headers={"Authorization": f"Bearer {forged}"}).status_code == 401


def test_token_lives_as_long_as_the_bank_says(tmp_path):
    banks = create_app(settings_for_tests(tmp_path / "sandbox.sqlite3", token_life=60)).test_client()
    with time_machine.travel("2026-10-15T10:00:00Z", tick=False) as clock:
        team = Caller(banks, "vbank")
        fresh = team.get("/products").status_code
        clock.shift(61)
        stale = team.get("/products").status_code

    assert (fresh, stale) == (200, 401)


def test_recalled_tokens_are_worthless_and_new_ones_good(tmp_path):
    banks = create_app(settings_for_tests(tmp_path / "sandbox.sqlite3")).test_client()
    old = Caller(banks, "vbank")
    banks.post("/vbank/_control/tokens/recall")

    assert old.get("/products").status_code == 401
    assert Caller(banks, "vbank").get("/products").status_code == 200


def test_team_token_is_no_client_token(team):
    answer = team.get("/account-consents/requests")

    assert (answer.status_code, answer.json) == (401, {"detail": "Insufficient permissions"})


def test_client_reads_own_accounts_with_own_token(banks):
    body = {"username": "team075-1", "password": TEAM_SECRET}
    token = banks.post("/vbank/auth/login", json=body).json["access_token"]
    headers = {"Authorization": f"Bearer {token}"}

    assert len(banks.get("/vbank/accounts", headers=headers).json["data"]["account"]) == 2
    assert banks.get("/vbank/accounts/acc-11/balances", headers=headers).status_code == 200
    assert banks.get("/vbank/accounts/acc-42/balances", headers=headers).status_code == 403
    assert banks.get("/vbank/auth/me", headers=headers).json == {"client_id": "team075-1", "type": "client"}
