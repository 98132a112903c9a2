"""`/banks`, against the bundled banks: connect, wait for approval, read again, give up."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings
from rest_framework.test import APIClient

from banking.models import Account, BankConnection, Consent, Transaction
from financehub.users.models import User
from tests.api import shapes
from tests.api.conftest import World, read
from tests.bank_server import TEAM_SECRET, TODAY, BankServer, running_banks
from tests.factories import ConnectionFactory

BANKS = "/api/v1/banks"
CONNECT = f"{BANKS}/connect-demo"
CONNECTIONS = f"{BANKS}/connections"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BankServer]:
    with running_banks(tmp_path_factory.mktemp("banks") / "sandbox.sqlite3") as server:
        yield server


@pytest.fixture
def banks(server: BankServer, settings: Settings) -> Iterator[BankServer]:
    """The bundled banks, on the day that they think it is."""
    settings.BANK_BASE_URLS = {code: server.url(code) for code in ("vbank", "abank", "sbank")}
    settings.BANK_TEAM_SECRET = TEAM_SECRET
    with time_machine.travel(TODAY, tick=True):
        yield server


@pytest.fixture
def person(banks: BankServer, anna: User, anna_api: APIClient) -> APIClient:
    """Anna's client, its token issued on that day."""
    return anna_api


def connected(person: APIClient, bank_code: str = "vbank", **more: Any) -> dict[str, Any]:
    body = {"bank_code": bank_code, "client_number": "1"} | more
    connection: dict[str, Any] = read(person.post(CONNECT, body, format="json"), 201)
    return connection


def test_the_banks_are_named_to_everybody(api: APIClient) -> None:
    for address in (f"{BANKS}/available-banks", f"{BANKS}/available-banks/"):
        banks = read(api.get(address))["banks"]
        assert [(bank["code"], bank["name"]) for bank in banks] == [
            ("vbank", "Virtual Bank"),
            ("abank", "Awesome Bank"),
            ("sbank", "Smart Bank"),
        ]
        assert all(isinstance(bank[word], str) for bank in banks for word in ("description", "logo"))


def test_a_bank_is_connected_and_read_before_the_answer(person: APIClient) -> None:
    connection = connected(person)
    assert shapes.misfits(connection, shapes.CONNECTION) == []
    assert (connection["bank_provider"], connection["status"]) == ("vbank", "ACTIVE")
    assert connection["cause"] == "fresh"
    accounts = read(person.get("/api/v1/accounts"))
    assert len(accounts) == connection["accounts_count"] > 0
    assert [shapes.misfits(account, shapes.ACCOUNT) for account in accounts] == [[]] * len(accounts)
    rows = read(person.get("/api/v1/transactions", {"limit": 1000}))
    assert [misfit for row in rows for misfit in shapes.misfits(row, shapes.TRANSACTION)] == []
    assert {row["transaction_type"] for row in rows} == {"income", "expense", "transfer"}


def test_connecting_again_answers_with_the_same_connection(person: APIClient) -> None:
    first = connected(person)
    accounts = Account.objects.count()
    assert connected(person)["id"] == first["id"]
    assert (BankConnection.objects.count(), Account.objects.count()) == (1, accounts)


@pytest.mark.parametrize("number", [None, "", "0", "11", "team075-5", "١", 0])
def test_a_client_number_that_says_nothing_is_ignored(person: APIClient, number: Any) -> None:
    connected(person, "sbank", client_number=number, something="else")
    assert BankConnection.objects.get().client_id.startswith("team075-")


def test_sbank_waits_for_its_client_and_goes_on_by_check(
    person: APIClient,
    banks: BankServer,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    waiting = connected(person, "SBank")
    assert (waiting["status"], waiting["cause"]) == ("AWAITING", "awaiting")
    request_id = Consent.objects.get().request_id
    assert waiting["approval_url"] == f"{banks.url('sbank')}/client/consents.html?request_id={request_id}"
    check = f"{CONNECTIONS}/{waiting['id']}/check"
    assert read(person.post(check))["status"] == "AWAITING"
    banks.control("sbank", f"requests/{request_id}/approve")
    with time_machine.travel(TODAY.replace(minute=1), tick=True):
        with django_capture_on_commit_callbacks(execute=True):
            assert read(person.post(f"{check}/"))["status"] == "ACTIVE"
        done = read(person.get(f"{CONNECTIONS}/{waiting['id']}"))
    assert (done["approval_url"], done["cause"]) == (None, "fresh")
    assert done["accounts_count"] > 0


def test_an_unknown_bank_is_named(person: APIClient) -> None:
    answer = person.post(CONNECT, {"bank_code": "nobank"}, format="json")
    assert read(answer, 400) == {"detail": "Unsupported bank: nobank"}


def test_gost_without_a_gateway_is_told(person: APIClient, anna: User) -> None:
    answer = person.post(CONNECT, {"bank_code": "vbank", "use_gost": True}, format="json")
    assert "ГОСТ" in read(answer, 503)["detail"]
    User.objects.filter(pk=anna.pk).update(use_gost_mode=True)
    assert person.post(CONNECT, {"bank_code": "vbank"}, format="json").status_code == 503
    assert connected(person, use_gost=False)["status"] == "ACTIVE"


def test_a_bank_out_of_reach_is_told(person: APIClient, settings: Settings) -> None:
    settings.BANK_BASE_URLS = settings.BANK_BASE_URLS | {"vbank": "http://127.0.0.1:9/vbank"}
    answer = person.post(CONNECT, {"bank_code": "vbank"}, format="json")
    assert read(answer, 503)["detail"].startswith("VBank: ")


def test_credentials_that_the_bank_refuses_are_told(person: APIClient, settings: Settings) -> None:
    settings.BANK_TEAM_SECRET = "wrong"
    answer = person.post(CONNECT, {"bank_code": "vbank"}, format="json")
    assert read(answer, 502)["detail"].startswith("VBank: ")


def test_a_connection_tells_its_cause_the_action_and_until_when(person: APIClient, anna: User) -> None:
    until = TODAY + timedelta(minutes=18)
    ConnectionFactory(user=anna, retry_after=until, last_success_at=TODAY)
    ConnectionFactory(user=anna, last_success_at=TODAY, next_run_at=until)
    waits, fresh = [found["health"] for found in read(person.get(CONNECTIONS))]
    assert set(waits) == {"cause", "message", "action", "until"}
    assert (waits["cause"], waits["action"]) == ("rate_limited", None)
    assert waits["message"].startswith("Банк просит подождать до")
    assert datetime.fromisoformat(waits["until"]) == until
    assert (fresh["cause"], fresh["action"]) == ("fresh", "sync")


def test_connections_are_a_bare_array_by_id(person: APIClient) -> None:
    made = [connected(person, code)["id"] for code in ("sbank", "vbank")]
    found = read(person.get(f"{CONNECTIONS}/"))
    assert [connection["id"] for connection in found] == made
    assert [shapes.misfits(connection, shapes.CONNECTION) for connection in found] == [[], []]


def test_a_reading_needs_no_body(person: APIClient) -> None:
    connection = connected(person)
    rows = Transaction.objects.count()
    for slash in ("", "/"):
        again = read(person.post(f"{CONNECTIONS}/{connection['id']}/sync{slash}"))
        assert again["last_synced_at"] > connection["last_synced_at"]
    assert Transaction.objects.count() == rows


def test_a_connection_without_access_cannot_be_read(person: APIClient) -> None:
    waiting = connected(person, "sbank")
    answer = person.post(f"{CONNECTIONS}/{waiting['id']}/sync")
    assert isinstance(read(answer, 409)["detail"], str)


def test_a_bank_that_fails_a_reading_is_told(person: APIClient, settings: Settings) -> None:
    connection = connected(person)
    rows = Transaction.objects.count()
    settings.BANK_BASE_URLS = settings.BANK_BASE_URLS | {"vbank": "http://127.0.0.1:9/vbank"}
    answer = person.post(f"{CONNECTIONS}/{connection['id']}/sync")
    assert read(answer, 503)["detail"].startswith("VBank: ")
    assert 1 <= int(answer.headers["Retry-After"]) <= 72, "a minute, with jitter"
    assert read(person.get(f"{CONNECTIONS}/{connection['id']}"))["last_error"] == "bank_unavailable"
    assert Transaction.objects.count() == rows


def test_a_connection_is_given_up_with_everything(person: APIClient) -> None:
    connection = connected(person)
    answer = person.delete(f"{CONNECTIONS}/{connection['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert not Transaction.objects.exists()
    assert not Account.objects.exists()
    assert read(person.get(CONNECTIONS)) == []


@pytest.mark.parametrize(
    ("method", "tail"), [("get", ""), ("delete", ""), ("post", "/sync"), ("post", "/check")]
)
def test_another_persons_connection_is_not_found(
    boris_api: APIClient, world: World, method: str, tail: str
) -> None:
    answer = getattr(boris_api, method)(f"{CONNECTIONS}/{world.connection.pk}{tail}")
    assert read(answer, 404) == {"detail": "Bank connection not found"}
    assert BankConnection.objects.filter(pk=world.connection.pk).exists()


def test_the_list_costs_the_same_for_many(
    anna: User, anna_api: APIClient, world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(10):
        ConnectionFactory(user=anna)
    with django_assert_max_num_queries(5):
        assert len(read(anna_api.get(CONNECTIONS))) == 11
