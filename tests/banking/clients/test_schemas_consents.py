"""Tokens and consents: many words for one state, and ids that change."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banking.clients.errors import InvalidResponse
from banking.clients.schemas import parse_consent, parse_token
from tests.banking.clients.answers import answer

NOW = datetime(2026, 2, 17, 10, 0, tzinfo=UTC)
REQUEST, CONSENT = "req-1d16f2aee767", "consent-6d128e75583a"


def polled(asked_for=REQUEST, **data):
    return parse_consent(answer({"data": data}), now=NOW, asked_for=asked_for)


def requested(**body):
    return parse_consent(answer(body), now=NOW)


@pytest.mark.parametrize(
    "word", ["Authorized", "Authorised", "approved", "active", "valid", "AUTHORIZED", " Active "]
)
def test_every_word_for_granted_grants_with_an_id(word):
    read = polled(status=word, consentId=CONSENT)
    assert (read.status, read.request_id, read.consent_id) == ("granted", REQUEST, CONSENT)


@pytest.mark.parametrize("given_id", [REQUEST, None, "", "req-ffffffffffff"])
def test_no_word_grants_without_another_id_than_the_requests(given_id):
    read = polled(status="Authorized", consentId=given_id)
    assert (read.status, read.consent_id) == ("waiting", None)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("pending", "waiting"),
        ("AwaitingAuthorization", "waiting"),
        ("AwaitingAuthorisation", "waiting"),
        ("Rejected", "rejected"),
        ("revoked", "revoked"),
        ("Expired", "expired"),
        ("used", "expired"),
    ],
)
def test_the_other_words(word, status):
    assert polled(status=word, consentId=CONSENT).status == status


@pytest.mark.parametrize("word", [None, "", "dancing", 5, []])
def test_an_unknown_state_is_not_guessed(word):
    with pytest.raises(InvalidResponse):
        polled(status=word, consentId=CONSENT)


@pytest.mark.parametrize("name", ["consent_id", "consentId"])
@pytest.mark.parametrize("wrapped", [True, False])
def test_the_id_has_four_places(name, wrapped):
    body = {"request_id": REQUEST, "status": "approved", name: CONSENT}
    assert requested(**({"data": body} if wrapped else body)).consent_id == CONSENT


def test_a_request_may_be_granted_at_once():
    read = requested(
        request_id=REQUEST, consent_id=CONSENT, status="approved", created_at="2026-02-17T09:31:49"
    )
    assert (read.status, read.request_id, read.consent_id) == ("granted", REQUEST, CONSENT)
    assert read.created_at == datetime(2026, 2, 17, 9, 31, 49, tzinfo=UTC)


@pytest.mark.parametrize("body", [{}, {"consent_id": None}])
def test_a_request_may_have_to_wait(body):
    read = requested(request_id=REQUEST, status="pending", **body)
    assert (read.status, read.request_id, read.consent_id) == ("waiting", REQUEST, None)


def test_a_consent_whose_id_never_changes_is_granted():
    intent = "urn-bank-intent-88379"
    assert polled(asked_for=intent, status="Authorised", consentId=intent).consent_id == intent


def test_the_last_day_of_a_waiting_request_is_not_kept():
    read = polled(
        status="AwaitingAuthorization", consentId=REQUEST, expirationDateTime="2026-05-18T09:31:49Z"
    )
    assert read.expires_at is None


def test_a_consent_past_its_last_day_is_over_whatever_the_bank_says():
    assert polled(
        status="Authorized", consentId=CONSENT, expirationDateTime="2026-02-17T10:00:00Z"
    ).status == ("expired")
    assert polled(
        status="Authorized", consentId=CONSENT, expirationDateTime="2026-02-17T10:00:01Z"
    ).status == ("granted")


def test_an_id_that_no_header_can_hold_is_none():
    assert polled(status="Authorized", consentId="согласие\r\nX: 1").consent_id is None


def test_a_token_ends_by_our_clock():
    token = parse_token(answer({"access_token": "a.b.c", "expires_in": 3600}), now=NOW)
    assert (token.access_token, token.expires_at) == ("a.b.c", NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    ("life", "seconds"), [("600", 600), (None, 900), (-5, 900), (0, 900), (10**9, 86_400)]
)
def test_a_strange_life_is_kept_short(life, seconds):
    token = parse_token(answer({"access_token": "a", "expires_in": life}), now=NOW)
    assert token.expires_at == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize("sent", [None, "", 5, "a b", "ключ", "a\r\nX-Evil: 1", ["a"], "x" * 9000])
def test_a_token_that_no_header_can_hold_is_invalid(sent):
    with pytest.raises(InvalidResponse):
        parse_token(answer({"access_token": sent}), now=NOW)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["active", REQUEST]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["data", "status", "consentId", "request_id", "expirationDateTime", "permissions"]
            ),
            inner,
        )
    ),
    max_leaves=8,
)


@given(JUNK)
def test_any_document_is_read_or_invalid(document):
    for form in (document, {"data": document}, {"status": "active", "data": document}):
        with suppress(InvalidResponse):
            read = parse_consent(answer(form), now=NOW, asked_for=REQUEST)
            assert read.status != "granted" or read.consent_id not in {None, REQUEST}
        with suppress(InvalidResponse):
            parse_token(answer(form), now=NOW)
