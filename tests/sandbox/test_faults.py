"""Every planned fault, seen from the other end of a real socket."""

import gzip
import json
import time
from email.utils import parsedate_to_datetime

import pytest
import requests

from tests.bank_server import BankServer, running_banks

PAGE = "/vbank/accounts/acc-11/transactions?page={page}&limit=100"


@pytest.fixture
def server(bank_server: BankServer):
    yield bank_server
    bank_server.control("vbank", "faults", method="DELETE")


@pytest.fixture
def reader(server: BankServer):
    headers = server.granted("vbank")

    def read(page: int = 1, path: str | None = None, **more):
        return server.call("GET", path or PAGE.format(page=page), headers=headers, **more)

    return read


@pytest.fixture
def strike(server: BankServer):
    def plan(what: str, where: str = "transactions", **params):
        return server.control("vbank", "faults", {"what": what, "where": where, **params})

    return plan


def rows(answer: requests.Response) -> list[dict]:
    return answer.json()["data"]["transaction"]


def ids(answer: requests.Response) -> list[str | None]:
    return [row["transactionId"] for row in rows(answer)]


def test_latency_delays_the_answer(reader, strike):
    strike("latency", seconds=0.3)
    started = time.monotonic()

    assert reader().status_code == 200
    assert time.monotonic() - started >= 0.3


def test_rate_limit_names_seconds_a_date_or_nothing(reader, strike, server):
    strike("rate_limit", retry_after=7, times=1)
    strike("rate_limit", retry_after=3600, as_date=True, times=1, after=1)
    strike("rate_limit", times=1, after=2)

    in_seconds, as_date, silent = reader(), reader(), reader()

    assert [answer.status_code for answer in (in_seconds, as_date, silent)] == [429, 429, 429]
    assert in_seconds.headers["Retry-After"] == "7"
    assert parsedate_to_datetime(as_date.headers["Retry-After"]).timestamp() > time.time() + 3000
    assert "Retry-After" not in silent.headers
    assert reader().status_code == 200


def test_error_500_is_plain_text(reader, strike):
    strike("error")
    answer = reader()

    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    assert answer.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("status", [502, 503, 504])
def test_proxy_errors_are_html(reader, strike, status):
    strike("error", status=status)
    answer = reader()

    assert answer.status_code == status
    assert answer.text.startswith("<html>")


def test_maintenance_is_a_page_with_status_200(reader, strike):
    strike("maintenance")
    answer = reader()

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")


def test_reset_comes_before_any_header(reader, strike):
    strike("reset", times=1)

    with pytest.raises(requests.ConnectionError, match="reset"):
        reader()
    assert reader().status_code == 200


def test_half_body_is_shorter_than_promised(reader, strike):
    strike("half_body", share=0.5)

    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        reader()


def test_drip_feeds_the_body_slowly(reader, strike):
    strike("drip", size=2_000, pause=0.02)
    started = time.monotonic()

    assert len(rows(reader())) == 100
    assert time.monotonic() - started > 0.3


def test_hang_says_nothing_until_the_faults_are_cleared(reader, strike):
    strike("hang", seconds=1)

    with pytest.raises(requests.ConnectionError):
        reader()


def test_gzip_bomb_is_small_on_the_wire_and_huge_unpacked(server, reader, strike):
    strike("gzip_bomb", megabytes=8)
    raw = reader(stream=True).raw.read(decode_content=False)

    assert len(raw) < 20_000
    assert len(gzip.decompress(raw)) > 8 << 20


def test_giant_page_holds_as_many_rows_as_asked(reader, strike):
    strike("giant_page", rows=5_000)

    assert len(set(ids(reader()))) == 5_000


def test_redirect_leads_away(reader, strike):
    strike("redirect")
    answer = reader()

    assert (answer.status_code, answer.headers["Location"]) == (302, "http://127.0.0.1:9/")


WHOLE = {"null": None, "list": [], "text": "ok", "data_null": {"data": None, "links": {}, "meta": {}}}


@pytest.mark.parametrize(("kind", "document"), WHOLE.items())
def test_whole_bodies_of_wrong_shape(reader, strike, kind, document):
    strike("shape", **{"as": kind})

    assert reader().json() == document


@pytest.mark.parametrize("kind", ["empty", "not_json"])
def test_bodies_that_are_no_json(reader, strike, kind):
    strike("shape", **{"as": kind})

    with pytest.raises(ValueError, match="Expecting"):
        reader().json()


def test_deep_nesting_breaks_a_naive_parser(reader, strike):
    strike("shape", **{"as": "deep"})

    with pytest.raises(RecursionError):
        json.loads(reader().text)


SPOILED = {
    "missing_field": lambda row: "amount" not in row,
    "wrong_type": lambda row: isinstance(row["transactionInformation"], dict),
    "nul": lambda row: "\x00" in row["transactionInformation"],
    "surrogate": lambda row: "\ud83d" in row["transactionInformation"],
    "nan": lambda row: row["amount"]["amount"] != row["amount"]["amount"],
    "infinity": lambda row: row["amount"]["amount"] == float("-inf"),
    "huge_number": lambda row: row["amount"]["amount"] == float("inf"),
    "long_number": lambda row: row["amount"]["amount"] == 1e17,
}


@pytest.mark.parametrize(("kind", "is_spoiled"), SPOILED.items())
def test_first_row_is_spoiled_and_the_others_are_not(reader, strike, kind, is_spoiled):
    whole = rows(reader())
    strike("shape", **{"as": kind})
    spoiled = rows(reader())

    assert is_spoiled(spoiled[0])
    assert spoiled[1:] == whole[1:]


def test_shifting_page_repeats_a_row_on_the_next_one(reader, strike, server):
    strike("shift_page", page=1, times=1)
    first, second = ids(reader(1)), ids(reader(2))

    assert first[-1] == second[0]


def test_endless_next_never_runs_dry(reader, strike):
    strike("endless_next")
    last = reader(1).json()["meta"]["totalPages"]
    pages = [reader(number) for number in (18, 19, 40, 41)]

    assert last == 1_000_000
    assert all("next" in page.json()["links"] for page in pages)
    assert set(ids(pages[2])).isdisjoint(ids(pages[3]))
    assert len(ids(pages[3])) > 0


def test_cursor_cycle_leads_back(reader, strike):
    strike("cursor_cycle")

    assert "page=2&" in reader(1).json()["links"]["next"]
    assert "page=1&" in reader(2).json()["links"]["next"]


def test_short_page_is_not_the_end(reader, strike):
    strike("short_page", page=2, keep=3)
    short = reader(2)

    assert len(rows(short)) == 3
    assert "next" in short.json()["links"]
    assert len(rows(reader(3))) == 100


def test_empty_page_in_the_middle(reader, strike):
    strike("empty_page", page=2)

    assert [len(rows(reader(page))) for page in (1, 2, 3)] == [100, 0, 100]


def test_duplicate_rows_come_twice(reader, strike):
    strike("duplicate_rows")
    found = ids(reader())

    assert len(found) == 200
    assert found[:100] == found[100:]


def test_reissued_ids_are_others_but_stable(reader, strike):
    before = ids(reader())
    strike("reissue_ids")

    assert set(before).isdisjoint(ids(reader()))
    assert ids(reader()) == ids(reader())


def test_mutated_text_keeps_the_id(reader, strike):
    before = rows(reader())
    strike("mutate_text")
    after = rows(reader())

    assert [row["transactionId"] for row in before] == [row["transactionId"] for row in after]
    assert all(row["transactionInformation"].startswith("Опл. ") for row in after)


def test_rows_without_ids(reader, strike, server):
    strike("no_ids", times=1)
    strike("no_ids", missing=True, times=1, after=1)

    assert set(ids(reader())) == {None}
    assert all("transactionId" not in row for row in rows(reader()))


def test_mixed_currency(reader, strike):
    strike("mixed_currency", currency="NOK")

    assert {row["amount"]["currency"] for row in rows(reader())} == {"RUB", "NOK"}


def test_consent_is_revoked_after_a_page(reader, strike):
    strike("revoke_consent", page=2, times=1)

    assert [reader(page).status_code for page in (1, 2, 3)] == [200, 200, 403]


def test_consent_runs_out_after_a_page(server, reader, strike):
    strike("expire_consent", page=1, times=1)

    assert reader(1).status_code == 200
    assert reader(2).json()["detail"]["error"] == "CONSENT_REQUIRED"


def test_token_expires_after_some_calls(reader, strike):
    strike("expire_token", where="*", calls=2)

    assert [reader().status_code for _ in range(3)] == [200, 200, 401]


def test_vanishing_pending_never_books(server, reader, strike):
    body = {"account_id": "acc-12", "amount": "-10.00", "text": "Кафе", "status": "pending"}
    tx_id = server.control("vbank", "transactions", body)["tx_id"]
    path = "/vbank/accounts/acc-12/transactions"
    strike("vanish_pending", account="acc-12", times=1)

    assert tx_id in ids(reader(path=path))
    assert tx_id not in ids(reader(path=path))


def test_fault_strikes_only_where_it_is_planned(server, reader, strike):
    strike("error", where="balances", account="acc-12", times=1)

    assert reader().status_code == 200
    assert reader(path="/vbank/accounts/acc-11/balances").status_code == 200
    assert reader(path="/vbank/accounts/acc-12/balances").status_code == 500
    assert reader(path="/vbank/accounts/acc-12/balances").status_code == 200


def test_other_banks_are_not_struck(server, strike):
    strike("error", where="*")

    assert server.call("GET", "/vbank/health").status_code == 500
    assert server.call("GET", "/abank/health").status_code == 200


@pytest.mark.parametrize(
    "fault", [{"what": "nonsense"}, {"what": "error", "where": "moon"}, {"what": "error", "times": "many"}, 5]
)
def test_wrongly_described_fault_is_refused(server, fault):
    assert server.call("POST", "/vbank/_control/faults", json=fault).status_code == 400


def test_faults_of_the_settings_strike_all_banks(tmp_path):
    planned = ({"what": "error", "where": "service", "status": 503},)
    with running_banks(tmp_path / "sandbox.sqlite3", faults=planned) as server:
        assert [server.call("GET", f"/{bank}/health").status_code for bank in ("vbank", "sbank")] == [
            503,
            503,
        ]
