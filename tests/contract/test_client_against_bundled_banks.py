"""The client and the bundled banks, in both dialects and under every fault that reaches a client."""

import time
from decimal import Decimal

import pytest

from banking.clients.errors import (
    AnswerTooBig,
    AuthenticationFailed,
    BankUnavailable,
    BrokenDocument,
    ConsentRequired,
    CredentialsRefused,
    EndlessPaging,
    InvalidResponse,
    MaintenancePage,
    RateLimited,
    Refused,
    UnexpectedRedirect,
)
from banking.clients.schemas import BankSession
from banking.clients.transport import Limits
from tests.bank_server import TODAY
from tests.contract.conftest import IMPATIENT, ask, open_session

BANKS = ["vbank", "abank", "sbank"]


def truth(banks, bank="vbank"):
    """What the bank itself knows of the client's accounts, by id."""
    listed = banks.call("GET", f"/{bank}/_control/accounts", params={"client_id": "team075-1"}).json()
    return {account["account_id"]: account for account in listed}


def rows_of(client, session, account_id, **options):
    return [
        row
        for page in client.iter_transaction_pages(session, account_id=account_id, **options)
        for row in page.rows
    ]


@pytest.fixture
def reader(client_of, banks):
    """A client of vbank, its session and its busiest account."""
    client = client_of()
    session = open_session(client)
    known = truth(banks)
    busiest = max(known, key=lambda account_id: known[account_id]["rows"])
    return client, session, busiest, known[busiest]["rows"]


@pytest.fixture
def strike(banks):
    def plan(what, where="transactions", **params):
        banks.control("vbank", "faults", {"what": what, "where": where, **params})

    return plan


@pytest.mark.parametrize("bank", ["vbank", "abank"])
def test_an_automatic_bank_is_read_whole(dialect, client_of, banks, bank):
    client = client_of(bank)
    session = open_session(client)
    known = truth(banks, bank)
    accounts = client.list_accounts(session)
    assert {account.external_id for account in accounts} == set(known)
    assert accounts.rejected == ()
    for account in accounts:
        told = known[account.external_id]
        balances = client.get_balances(session, account_id=account.external_id)
        assert balances.booked is not None
        assert abs(balances.booked.amount) == abs(Decimal(told["booked"]))
        rows = rows_of(client, session, account.external_id)
        assert len({row.external_id for row in rows}) == len(rows) == told["rows"]
        booked = sum(row.amount for row in rows if row.status == "booked")
        assert booked + Decimal(told["opening"]) == Decimal(told["booked"])


def test_every_kind_of_account_is_told_apart(client_of, dialect):
    kinds = set()
    for bank in ("vbank", "abank"):
        client = client_of(bank)
        kinds |= {(account.kind, account.is_debt) for account in client.list_accounts(open_session(client))}
    assert {kind for kind, _ in kinds} >= {"current", "savings"}
    assert all(is_debt == (kind in {"loan", "card"}) for kind, is_debt in kinds)


def test_cards_belong_to_listed_accounts(client_of, dialect):
    client = client_of()
    session = open_session(client)
    numbers = {account.number for account in client.list_accounts(session)}
    cards = client.list_cards(session)
    assert cards
    assert cards.rejected == ()
    assert {card.account_number for card in cards} <= numbers


@pytest.mark.parametrize("bank", BANKS)
def test_every_bank_has_products(client_of, dialect, bank):
    client = client_of(bank)
    products = client.list_products(client.fetch_token())
    assert products
    assert products.rejected == ()
    assert all(product.name and product.kind for product in products)


def test_rows_of_an_older_bank_are_read_too(client_of, banks, dialect):
    client = client_of()
    session = open_session(client)
    account_id = next(iter(truth(banks)))
    modern = rows_of(client, session, account_id)
    banks.control("vbank", "switches", {"row_style": "plain"})
    plain = rows_of(client, session, account_id)
    banks.control("vbank", "switches", {"row_style": "modern"})
    assert [(row.external_id, row.amount) for row in plain] == [
        (row.external_id, row.amount) for row in modern
    ]
    assert {row.merchant_name for row in plain} == {""}


@pytest.mark.parametrize("limit", [7, 50, 100, 500])
def test_any_page_size_gives_all_rows(reader, limit):
    client, session, account_id, total = reader
    assert len(rows_of(client, session, account_id, limit=limit)) == total


def test_a_manual_bank_waits_for_the_client(dialect, client_of, banks):
    client = client_of("sbank")
    token = client.fetch_token()
    asked = ask(client, token)
    assert (asked.status, asked.consent_id) == ("waiting", None)
    assert client.get_account_consent(token, consent_or_request_id=asked.request_id).status == "waiting"
    signed = banks.control("sbank", f"requests/{asked.request_id}/approve")["consent_id"]
    told = client.get_account_consent(token, consent_or_request_id=asked.request_id)
    if dialect == "hosted":
        assert (told.status, told.consent_id, told.request_id) == ("granted", signed, asked.request_id)
        assert told.expires_at > TODAY
        assert not client.opens_without_consent_id(token, client_id="team075-1")
    else:
        assert (told.status, told.consent_id) == ("waiting", None)
        assert client.opens_without_consent_id(token, client_id="team075-1")
        signed = None
    session = BankSession(token=token, client_id="team075-1", consent_id=signed)
    assert client.list_accounts(session)


def test_a_refused_request_is_final_where_the_bank_says_so(client_of, banks):
    client = client_of("sbank")
    token = client.fetch_token()
    asked = ask(client, token)
    banks.control("sbank", f"requests/{asked.request_id}/reject")
    told = client.get_account_consent(token, consent_or_request_id=asked.request_id)
    assert told.status in {"rejected", "waiting"}
    assert told.consent_id is None


def test_a_revoked_consent_opens_nothing(dialect, client_of):
    client = client_of()
    session = open_session(client)
    for _ in range(2):
        client.revoke_account_consent(session.token, consent_id=session.consent_id)
    told = client.get_account_consent(session.token, consent_or_request_id=session.consent_id)
    assert told.status == "revoked"
    with pytest.raises(ConsentRequired):
        client.list_accounts(session)
    assert client.list_cards(session) == ()


def test_a_request_cannot_be_revoked(client_of):
    client = client_of("sbank")
    token = client.fetch_token()
    with pytest.raises(Refused) as failure:
        client.revoke_account_consent(token, consent_id=ask(client, token).request_id)
    assert failure.value.code == "not_found"


def test_an_unknown_client_is_refused(client_of):
    client = client_of()
    with pytest.raises(Refused) as failure:
        ask(client, client.fetch_token(), client_id="team099-1")
    assert (failure.value.status, failure.value.told) == (404, "Client team099-1 not found")


def test_wrong_credentials_are_named(client_of):
    with pytest.raises(CredentialsRefused):
        client_of(secret="wrong").fetch_token()


def test_a_recalled_token_is_authentication(reader, banks):
    client, session, account_id, _ = reader
    banks.control("vbank", "tokens/recall")
    with pytest.raises(AuthenticationFailed):
        client.get_balances(session, account_id=account_id)


@pytest.mark.parametrize(
    "fault",
    [
        {"what": "error", "status": 500},
        {"what": "error", "status": 502},
        {"what": "error", "status": 503},
        {"what": "error", "status": 504},
        {"what": "reset"},
        {"what": "half_body"},
        {"what": "maintenance"},
        {"what": "rate_limit", "retry_after": 0},
        {"what": "shape", "as": "not_json"},
        {"what": "shape", "as": "empty"},
        {"what": "latency", "seconds": 0.2},
    ],
    ids=lambda fault: "-".join(map(str, fault.values())),
)
def test_a_passing_fault_leaves_no_trace(reader, strike, fault):
    client, session, account_id, total = reader
    strike(**fault, times=1, page=2)
    assert len(rows_of(client, session, account_id)) == total


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        ({"what": "error", "status": 500}, BankUnavailable),
        ({"what": "error", "status": 502}, BankUnavailable),
        ({"what": "reset"}, BankUnavailable),
        ({"what": "half_body"}, BankUnavailable),
        ({"what": "maintenance"}, MaintenancePage),
        ({"what": "redirect"}, UnexpectedRedirect),
        ({"what": "rate_limit"}, RateLimited),
        ({"what": "rate_limit", "retry_after": 3600}, RateLimited),
        ({"what": "rate_limit", "retry_after": 3600, "as_date": True}, RateLimited),
        ({"what": "expire_token"}, AuthenticationFailed),
        ({"what": "shape", "as": "null"}, InvalidResponse),
        ({"what": "shape", "as": "list"}, InvalidResponse),
        ({"what": "shape", "as": "text"}, InvalidResponse),
        ({"what": "shape", "as": "data_null"}, InvalidResponse),
        ({"what": "shape", "as": "empty"}, BrokenDocument),
        ({"what": "shape", "as": "not_json"}, BrokenDocument),
        ({"what": "shape", "as": "deep"}, BrokenDocument),
        ({"what": "shape", "as": "nan"}, BrokenDocument),
        ({"what": "shape", "as": "infinity"}, BrokenDocument),
    ],
    ids=str,
)
def test_a_lasting_fault_has_a_name_and_keeps_the_pages_before(reader, strike, fault, failure):
    client, session, account_id, _ = reader
    strike(**fault, page=2)
    pages = client.iter_transaction_pages(session, account_id=account_id)
    assert len(next(pages).rows) == 100
    with pytest.raises(failure) as caught:
        next(pages)
    assert caught.value.bank == "vbank"
    if isinstance(caught.value, RateLimited) and "retry_after" in fault:
        assert 3500 < caught.value.retry_after <= 3600


@pytest.mark.parametrize("where", ["token", "accounts", "balances", "cards", "products"])
def test_a_null_answer_is_nowhere_an_empty_one(reader, strike, where):
    client, session, account_id, _ = reader
    strike("shape", where=where)
    calls = {
        "token": client.fetch_token,
        "accounts": lambda: client.list_accounts(session),
        "balances": lambda: client.get_balances(session, account_id=account_id),
        "cards": lambda: client.list_cards(session),
        "products": lambda: client.list_products(session.token),
    }
    with pytest.raises(InvalidResponse):
        calls[where]()


@pytest.mark.parametrize("kind", ["missing_field", "wrong_type", "huge_number", "long_number"])
def test_one_bad_row_is_set_aside_and_counted(reader, strike, kind):
    client, session, account_id, _ = reader
    strike("shape", **{"as": kind}, page=1)
    page = next(client.iter_transaction_pages(session, account_id=account_id))
    assert (len(page.rows), len(page.rejected)) == (99, 1)
    assert page.rejected[0].path.startswith("data.transaction[0]")


@pytest.mark.parametrize("kind", ["nul", "surrogate"])
def test_what_no_database_stores_is_replaced(reader, strike, kind):
    client, session, account_id, _ = reader
    strike("shape", **{"as": kind}, page=1)
    row = next(client.iter_transaction_pages(session, account_id=account_id)).rows[0]
    assert row.description == "до\N{REPLACEMENT CHARACTER}после"
    assert row.raw["transactionInformation"] == row.description


@pytest.mark.parametrize("fault", [{"what": "drip", "pause": 0.2}, {"what": "hang", "seconds": 20}], ids=str)
def test_a_stalling_bank_ends_by_the_deadline(reader, client_of, strike, fault):
    _, session, account_id, _ = reader
    strike(**fault)
    started = time.monotonic()
    with pytest.raises(BankUnavailable) as failure:
        rows_of(client_of(limits=IMPATIENT), session, account_id)
    assert failure.value.reason == "timeout"
    assert time.monotonic() - started < IMPATIENT.total + 1.0


def test_a_bomb_does_not_go_off(reader, strike):
    client, session, account_id, _ = reader
    strike("gzip_bomb")
    with pytest.raises(AnswerTooBig):
        rows_of(client, session, account_id)


def test_a_giant_page_is_refused_by_its_size(client_of, banks, strike):
    client = client_of(limits=Limits(max_bytes=1_000_000))
    session = open_session(client)
    strike("giant_page", rows=5_000)
    with pytest.raises(AnswerTooBig):
        rows_of(client, session, next(iter(truth(banks))))


def test_a_giant_page_under_the_cap_is_read(reader, strike):
    client, session, account_id, _ = reader
    strike("giant_page", rows=5_000, page=1)
    assert len(next(client.iter_transaction_pages(session, account_id=account_id)).rows) == 5_000


@pytest.mark.parametrize("what", ["endless_next", "cursor_cycle"])
def test_a_loop_ends_with_what_was_read(reader, strike, banks, what):
    client, session, account_id, total = reader
    strike(what)
    banks.control("vbank", "calls", method="DELETE")
    pages = []
    with pytest.raises(EndlessPaging):
        pages.extend(client.iter_transaction_pages(session, account_id=account_id))
    rows = [row for page in pages for row in page.rows]
    calls = banks.call("GET", "/vbank/_control/calls").json()
    assert len(calls) <= total // 100 + 6
    assert len(rows) >= (total if what == "endless_next" else 100)


@pytest.mark.parametrize(("what", "lost"), [("short_page", 97), ("empty_page", 100)])
def test_a_thin_page_is_not_the_end(reader, strike, what, lost):
    client, session, account_id, total = reader
    strike(what, page=2)
    assert len(rows_of(client, session, account_id)) == total - lost


def test_a_shifting_page_repeats_rows_but_loses_none(reader, strike, banks):
    client, session, account_id, total = reader
    strike("shift_page", page=1, times=1)
    ids = [row.external_id for row in rows_of(client, session, account_id)]
    assert (len(ids), len(set(ids))) == (total + 1, total)
    banks.control("vbank", "reset")


def test_rows_without_ids_are_rows(reader, strike):
    client, session, account_id, total = reader
    strike("no_ids")
    rows = rows_of(client, session, account_id)
    assert len(rows) == total
    assert {row.external_id for row in rows} == {None}


def test_doubled_and_foreign_rows_are_passed_on_as_sent(reader, strike):
    client, session, account_id, _ = reader
    strike("duplicate_rows", page=1)
    strike("mixed_currency", page=1, currency="USD")
    page = next(client.iter_transaction_pages(session, account_id=account_id))
    assert len(page.rows) == 200
    assert "USD" in {row.currency for row in page.rows}


@pytest.mark.parametrize("what", ["revoke_consent", "expire_consent"])
def test_a_consent_that_ends_midway_is_named(reader, strike, what):
    client, session, account_id, _ = reader
    strike(what, page=1, times=1)
    pages = client.iter_transaction_pages(session, account_id=account_id)
    next(pages)
    with pytest.raises(ConsentRequired):
        next(pages)
