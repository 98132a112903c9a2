"""The client's calls: what each sends, how pages end, and what a bank's dialect may change."""

import json
from datetime import UTC, datetime

import pytest

from banking.clients import paging
from banking.clients.errors import (
    AuthenticationFailed,
    BankUnavailable,
    ConsentRequired,
    EndlessPaging,
    InvalidResponse,
    Refused,
)
from banking.clients.schemas import BankSession, BankToken
from tests.banking.clients.answers import page_of, transaction
from tests.banking.clients.loopback import reply

TOKEN = BankToken("bearer-1", datetime(2030, 1, 1, tzinfo=UTC))
SESSION = BankSession(token=TOKEN, client_id="team042-1", consent_id="consent-1")
NO_CONSENT = reply({"detail": {"error": "CONSENT_REQUIRED", "message": "?"}}, status=403)
TOO_MANY = reply({"detail": [{"loc": ["query", "limit"], "msg": "less than or equal to 50"}]}, status=422)


def page(*ids, next_link=None, **meta):
    links = {"next": next_link} if next_link else {}
    return reply(page_of(*[transaction(transactionId=each) for each in ids], links=links, **meta))


def link(number, limit=100):
    return f"/accounts/acc-1/transactions?page={number}&limit={limit}"


def read(client, **options):
    return list(client.iter_transaction_pages(SESSION, account_id="acc-1", **options))


def ids(pages):
    return [[row.external_id for row in each.rows] for each in pages]


def test_a_data_call_names_the_application_the_person_and_the_consent(serve, client_to):
    bank = serve(reply({"data": {"account": []}}))
    client_to(bank).list_accounts(SESSION)
    (sent,) = bank.requests
    assert (sent.method, sent.path, sent.query) == ("GET", "/accounts", {"client_id": "team042-1"})
    assert sent.headers["authorization"] == "Bearer bearer-1"
    assert sent.headers["x-requesting-bank"] == "team042"
    assert sent.headers["x-consent-id"] == "consent-1"


def test_a_consent_request_says_who_asks(serve, client_to):
    bank = serve(reply({"request_id": "req-1", "status": "pending"}))
    client_to(bank).request_account_consent(
        TOKEN, client_id="team042-1", permissions=["ReadBalances"], reason="Агрегация"
    )
    (sent,) = bank.requests
    assert json.loads(sent.body) == {
        "client_id": "team042-1",
        "permissions": ["ReadBalances"],
        "reason": "Агрегация",
        "requesting_bank": "team042",
        "requesting_bank_name": "FinanceHub",
    }
    assert sent.headers["x-requesting-bank"] == "team042"
    assert sent.headers["content-type"] == "application/json"


@pytest.mark.parametrize("account_id", ["a/b?c#d", "счёт 1", "%2e%2e"])
def test_an_id_is_one_step_of_the_path(serve, client_to, account_id):
    bank = serve(reply({"data": {"balance": []}}))
    client_to(bank).get_balances(SESSION, account_id=account_id)
    steps = bank.requests[0].target.split("/")
    assert (len(steps), steps[1], steps[3]) == (4, "accounts", "balances")


def test_pages_are_read_to_the_banks_end(serve, client_to):
    bank = serve(
        page("a", "b", next_link=link(2), totalPages=3, totalRecords=5),
        page("c", "d", next_link=link(3), totalPages=3, totalRecords=5),
        page("e", totalPages=3, totalRecords=5),
    )
    pages = read(client_to(bank))
    assert ids(pages) == [["a", "b"], ["c", "d"], ["e"]]
    assert [(each.page, each.total_pages, each.is_last) for each in pages] == [
        (1, 3, False),
        (2, 3, False),
        (3, 3, True),
    ]
    assert [sent.query for sent in bank.requests] == [
        {"page": str(number), "limit": "100"} for number in (1, 2, 3)
    ]


def test_reading_may_start_in_the_middle(serve, client_to):
    bank = serve(page("e", totalPages=3))
    assert [each.page for each in read(client_to(bank), start_page=3)] == [3]
    assert bank.requests[0].query["page"] == "3"


def test_a_short_page_is_not_the_end(serve, client_to):
    bank = serve(page("a", totalPages=2), page("b", "c", totalPages=2))
    assert ids(read(client_to(bank))) == [["a"], ["b", "c"]]


def test_an_empty_page_is_not_the_end(serve, client_to):
    bank = serve(
        page("a", next_link=link(2), totalPages=3),
        page(next_link=link(3), totalPages=3),
        page("b", totalPages=3),
    )
    assert ids(read(client_to(bank))) == [["a"], [], ["b"]]


def test_links_alone_lead_to_the_end(serve, client_to):
    bank = serve(page("a", next_link=link(2)), page("b"))
    assert ids(read(client_to(bank))) == [["a"], ["b"]]


def test_a_bank_without_pages_has_one(serve, client_to):
    assert ids(read(client_to(serve(page("a"))))) == [["a"]]


def test_no_rows_at_all_is_one_empty_page(serve, client_to):
    pages = read(client_to(serve(page(totalPages=0, totalRecords=0))))
    assert [(each.rows, each.is_last) for each in pages] == [((), True)]


def test_the_banks_own_page_size_is_followed(serve, client_to):
    bank = serve(page("a", next_link=link(2, limit=1), totalPages=2), page("b", totalPages=2))
    assert ids(read(client_to(bank))) == [["a"], ["b"]]
    assert bank.requests[1].query == {"page": "2", "limit": "1"}


def test_a_cursor_is_followed(serve, client_to):
    bank = serve(page("a", next_link="/accounts/acc-1/transactions?cursor=x%2B1"), page("b"))
    pages = read(client_to(bank))
    assert [each.page for each in pages] == [1, 2]
    assert bank.requests[1].query == {"cursor": "x+1"}


def test_a_next_link_leads_to_no_other_host(serve, client_to):
    elsewhere = serve(page("x"))
    bank = serve(page("a", next_link=f"{elsewhere.url}/other?page=2"), page("b"))
    assert ids(read(client_to(bank))) == [["a"], ["b"]]
    assert elsewhere.requests == []
    assert bank.requests[1].path == "/accounts/acc-1/transactions"


def test_a_bank_that_takes_no_page_of_a_hundred_is_asked_for_its_own(serve, client_to):
    bank = serve(TOO_MANY, page("a", totalPages=2), page("b", totalPages=2))
    assert ids(read(client_to(bank))) == [["a"], ["b"]]
    assert [sent.query for sent in bank.requests] == [
        {"page": "1", "limit": "100"},
        {"page": "1"},
        {"page": "2"},
    ]


def test_another_refusal_is_not_about_the_page_size(serve, client_to):
    bank = serve(reply({"detail": "Account not found"}, status=404))
    with pytest.raises(Refused):
        read(client_to(bank))
    assert len(bank.requests) == 1


def collected(client):
    """Rows that arrived before the failure, and the failure."""
    pages = []
    with pytest.raises(EndlessPaging) as failure:
        pages.extend(client.iter_transaction_pages(SESSION, account_id="acc-1"))
    assert failure.value.retryable
    assert not any(each.is_last for each in pages)
    return [row.external_id for each in pages for row in each.rows], failure.value


@pytest.mark.parametrize("back_to", [1, 2])
def test_a_circle_is_left_with_what_was_read(serve, client_to, back_to):
    bank = serve(page("a", next_link=link(2)), page("b", next_link=link(back_to)))
    seen, _ = collected(client_to(bank))
    assert seen == ["a", "b"]
    assert len(bank.requests) == 2


def counting(sock, request):
    """A bank whose next link is always one further on."""
    number = int(request.query["page"])
    return page("a", "b", next_link=link(number + 1), totalPages=number + 5)(sock, request)


def empty(sock, request):
    number = int(request.query["page"])
    return page(next_link=link(number + 1), totalPages=number + 5)(sock, request)


def test_the_same_page_for_ever_is_left(serve, client_to):
    bank = serve(counting)
    seen, failure = collected(client_to(bank))
    assert set(seen) == {"a", "b"}
    assert len(bank.requests) <= 5
    assert failure.path == "links.next"


def test_the_same_rows_under_ever_new_ids_are_left(serve, client_to):
    def reissuing(sock, request):
        number = int(request.query["page"])
        return page(*[f"tx-{number}-{n}" for n in range(5)], next_link=link(number + 1))(sock, request)

    bank = serve(reissuing)
    collected(client_to(bank))
    assert len(bank.requests) <= 5


def test_few_equal_rows_under_their_own_ids_are_no_loop(serve, client_to):
    answers = [page(f"tx-{number}", next_link=link(number + 1)) for number in range(1, 9)]
    assert len(read(client_to(serve(*answers, page("last"))))) == 9


def test_empty_pages_for_ever_are_left(serve, client_to):
    bank = serve(empty)
    assert collected(client_to(bank))[0] == []
    assert len(bank.requests) <= 5


def test_a_page_shifted_by_new_rows_is_no_circle(serve, client_to):
    bank = serve(
        page("a", next_link=link(2), totalPages=3),
        page("a", next_link=link(3), totalPages=3),
        page("b", totalPages=3),
    )
    assert ids(read(client_to(bank))) == [["a"], ["a"], ["b"]]


def test_there_is_a_last_page_number(serve, client_to, monkeypatch):
    monkeypatch.setattr(paging, "MOST_PAGES", 3)

    def fresh(sock, request):
        number = int(request.query["page"])
        return page(f"tx-{number}", next_link=link(number + 1))(sock, request)

    assert collected(client_to(serve(fresh)))[0] == ["tx-1", "tx-2", "tx-3"]


def test_a_failure_on_a_later_page_keeps_the_earlier(serve, client_to):
    bank = serve(page("a", next_link=link(2), totalPages=2), NO_CONSENT)
    pages = client_to(bank).iter_transaction_pages(SESSION, account_id="acc-1")
    assert next(pages).rows[0].external_id == "a"
    with pytest.raises(ConsentRequired):
        next(pages)


def test_a_page_that_fails_once_is_read_again(serve, client_to):
    bank = serve(page("a", totalPages=2), reply(b"", status=500), page("b", totalPages=2))
    assert ids(read(client_to(bank))) == [["a"], ["b"]]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(NO_CONSENT, id="consent without cards"),
        pytest.param(reply({"detail": "Forbidden."}, status=403), id="forbidden"),
        pytest.param(reply({"detail": "Not Found"}, status=404), id="bank without cards"),
    ],
)
def test_no_cards_where_there_are_none_to_see(serve, client_to, answer):
    assert client_to(serve(answer)).list_cards(SESSION) == ()


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (reply({"detail": "Not authenticated"}, status=403), AuthenticationFailed),
        (reply({"detail": "?"}, status=400), Refused),
        (reply(b"", status=500), BankUnavailable),
        (reply({"data": None}), InvalidResponse),
    ],
)
def test_other_failures_of_cards_are_failures(serve, client_to, answer, failure):
    with pytest.raises(failure):
        client_to(serve(answer)).list_cards(SESSION)


def test_a_signature_that_is_never_reported_shows_without_the_consent_header(serve, client_to):
    bank = serve(NO_CONSENT, reply({"data": {"account": []}}))
    client = client_to(bank)
    assert not client.opens_without_consent_id(TOKEN, client_id="team042-1")
    assert client.opens_without_consent_id(TOKEN, client_id="team042-1")
    assert "x-consent-id" not in bank.requests[0].headers


def test_revoking_is_repeated_and_asking_is_not(serve, client_to):
    bank = serve(reply(b"", status=500), reply(b"", status=204))
    client_to(bank).revoke_account_consent(TOKEN, consent_id="consent-1")
    assert [sent.method for sent in bank.requests] == ["DELETE", "DELETE"]
    bank = serve(reply(b"", status=500))
    with pytest.raises(BankUnavailable):
        client_to(bank).request_account_consent(TOKEN, client_id="c", permissions=[], reason="")
    assert len(bank.requests) == 1
