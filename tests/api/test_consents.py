"""`/consents`: the list, the history, the end of a consent."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from banking.models import BankConnection, Consent
from banking.services import openbanking
from tests.api import shapes
from tests.api.conftest import World, read
from tests.factories import BankFactory, ConnectionFactory, ConsentFactory

CONSENTS = "/api/v1/consents"
MINE = f"{CONSENTS}/my-consents"
Status = Consent.Status


@pytest.fixture
def consent(world: World) -> Consent:
    """Anna's consent, a few days before its end."""
    return ConsentFactory(connection=world.connection, expires_at=timezone.now() + timedelta(days=3))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the banks were told has ended."""
    ids: list[str] = []
    monkeypatch.setattr(openbanking, "_revoke", lambda _connection, told, **_: ids.append(told) or True)
    return ids


def test_a_page_of_consents(anna_api: APIClient, consent: Consent) -> None:
    for address in (MINE, f"{MINE}/"):
        page = read(anna_api.get(address))
        assert (page["total"], page["page"], page["page_size"]) == (1, 1, 20)
        (row,) = page["consents"]
        assert shapes.misfits(row, shapes.CONSENT) == []
        assert (row["id"], row["status"], row["state"]) == (str(consent.pk), "active", "expiring")


@pytest.mark.parametrize(
    ("status", "found"),
    [("active", 1), ("ACTIVE", 1), ("expiring", 1), ("granted", 0), ("revoked", 2), ("renewed", 1), ("", 3)],
)
def test_the_status_is_asked_in_our_words_or_the_wires(
    anna_api: APIClient, world: World, consent: Consent, status: str, found: int
) -> None:
    for ended in (Status.REVOKED, Status.RENEWED):
        ConsentFactory(connection=world.connection, status=ended)
    assert read(anna_api.get(MINE, {"status": status}))["total"] == found


def test_pages_are_cut_as_asked(anna_api: APIClient, world: World) -> None:
    made = [ConsentFactory(connection=world.connection, status=Status.REVOKED).pk for _ in range(5)]
    pages = [read(anna_api.get(MINE, {"page": page, "page_size": 2}))["consents"] for page in (1, 2, 3, 4)]
    assert [int(row["id"]) for page in pages for row in page] == sorted(made, reverse=True)
    assert [len(page) for page in pages] == [2, 2, 1, 0]


@pytest.mark.parametrize("query", [{"page": 0}, {"page_size": 101}, {"status": "odd"}, {"page": "x"}])
def test_a_wrong_question_is_refused(anna_api: APIClient, query: dict[str, object]) -> None:
    assert anna_api.get(MINE, query).status_code == 422


def test_the_history_has_what_the_date_tells(anna_api: APIClient, consent: Consent) -> None:
    events = read(anna_api.get(f"{CONSENTS}/{consent.pk}/events/"))
    assert [event["event"] for event in events] == ["expiring"]
    assert shapes.instant(events[0]["at"])


def test_a_consent_is_revoked_and_the_data_stays(
    anna_api: APIClient, world: World, consent: Consent, told: list[str]
) -> None:
    address = f"{CONSENTS}/{consent.pk}"
    answer = read(anna_api.delete(address))
    assert shapes.instant(answer["revoked_at"])
    assert (answer["consent_id"], told) == (str(consent.pk), [consent.consent_id])
    assert read(anna_api.delete(address), 404) == {"detail": "Active consent not found"}
    connection = BankConnection.objects.get(pk=world.connection.pk)
    assert connection.status == BankConnection.Status.DISCONNECTED
    assert connection.accounts.exists()
    assert read(anna_api.get(address))["status"] == "revoked"


def test_a_waiting_renewal_is_taken_back(anna_api: APIClient, consent: Consent, told: list[str]) -> None:
    waiting = ConsentFactory(
        connection=consent.connection, status=Status.AWAITING, consent_id="", granted_at=None, expires_at=None
    )
    read(anna_api.delete(f"{CONSENTS}/{waiting.pk}/"))
    waiting.refresh_from_db()
    consent.refresh_from_db()
    assert (waiting.status, consent.status, told) == (Status.REVOKED, Status.GRANTED, [])


@pytest.mark.parametrize(("method", "tail"), [("get", ""), ("delete", ""), ("get", "/events")])
def test_another_persons_consent_is_not_found(
    boris_api: APIClient, consent: Consent, method: str, tail: str
) -> None:
    assert getattr(boris_api, method)(f"{CONSENTS}/{consent.pk}{tail}").status_code == 404
    assert read(boris_api.get(MINE))["total"] == 0


def test_the_list_costs_the_same_for_many(
    anna_api: APIClient, world: World, django_assert_max_num_queries
) -> None:
    for number in range(10):
        bank = BankFactory(code=f"bank{number}")
        ConsentFactory(connection=ConnectionFactory(user=world.connection.user, bank=bank))
    with django_assert_max_num_queries(4):
        assert len(read(anna_api.get(MINE))["consents"]) == 10


def test_data_is_kept_when_a_connection_is_given_up_so(anna_api: APIClient, world: World, told) -> None:
    address = f"/api/v1/banks/connections/{world.connection.pk}"
    assert anna_api.delete(f"{address}?keep_data=true").status_code == 204
    connection = read(anna_api.get(address))
    assert (connection["status"], connection["cause"]) == ("DISCONNECTED", "disconnected")
    assert shapes.misfits(connection, shapes.CONNECTION) == []
