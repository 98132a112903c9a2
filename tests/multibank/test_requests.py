"""What a partner asks for as the client sees it: decided on the page or over the API, ended, remembered."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from banking.models import AuditEvent, Bank, Consent, ConsentEvent, PartnerBank
from banking.queries import connections
from banking.services import consents as bank_consents
from banking.services import multibank
from financehub.users.models import User
from tests.api import shapes
from tests.api.conftest import read
from tests.factories import ConsentFactory, PartnerConsentFactory
from tests.multibank.conftest import Desk, Home, presented

CONSENTS = "/api/v1/consents"
REQUESTS = f"{CONSENTS}/requests"
Status = Consent.Status
State = Consent.State
ROW = {
    "id": shapes.text,
    "user_id": shapes.whole,
    "partner_bank_id": shapes.text,
    "partner_bank_name": shapes.text,
    "scopes": lambda value: isinstance(value, list),
    "purpose": shapes.text,
    "status": shapes.one_of("requested", "active", "revoked", "rejected", "expired"),
    "valid_from": shapes.maybe(shapes.instant),
    "valid_until": shapes.instant,
    "requested_at": shapes.instant,
    "decided_at": shapes.maybe(shapes.instant),
}


@pytest.fixture
def request_(home: Home, partner: PartnerBank) -> Consent:
    """A partner's request that waits for Anna."""
    wish = multibank.Wish(
        partner=partner,
        bank=home.bank,
        terms=multibank.Terms(scopes=multibank.SCOPES[:3], duration=timedelta(days=30)),
    )
    return multibank.put_before(home.person, wish=wish, actor=ConsentEvent.Actor.PARTNER, now=timezone.now())


def state_of(consent: Consent) -> Consent.State:
    return Consent.objects.get(pk=consent.pk).state(timezone.now())


def history(consent: Consent) -> list[tuple[str, str]]:
    return list(consent.events.order_by("pk").values_list("kind", "actor"))


# Over the API


def test_a_request_is_approved_and_opens_the_data(anna_api: APIClient, desk: Desk, request_: Consent) -> None:
    (row,) = read(anna_api.get(REQUESTS))
    assert shapes.misfits(row, ROW) == []
    assert (row["id"], row["status"], row["partner_bank_id"]) == (str(request_.pk), "requested", "pbank")
    approved = read(anna_api.post(f"{REQUESTS}/{request_.pk}/approve"))
    assert (approved["status"], approved["state"]) == ("active", "granted")
    assert shapes.misfits(approved, ROW) == []
    assert read(desk.call("accounts-with-consent", presented(request_)))
    assert history(request_) == [("requested", "partner"), ("granted", "person")]
    assert anna_api.post(f"{REQUESTS}/{request_.pk}/approve/").status_code == 409
    assert anna_api.post(f"{REQUESTS}/{request_.pk}/reject").status_code == 409
    assert state_of(request_) == State.GRANTED


@pytest.mark.parametrize("body", [None, {"decision": "reject", "reason": "Не знаю такого банка"}])
def test_a_request_is_rejected(anna_api: APIClient, desk: Desk, request_: Consent, body: Any) -> None:
    assert (
        read(anna_api.post(f"{REQUESTS}/{request_.pk}/reject", body, format="json"))["status"] == "rejected"
    )
    assert desk.call("accounts-with-consent", presented(request_)).status_code == 403
    assert anna_api.post(f"{REQUESTS}/{request_.pk}/approve").status_code == 409
    assert not AuditEvent.objects.exists()


def test_a_person_begins_a_consent_and_approves_it(anna_api: APIClient, desk: Desk, home: Home) -> None:
    body = {"partner_bank_code": "PBANK", "scopes": ["accounts.read"], "purpose": "Кредит", "valid_days": 10}
    made = read(anna_api.post(f"{CONSENTS}/request", body, format="json"), 201)
    assert shapes.misfits(made, ROW) == []
    assert (made["status"], made["bank_provider"], made["purpose"]) == ("requested", None, "Кредит")
    read(anna_api.post(f"{REQUESTS}/{made['id']}/approve"))
    consent = Consent.objects.get(pk=made["id"])
    for bank in ("vbank", "abank"):
        assert read(desk.call("accounts-with-consent", presented(consent, target_bank=bank)))
    page = read(anna_api.get(f"{CONSENTS}/my-consents"))
    assert [row["partner_bank_name"] for row in page["consents"]] == ["Partner Bank"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"partner_bank_code": "nobody"}, 404),
        ({"scopes": ["all"]}, 422),
        ({"valid_days": 366}, 422),
        ({"target_bank": "nobank"}, 400),
        ({"target_bank": "vbank"}, 201),
    ],
)
def test_a_consent_is_begun_within_bounds(
    anna_api: APIClient, partner: PartnerBank, changes: dict[str, Any], status: int
) -> None:
    body = {"partner_bank_code": "pbank", "scopes": ["accounts.read"]} | changes
    assert anna_api.post(f"{CONSENTS}/request", body, format="json").status_code == status


def test_requests_are_listed_by_status(anna_api: APIClient, home: Home, partner: PartnerBank) -> None:
    ConsentFactory(connection=home.account.connection)
    made = {"partner": partner, "person": home.person, "bank": home.bank}
    past = timezone.now() - timedelta(days=1)
    PartnerConsentFactory(**made, status=Status.AWAITING, expires_at=past)
    PartnerConsentFactory(**made, expires_at=past)
    PartnerConsentFactory(**made, status=Status.REJECTED)
    counts = {
        status: len(read(anna_api.get(REQUESTS, {"status": status})))
        for status in ("", "requested", "active", "expired", "rejected")
    }
    assert counts == {"": 3, "requested": 0, "active": 0, "expired": 2, "rejected": 1}
    assert len(read(anna_api.get(REQUESTS, {"limit": 1, "offset": 2}))) == 1


@pytest.mark.parametrize("way", ["approve", "reject"])
def test_what_is_not_theirs_or_no_request_is_not_found(
    boris_api: APIClient, anna_api: APIClient, home: Home, request_: Consent, way: str
) -> None:
    assert boris_api.post(f"{REQUESTS}/{request_.pk}/{way}").status_code == 404
    at_bank = ConsentFactory(connection=home.account.connection, status=Status.AWAITING)
    assert anna_api.post(f"{REQUESTS}/{at_bank.pk}/{way}").status_code == 404
    assert {state_of(request_), state_of(at_bank)} == {State.AWAITING}


def test_a_request_left_alone_until_its_end_is_over(anna_api: APIClient, request_: Consent) -> None:
    Consent.objects.update(expires_at=timezone.now())
    assert state_of(request_) == State.EXPIRED
    assert anna_api.post(f"{REQUESTS}/{request_.pk}/approve").status_code == 409
    events = read(anna_api.get(f"{CONSENTS}/{request_.pk}/events"))
    assert [event["event"] for event in events] == ["expired", "requested"]


def test_a_partner_that_was_switched_off_is_not_let_in(anna_api: APIClient, request_: Consent) -> None:
    PartnerBank.objects.update(is_active=False)
    assert anna_api.post(f"{REQUESTS}/{request_.pk}/approve").status_code == 409


def test_a_new_approval_takes_the_place_of_the_older(
    anna_api: APIClient, desk: Desk, consent: Consent, request_: Consent
) -> None:
    read(anna_api.post(f"{REQUESTS}/{request_.pk}/approve"))
    assert (state_of(consent), state_of(request_)) == (State.RENEWED, State.GRANTED)
    assert desk.call("accounts-with-consent", presented(consent)).status_code == 403


def test_what_ended_by_its_date_is_not_called_replaced(request_: Consent, consent: Consent) -> None:
    ended_at = timezone.now() - timedelta(days=3)
    Consent.objects.filter(pk=consent.pk).update(expires_at=ended_at)
    multibank.approve(consent=request_, now=timezone.now())
    consent.refresh_from_db()
    assert (consent.status, consent.ended_at) == (Status.EXPIRED, ended_at)
    assert history(consent)[-1] == ("expired", "system")


def test_the_person_revokes_over_the_api_too(anna_api: APIClient, desk: Desk, consent: Consent) -> None:
    assert read(anna_api.delete(f"{CONSENTS}/{consent.pk}"))["message"] == "Consent revoked"
    assert desk.call("accounts-with-consent", presented(consent)).status_code == 403
    assert anna_api.delete(f"{CONSENTS}/{consent.pk}").status_code == 404
    assert history(consent) == [("revoked", "person")]


def test_who_looks_at_a_replaced_request_cannot_approve_the_new_one(
    anna_api: APIClient, anna_client: Client, desk: Desk, request_: Consent
) -> None:
    body = {"target_bank": "vbank", "client_id": "anna", "scopes": ["payments.write"]}
    read(desk.call("request-consent", body))
    assert anna_api.post(f"{REQUESTS}/{request_.pk}/approve").status_code == 404
    assert anna_client.post(f"/consents/{request_.pk}/approve/").status_code == 404
    assert state_of(Consent.objects.get()) == State.AWAITING


# On the pages


def html(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_request_is_told_in_plain_words(anna_client: Client, request_: Consent) -> None:
    page = html(anna_client, "/consents/")
    assert "Partner Bank</h3>" in page
    assert "Ждут вас" in page
    assert "просит доступ до" in page
    assert "остатки на счетах" in page
    assert "accounts.read" not in page
    assert f'action="/consents/{request_.pk}/approve/"' in page
    assert f'action="/consents/{request_.pk}/reject/"' in page


def test_the_page_decides_and_ends(anna_client: Client, desk: Desk, request_: Consent) -> None:
    answer = anna_client.post(f"/consents/{request_.pk}/approve/", follow=True).content.decode()
    assert "Partner Bank может читать ваши данные" in answer
    assert f'action="/consents/{request_.pk}/revoke/"' in answer
    assert "ещё не пользовались" in answer
    read(desk.call("balances-with-consent", presented(request_)))
    assert "ещё не пользовались" not in html(anna_client, "/consents/")

    answer = anna_client.post(f"/consents/{request_.pk}/revoke/", follow=True).content.decode()
    assert "Партнёр больше ничего не прочитает" in answer
    assert "Вы отозвали доступ" in answer
    assert desk.call("balances-with-consent", presented(request_)).status_code == 403
    for way in ("approve", "reject", "revoke"):
        assert "уже не" in anna_client.post(f"/consents/{request_.pk}/{way}/", follow=True).content.decode()


def test_the_page_rejects(anna_client: Client, request_: Consent) -> None:
    assert (
        "Запрос отклонён"
        in anna_client.post(f"/consents/{request_.pk}/reject/", follow=True).content.decode()
    )
    assert state_of(request_) == State.REJECTED


def test_the_journal_names_the_partner(anna_client: Client, desk: Desk, request_: Consent) -> None:
    multibank.approve(consent=request_, now=timezone.now())
    for call in ("accounts", "balances", "transactions"):
        read(desk.call(f"{call}-with-consent", presented(request_)))
    multibank.revoke_by_partner(partner=desk.partner, consent_id=request_.consent_id, now=timezone.now())
    page = html(anna_client, "/consents/journal/")
    for words in (
        "VBank: прочитан список счетов",
        "VBank: прочитаны остатки",
        "VBank: прочитаны операции",
        "Partner Bank: открыт доступ (список счетов",
        "Partner Bank: доступ закрыт",
    ):
        assert words in page
    assert page.count("<span>Partner Bank</span>") == 4


def test_what_a_partner_writes_is_shown_as_text(
    anna_client: Client, home: Home, partner: PartnerBank
) -> None:
    PartnerBank.objects.filter(pk=partner.pk).update(name="<b>Банк</b>")
    PartnerConsentFactory(partner=partner, person=home.person, bank=None, purpose="<script>alert(1)</script>")
    page = html(anna_client, "/consents/")
    assert "<b>Банк</b>" not in page
    assert "<script>alert(1)" not in page
    assert "все подключённые банки" in page


def test_the_page_costs_the_same_for_many(
    anna_client: Client, home: Home, partner: PartnerBank, django_assert_max_num_queries: Any
) -> None:
    for code in ("vbank", "abank", "sbank"):
        bank = Bank.objects.get(code=code)
        for status in (Status.GRANTED, Status.AWAITING, Status.REVOKED):
            PartnerConsentFactory(partner=partner, person=home.person, bank=bank, status=status)
    with django_assert_max_num_queries(14):
        html(anna_client, "/consents/")


# Beside the consents of banks


def test_a_partners_consent_is_nobodys_access_to_a_bank(home: Home, consent: Consent, anna: User) -> None:
    """The life of a bank's consent goes on past it, and it takes no part in that."""
    now = consent.expires_at + timedelta(days=1)
    assert bank_consents.expire(now=now) == 0
    assert not Consent.objects.of_banks().exists()
    (overview,) = (
        row
        for row in connections.connection_overviews(user=anna, now=now)
        if row.connection.bank == home.bank
    )
    assert (overview.granted, overview.waiting) == (None, None)
    with pytest.raises(home.account.connection.DoesNotExist):
        _ = consent.source
