"""The client's payment calls and the bundled banks: what is sent once, what is asked again."""

from dataclasses import replace
from decimal import Decimal

import pytest

from banking.clients.errors import (
    AuthenticationFailed,
    BankUnavailable,
    ConsentRequired,
    InvalidResponse,
    RateLimited,
    Refused,
)
from banking.clients.schemas import PaymentOrder
from tests.contract.conftest import IMPATIENT, open_session

CLIENT = "team075-1"


@pytest.fixture
def paying(client_of, banks):
    """A client of vbank, its token, and an order between two of the person's accounts there."""
    made(banks)  # the history is written on the first call, which takes longer than the client waits
    client = client_of(limits=IMPATIENT)
    session = open_session(client)
    current, savings = (
        next(account for account in client.list_accounts(session) if account.kind == kind)
        for kind in ("current", "savings")
    )
    order = PaymentOrder(
        debtor_number=current.number,
        creditor_number=savings.number,
        creditor_bank=None,
        creditor_name="",
        amount=Decimal("150.00"),
        currency="RUB",
        comment="Отпуск",
    )
    yield client, session.token, order
    usual = {"dialect": "hosted", "auto_approve_payments": True, "settlement": "instant"}
    banks.control("vbank", "switches", usual)


def pay(client, token, order):
    consent = client.request_payment_consent(token, client_id=CLIENT, order=order)
    return client.create_payment(token, client_id=CLIENT, consent_id=consent.consent_id, order=order)


def made(banks):
    banks.call("GET", f"/vbank/_control/accounts?client_id={CLIENT}")
    return len(banks.call("GET", f"/vbank/_control/payments?client_id={CLIENT}").json())


def test_an_order_is_carried_out_and_can_be_asked_for(paying):
    client, token, order = paying
    paid = pay(client, token, order)
    assert (paid.status, paid.amount, paid.currency) == ("completed", Decimal("150.00"), "RUB")
    asked = client.get_payment(token, client_id=CLIENT, payment_id=paid.payment_id)
    assert asked == paid


def test_a_consent_says_that_it_was_used(paying):
    client, token, order = paying
    consent = client.request_payment_consent(token, client_id=CLIENT, order=order)
    assert consent.status == "granted"
    client.create_payment(token, client_id=CLIENT, consent_id=consent.consent_id, order=order)
    told = client.get_payment_consent(token, consent_or_request_id=consent.consent_id)
    assert told.status == "used"
    with pytest.raises(ConsentRequired):
        client.create_payment(token, client_id=CLIENT, consent_id=consent.consent_id, order=order)


def test_a_consent_may_wait_for_the_client(paying, banks):
    client, token, order = paying
    banks.control("vbank", "switches", {"auto_approve_payments": False})
    asked = client.request_payment_consent(token, client_id=CLIENT, order=order)
    assert (asked.status, asked.consent_id) == ("waiting", None)
    banks.control("vbank", f"payment-requests/{asked.request_id}/approve")
    told = client.get_payment_consent(token, consent_or_request_id=asked.request_id)
    assert (told.status, told.request_id) == ("granted", asked.request_id)
    assert told.consent_id not in {None, asked.request_id}


def test_a_consent_that_was_ended_pays_nothing(paying):
    client, token, order = paying
    consent = client.request_payment_consent(token, client_id=CLIENT, order=order)
    client.revoke_payment_consent(token, consent_id=consent.consent_id)
    assert client.get_payment_consent(token, consent_or_request_id=consent.consent_id).status == "revoked"
    with pytest.raises(ConsentRequired):
        client.create_payment(token, client_id=CLIENT, consent_id=consent.consent_id, order=order)


@pytest.mark.parametrize("settlement", ["rejected", "delayed"])
def test_that_an_order_was_taken_does_not_say_that_it_arrived(paying, banks, settlement):
    client, token, order = paying
    banks.control("vbank", "switches", {"settlement": settlement})
    assert pay(client, token, order).status == {"rejected": "rejected", "delayed": "in_process"}[settlement]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"amount": Decimal("151.00")}, "Payment does not match the consent"),
        ({"amount": Decimal("-150.00")}, "Amount must be positive"),
        ({"currency": "USD"}, "Currency of the payment differs from the accounts"),
        ({"creditor_number": "40817810000000000000"}, "not found in any bank"),
    ],
    ids=str,
)
def test_a_refusal_tells_why_and_leaves_the_consent(paying, change, told):
    client, token, order = paying
    consent = client.request_payment_consent(token, client_id=CLIENT, order=order)
    with pytest.raises(Refused) as refused:
        client.create_payment(
            token, client_id=CLIENT, consent_id=consent.consent_id, order=replace(order, **change)
        )
    assert (refused.value.status, refused.value.code) == (400, "bad_request")
    assert told in refused.value.told
    assert client.get_payment_consent(token, consent_or_request_id=consent.consent_id).status == "granted"


@pytest.mark.parametrize(
    ("fault", "failure", "bookings"),
    [
        ({"what": "error", "status": 500}, BankUnavailable, 0),
        ({"what": "error", "status": 502}, BankUnavailable, 0),
        ({"what": "reset"}, BankUnavailable, 0),
        ({"what": "hang", "seconds": 5}, BankUnavailable, 0),
        ({"what": "rate_limit", "retry_after": 0}, RateLimited, 0),
        ({"what": "maintenance"}, BankUnavailable, 0),
        ({"what": "execute_then_drop"}, BankUnavailable, 1),
        ({"what": "execute_then_drop", "seconds": 5}, BankUnavailable, 1),
        ({"what": "half_body"}, BankUnavailable, 1),
        ({"what": "shape", "as": "null"}, InvalidResponse, 1),
        ({"what": "shape", "as": "not_json"}, InvalidResponse, 1),
    ],
    ids=str,
)
def test_an_order_is_sent_once_whatever_happens(paying, banks, fault, failure, bookings):
    client, token, order = paying
    consent = client.request_payment_consent(token, client_id=CLIENT, order=order)
    before = made(banks)
    banks.control("vbank", "faults", fault | {"where": "payments", "times": 1})
    with pytest.raises(failure):
        client.create_payment(token, client_id=CLIENT, consent_id=consent.consent_id, order=order)
    assert made(banks) == before + bookings
    banks.control("vbank", "faults", method="DELETE")
    assert client.get_payment_consent(token, consent_or_request_id=consent.consent_id).status == (
        "used" if bookings else "granted"
    )


def test_a_bank_of_the_published_version_does_not_take_our_request(paying, banks):
    client, token, order = paying
    banks.control("vbank", "switches", {"dialect": "published"})
    with pytest.raises(AuthenticationFailed):
        client.request_payment_consent(token, client_id=CLIENT, order=order)
