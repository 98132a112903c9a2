"""One call to a bank: what goes out, what may come back, and how every fault ends."""

import gzip
import socket
import threading
import time
import tracemalloc
import uuid
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
import time_machine

from banking.clients.errors import (
    AnswerTooBig,
    AuthenticationFailed,
    BankUnavailable,
    BrokenDocument,
    InvalidResponse,
    MaintenancePage,
    RateLimited,
    UnexpectedRedirect,
)
from banking.clients.transport import Limits
from tests.banking.clients.conftest import QUICK
from tests.banking.clients.loopback import drip, hang, raw, reply, reset

OK = reply({"data": []})
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def get(transport, **options):
    return transport.call("GET", "/accounts", endpoint="accounts", repeatable=True, **options)


def once(transport):
    return transport.call("GET", "/accounts", endpoint="accounts")


def test_each_call_has_its_own_interaction_id(serve, transport_to):
    bank = serve(OK)
    transport = transport_to(bank)
    ids = [get(transport).request_id, get(transport).request_id]
    assert [request.headers["x-fapi-interaction-id"] for request in bank.requests] == ids
    assert len({uuid.UUID(each) for each in ids}) == 2


def test_a_path_prefix_of_the_bank_is_kept(serve, transport_to):
    bank = serve(OK)
    get(transport_to(bank.url + "/vbank/"))
    assert bank.requests[0].path == "/vbank/accounts"


def test_proxies_of_the_environment_are_not_asked(serve, transport_to, monkeypatch):
    bank, proxy = serve(OK), serve(OK)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    get(transport_to(bank))
    assert len(bank.requests) == 1
    assert proxy.requests == []


def test_passwords_of_the_environment_are_not_sent(serve, transport_to, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password canary\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    bank = serve(OK)
    get(transport_to(bank))
    assert "authorization" not in bank.requests[0].headers


def test_cookies_are_not_sent_back(serve, transport_to):
    bank = serve(reply({}, headers={"Set-Cookie": "session=1; Path=/"}))
    transport = transport_to(bank)
    get(transport)
    get(transport)
    assert "cookie" not in bank.requests[1].headers


def test_a_token_that_no_header_can_hold_is_refused_unsent(serve, transport_to):
    bank = serve(OK)
    for token in ("", "a b", "line\nbreak", "ключ"):
        with pytest.raises(AuthenticationFailed):
            get(transport_to(bank), token=token)
    assert bank.requests == []


def test_threads_may_share_a_transport(serve, transport_to):
    bank = serve(*[reply({"data": [n]}) for n in range(24)])
    transport = transport_to(bank, limits=Limits())
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.extend(get(transport).document["data"] for _ in range(4)))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(inner for [inner] in answers) == list(range(24))


def test_a_silent_bank_ends_the_call_by_the_read_timeout(serve, transport_to):
    bank = serve(hang)
    with pytest.raises(BankUnavailable) as failure:
        once(transport_to(bank))
    assert failure.value.reason == "timeout"


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(drip(HEAD + b"Content-Length: 900\r\n\r\n", b" " * 900, pause=0.1), id="body"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\n", b"X-Slow: " + b"x" * 900, pause=0.1), id="headers"),
        pytest.param(drip(CHUNKED + b"", b"1\r\n \r\n" * 90, pause=0.1), id="chunks"),
    ],
)
def test_a_dripping_bank_ends_by_the_deadline(serve, transport_to, behaviour):
    bank = serve(behaviour)
    started = time.monotonic()
    with pytest.raises(BankUnavailable) as failure:
        get(transport_to(bank))
    assert failure.value.reason == "timeout"
    assert time.monotonic() - started < QUICK.total + 1.0
    assert len(bank.requests) == 1


def test_retries_share_one_deadline(serve, transport_to):
    bank = serve(hang)
    started = time.monotonic()
    with pytest.raises(BankUnavailable):
        get(transport_to(bank, limits=Limits(read=0.4, total=0.9, first_pause=0.01)))
    assert time.monotonic() - started < 0.9 + 1.0


def test_a_closed_port_is_unavailable(transport_to):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(BankUnavailable) as failure:
        get(transport_to(f"http://127.0.0.1:{port}"))
    assert failure.value.reason == "connection"
    assert failure.value.retryable


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(reset, id="reset"),
        pytest.param(raw(b""), id="closed at once"),
        pytest.param(raw(HEAD + b'Content-Length: 90\r\n\r\n{"data": '), id="half a body"),
        pytest.param(raw(CHUNKED + b"5\r\n{"), id="half a chunk"),
        pytest.param(raw(CHUNKED + b"zz\r\n"), id="no chunk size"),
        pytest.param(raw(b"garbage\r\n\r\n"), id="no HTTP"),
        pytest.param(raw(HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}"), id="two lengths"),
        pytest.param(raw(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"), id="no gzip"),
        pytest.param(raw(HEAD + b"X: " + b"x" * 70_000 + b"\r\n\r\n"), id="endless header"),
    ],
)
def test_a_broken_answer_is_unavailable_and_a_second_try_heals_it(serve, transport_to, behaviour):
    with pytest.raises(BankUnavailable) as failure:
        once(transport_to(serve(behaviour)))
    assert failure.value.reason == "connection"
    assert get(transport_to(serve(behaviour, OK))).document == {"data": []}


def test_a_length_shorter_than_the_body_is_a_broken_document(serve, transport_to):
    bank = serve(raw(HEAD + b'Content-Length: 5\r\n\r\n{"data": []}'))
    with pytest.raises(BrokenDocument):
        once(transport_to(bank))


def test_a_body_without_a_length_ends_with_the_connection(serve, transport_to):
    assert get(transport_to(serve(raw(HEAD + b'\r\n{"data": []}')))).document == {"data": []}


@pytest.mark.parametrize("cut", [HEAD[:30], HEAD + b'\r\n{"data"'])
def test_an_answer_cut_where_no_length_tells_is_tried_again(serve, transport_to, cut):
    assert get(transport_to(serve(raw(cut), OK))).document == {"data": []}


def test_a_read_is_tried_three_times_in_all(serve, transport_to, pauses):
    bank = serve(reply(b"Internal Server Error", status=500, kind="text/plain"))
    with pytest.raises(BankUnavailable) as failure:
        get(transport_to(bank))
    assert (failure.value.reason, failure.value.status) == ("server_error", 500)
    assert len(bank.requests) == 3
    assert pauses == [0.01, 0.02]


def test_pauses_are_jittered(serve, transport_to, pauses):
    bank = serve(reply(b"", status=502), OK)
    get(transport_to(bank, jitter=lambda: 0.0))
    assert pauses == [0.005]


def test_after_a_500_comes_a_fresh_connection(serve, transport_to):
    bank = serve(OK, reply(b"Internal Server Error", status=500, kind="text/plain"), OK)
    transport = transport_to(bank)
    get(transport)
    get(transport)
    assert [request.connection for request in bank.requests] == [1, 1, 2]


def test_an_empty_500_also_gives_its_connection_up(serve, transport_to):
    bank = serve(reply(b"", status=500), OK)
    get(transport_to(bank))
    assert [request.connection for request in bank.requests] == [1, 2]


@pytest.mark.parametrize("behaviour", [reset, reply(b"", status=500), hang, raw(HEAD + b"\r\n{")])
def test_what_may_have_happened_is_not_repeated(serve, transport_to, behaviour):
    bank = serve(behaviour)
    with pytest.raises((BankUnavailable, BrokenDocument)):
        transport_to(bank).call("POST", "/account-consents/request", endpoint="consent-request", json={})
    assert len(bank.requests) == 1


def test_a_gzip_bomb_is_given_up_early(serve, transport_to):
    bomb = gzip.compress(b"[" + b" " * 200_000_000 + b"]", 9)
    bank = serve(reply(bomb, headers={"Content-Encoding": "gzip"}))
    transport = transport_to(bank, limits=Limits(max_bytes=5_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(AnswerTooBig):
            get(transport)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 50_000_000
    assert len(bank.requests) == 1


@pytest.mark.parametrize("extra", [0, 1])
def test_the_cap_is_exact(serve, transport_to, extra):
    transport = transport_to(serve(reply(b'"' + b"x" * (98 + extra) + b'"')), limits=Limits(max_bytes=100))
    if extra:
        with pytest.raises(AnswerTooBig):
            get(transport)
    else:
        assert len(get(transport).document) == 98


def test_gzip_is_understood(serve, transport_to):
    bank = serve(reply(gzip.compress(b'{"data": []}'), headers={"Content-Encoding": "gzip"}))
    assert get(transport_to(bank)).document == {"data": []}


def test_a_huge_error_body_keeps_its_status(serve, transport_to):
    bank = serve(reply(b"x" * 300_000, status=401, kind="text/plain"))
    with pytest.raises(AuthenticationFailed):
        get(transport_to(bank))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_fault_and_nothing_follows_it(serve, transport_to, status):
    canary = serve(OK)
    bank = serve(reply(b"", status=status, headers={"Location": f"{canary.url}/accounts"}))
    with pytest.raises(UnexpectedRedirect):
        get(transport_to(bank), token="secret", headers={"X-Consent-Id": "consent-1"})
    assert canary.requests == []
    assert len(bank.requests) == 1


def test_a_redirect_with_an_endless_body_is_not_read(serve, transport_to):
    head = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 9999999\r\n\r\n"
    bank = serve(drip(head, b"x" * 900, pause=0.1))
    started = time.monotonic()
    with pytest.raises(UnexpectedRedirect):
        get(transport_to(bank))
    assert time.monotonic() - started < 1.0


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(reply(b"<html><h1>Maintenance</h1></html>", kind="text/html"), id="html"),
        pytest.param(reply(b" <!doctype html>", kind="application/json"), id="html called json"),
    ],
)
def test_a_page_for_people_is_maintenance(serve, transport_to, behaviour):
    with pytest.raises(MaintenancePage) as failure:
        get(transport_to(serve(behaviour)))
    assert failure.value.reason == "maintenance"
    assert "html" not in str(failure.value).lower()


def test_another_content_type_is_no_answer(serve, transport_to):
    with pytest.raises(InvalidResponse):
        get(transport_to(serve(reply(b'{"data": []}', kind="text/plain"))))


def test_a_json_dialect_is_an_answer(serve, transport_to):
    bank = serve(reply(b'{"data": []}', kind="application/vnd.bank+json; charset=utf-8"))
    assert get(transport_to(bank)).document == {"data": []}


def test_an_empty_204_is_an_answer_without_a_document(serve, transport_to):
    assert get(transport_to(serve(raw(b"HTTP/1.1 204 No Content\r\n\r\n")))).document is None


def test_numbers_arrive_exact(serve, transport_to):
    bank = serve(reply(b'{"amount": 100000000000000000.01}'))
    assert str(get(transport_to(bank)).document["amount"]) == "100000000000000000.01"


def test_a_short_wait_is_kept_within_the_call(serve, transport_to, pauses):
    bank = serve(reply({}, status=429, headers={"Retry-After": "1"}), OK)
    get(transport_to(bank))
    assert pauses == [1.0]


@pytest.mark.parametrize("status", [429, 503])
def test_a_long_wait_is_the_callers(serve, transport_to, pauses, status):
    bank = serve(reply({}, status=status, headers={"Retry-After": "120"}))
    with pytest.raises((RateLimited, BankUnavailable)) as failure:
        get(transport_to(bank))
    assert failure.value.retry_after == 120
    assert len(bank.requests) == 1
    assert pauses == []


def test_a_wait_may_be_a_date_by_the_banks_clock(serve, transport_to):
    when = datetime(2025, 11, 1, 12, 0, tzinfo=UTC)
    headers = {
        "Retry-After": format_datetime(when.replace(minute=5), usegmt=True),
        "Date": format_datetime(when, usegmt=True),
    }
    with pytest.raises(RateLimited) as failure:
        get(transport_to(serve(reply({}, status=429, headers=headers))))
    assert failure.value.retry_after == 300


def test_a_date_without_the_banks_clock_counts_from_ours(serve, transport_to):
    now = datetime(2025, 11, 1, 12, 0, tzinfo=UTC)
    headers = {"Retry-After": "Sat, 01 Nov 2025 12:10:00 GMT"}
    with pytest.raises(RateLimited) as failure:
        get(transport_to(serve(reply({}, status=429, headers=headers)), now=lambda: now))
    assert failure.value.retry_after == 600


@pytest.mark.parametrize("value", ["soon", "-5", "1.5", "٣", "Sat, 99 Nov 2025 12:10:00 GMT"])
def test_an_unreadable_wait_is_none(serve, transport_to, value):
    bank = serve(raw(f"HTTP/1.1 429 Slow\r\nRetry-After: {value}\r\nContent-Length: 0\r\n\r\n".encode()))
    with pytest.raises(RateLimited) as failure:
        get(transport_to(bank))
    assert failure.value.retry_after is None
    assert len(bank.requests) == 1


@time_machine.travel(datetime(2025, 11, 1, 12, 0, tzinfo=UTC), tick=False)
@pytest.mark.parametrize(("date", "warned"), [("12:00:59", False), ("12:10:00", True), ("11:50:00", True)])
def test_a_wrong_clock_is_said_once(serve, transport_to, caplog, date, warned):
    bank = serve(reply({}, headers={"Date": f"Sat, 01 Nov 2025 {date} GMT"}))
    transport = transport_to(bank)
    get(transport)
    get(transport)
    assert sum("clock differs" in line for line in caplog.messages) == warned
