"""A status and a body, and the failure that they mean."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banking.clients.errors import (
    AuthenticationFailed,
    BankError,
    BankUnavailable,
    ConsentRequired,
    InvalidResponse,
    RateLimited,
    Refused,
    UnexpectedRedirect,
)
from banking.clients.faults import Rejection, failure_of, retry_after

NOW = datetime(2025, 11, 1, tzinfo=UTC)


def failure(status, body=b"", **headers):
    rejection = Rejection(bank="vbank", request_id="id-1", status=status, headers=headers, body=body)
    return failure_of(rejection, now=NOW)


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (401, b'{"detail":"Could not validate credentials"}', AuthenticationFailed, "authentication_failed"),
        (403, b'{"detail":"Not authenticated"}', AuthenticationFailed, "authentication_failed"),
        (
            403,
            b'{"detail":"Invalid authentication credentials"}',
            AuthenticationFailed,
            "authentication_failed",
        ),
        (403, b'{"detail":{"error":"CONSENT_REQUIRED"}}', ConsentRequired, "consent_required"),
        (403, b'{"detail":{"error":"INVALID_CONSENT"}}', ConsentRequired, "consent_required"),
        (
            403,
            b'{"Errors":[{"errorCode":"RU.CBR.Authenticate.InvalidConsent"}]}',
            ConsentRequired,
            "consent_required",
        ),
        (403, b'{"detail":"Access denied"}', Refused, "forbidden"),
        (403, b'{"detail":{"error":"SOMETHING"}}', Refused, "forbidden"),
        (403, b"<html>Forbidden</html>", Refused, "forbidden"),
        (403, b"", Refused, "forbidden"),
        (400, b'{"detail":"Insufficient funds"}', Refused, "bad_request"),
        (404, b'{"detail":"Account not found"}', Refused, "not_found"),
        (405, b'{"detail":"Method Not Allowed"}', Refused, "method_not_allowed"),
        (409, b"null", Refused, "conflict"),
        (422, b'{"detail":[{"loc":["query","limit"],"msg":"too big"}]}', Refused, "validation_failed"),
        (418, b"[]", Refused, "refused"),
        (429, b"<html>", RateLimited, "rate_limited"),
        (500, b"Internal Server Error", BankUnavailable, "bank_unavailable"),
        (502, b"<html>", BankUnavailable, "bank_unavailable"),
        (599, b"", BankUnavailable, "bank_unavailable"),
        (304, b"", UnexpectedRedirect, "unexpected_redirect"),
        (199, b"", InvalidResponse, "invalid_response"),
    ],
)
def test_every_status_has_its_failure(status, body, kind, code):
    found = failure(status, body)
    assert type(found) is kind
    assert (found.code, found.bank, found.request_id) == (code, "vbank", "id-1")


def test_a_validation_failure_says_where_but_not_what_was_sent():
    body = (
        b'{"detail":[{"loc":["query","limit"],"msg":"Input should be less","input":"canary"},'
        b'{"loc":["body",1],"msg":"broken","input":{"secret":"canary"}}]}'
    )
    found = failure(422, body)
    assert str(found) == "vbank: validation_failed (query.limit: Input should be less; body.1: broken)"
    assert "canary" not in str(vars(found))


def test_the_banks_sentence_is_kept_for_the_person():
    body = '{"detail":{"error":"X","message":"Недостаточно средств"}}'.encode()
    assert failure(400, body).told == "Недостаточно средств"
    assert failure(400, '{"code":"400","message":"Ошибка в запросе"}'.encode()).told == "Ошибка в запросе"


def test_only_what_may_pass_by_itself_is_retryable():
    assert [failure(status).retryable for status in (401, 404, 422, 429, 500)] == [
        False,
        False,
        False,
        True,
        True,
    ]


@given(st.integers(100, 599).filter(lambda status: not 200 <= status < 300), st.binary(max_size=60))
def test_any_body_is_a_bank_error(status, body):
    assert isinstance(failure(status, body), BankError)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=8) | st.sampled_from(["error", "detail"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["detail", "error", "message", "loc", "msg", "Errors"]), inner)
        ),
        max_leaves=8,
    )
)
def test_any_detail_is_a_bank_error(detail):
    for document in (detail, {"detail": detail}, {"detail": [detail]}, {"Errors": [detail]}):
        assert isinstance(failure(403, json.dumps(document).encode()), BankError)


HEADER = st.text(max_size=40) | st.text("0123456789 :-+,GMTSatNov", max_size=40)


@given(HEADER, HEADER)
def test_any_wait_is_a_number_or_none(wait, date):
    seconds = retry_after({"Retry-After": wait, "Date": date}, now=NOW)
    assert seconds is None or seconds >= 0
