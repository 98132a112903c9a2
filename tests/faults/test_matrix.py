"""Every fault of the bundled banks at every place: the same rows in the end, or a state that says why not."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.bank_server import BankServer
from tests.faults import story

pytestmark = pytest.mark.usefixtures("short_histories")

PLACES: dict[str, dict[str, Any]] = {
    "token": {"where": "token"},
    "consent": {"where": "consent_request"},
    "accounts": {"where": "accounts"},
    "balances": {"where": "balances", "account": "acc-87"},
    "first page": {"where": "transactions", "account": "acc-86", "page": 1},
    "middle page": {"where": "transactions", "account": "acc-86", "page": 2},
    "last page": {"where": "transactions", "account": "acc-86", "page": 4},
}
EVERYWHERE = tuple(PLACES)
PAGES = ("first page", "middle page", "last page")
ANSWERS = ("accounts", "balances", *PAGES)

# Faults that pass: each strikes more often than a call is repeated, so that a whole run fails first.
PASSING: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "reset": ({"what": "reset"}, EVERYWHERE),
    "500": ({"what": "error", "status": 500}, EVERYWHERE),
    "502": ({"what": "error", "status": 502}, ("token", "middle page")),
    "503": ({"what": "error", "status": 503}, EVERYWHERE),
    "504": ({"what": "error", "status": 504}, ("consent", "last page")),
    "429": ({"what": "rate_limit"}, EVERYWHERE),
    "429 in 90 s": ({"what": "rate_limit", "retry_after": 90}, EVERYWHERE),
    "429 until a date": (
        {"what": "rate_limit", "retry_after": 600, "as_date": True},
        ("balances", "last page"),
    ),
    "maintenance": ({"what": "maintenance"}, EVERYWHERE),
    "half a body": ({"what": "half_body"}, EVERYWHERE),
    "slow": ({"what": "latency", "seconds": 0.05}, EVERYWHERE),
    "hang": ({"what": "hang", "seconds": 0.6, "times": 1}, ("accounts", "middle page")),
    "drip": ({"what": "drip", "size": 1, "pause": 0.1, "times": 1}, ("balances", "last page")),
    "gzip bomb": ({"what": "gzip_bomb", "megabytes": 5, "times": 1}, ("accounts", "first page")),
    "giant page": ({"what": "giant_page", "rows": 3000, "times": 1}, ("first page",)),
    "redirect": ({"what": "redirect"}, EVERYWHERE),
    "token dies": ({"what": "expire_token", "calls": 0}, ANSWERS),
    "not JSON": ({"what": "shape", "as": "not_json"}, EVERYWHERE),
    "null": ({"what": "shape", "as": "null"}, EVERYWHERE),
    "a list": ({"what": "shape", "as": "list"}, ("token", "accounts", "middle page")),
    "empty body": ({"what": "shape", "as": "empty"}, ("consent", "balances", "first page")),
    "too deep": ({"what": "shape", "as": "deep"}, ("accounts", "last page")),
    "data is null": ({"what": "shape", "as": "data_null"}, ANSWERS),
    "a field is missing": ({"what": "shape", "as": "missing_field", "times": 1}, ANSWERS),
    "wrong types": ({"what": "shape", "as": "wrong_type", "times": 1}, ANSWERS),
    "NaN": ({"what": "shape", "as": "nan", "times": 1}, ANSWERS),
    "infinity": ({"what": "shape", "as": "infinity", "times": 1}, ANSWERS),
    "1e400": ({"what": "shape", "as": "huge_number", "times": 1}, ANSWERS),
    "too many digits": ({"what": "shape", "as": "long_number", "times": 1}, ANSWERS),
    "a page repeats rows": ({"what": "duplicate_rows", "times": 1}, PAGES),
    "a short page": ({"what": "short_page", "keep": 3, "times": 1}, PAGES),
    "an empty page": ({"what": "empty_page", "times": 1}, PAGES),
    "the next link never ends": ({"what": "endless_next", "times": 1}, PAGES),
    "the next link leads back": ({"what": "cursor_cycle", "times": 1}, PAGES),
    "new ids": ({"what": "reissue_ids", "salt": "a", "times": 1}, PAGES),
    "no ids": ({"what": "no_ids", "times": 1}, PAGES),
}
# Faults that stay until somebody does something.
LASTING: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "reset": ({"what": "reset"}, EVERYWHERE),
    "500": ({"what": "error", "status": 500}, EVERYWHERE),
    "429": ({"what": "rate_limit", "retry_after": 60}, EVERYWHERE),
    "maintenance": ({"what": "maintenance"}, EVERYWHERE),
    "redirect": ({"what": "redirect"}, EVERYWHERE),
    "null": ({"what": "shape", "as": "null"}, EVERYWHERE),
    "a field is missing": ({"what": "shape", "as": "missing_field"}, ANSWERS),
    "tokens are worthless": ({"what": "expire_token", "calls": 0}, ANSWERS),
    "revoked": ({"what": "revoke_consent", "times": 1}, ("accounts", *PAGES)),
    "expired": ({"what": "expire_consent", "times": 1}, ("accounts", *PAGES)),
    "a short page": ({"what": "short_page", "keep": 3}, PAGES),
    "the next link never ends": ({"what": "endless_next"}, PAGES),
    "the next link leads back": ({"what": "cursor_cycle"}, PAGES),
}
STRIKES = 4
MOST_CALLS_OF_A_RUN = 40
CELLS = [(name, place, "passes") for name, (_fault, places) in PASSING.items() for place in places]
CELLS += [(name, place, "lasts") for name, (_fault, places) in LASTING.items() for place in places]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a cell ended, in how many runs and with how many calls to the bank."""

    has_passed: bool
    is_equal: bool
    is_named: bool
    runs: int
    calls: int

    @property
    def is_good(self) -> bool:
        """What passes leaves no trace, what lasts may be named; neither makes a storm of calls."""
        is_honest = self.is_equal or (self.is_named and not self.has_passed)
        return is_honest and self.calls <= self.runs * MOST_CALLS_OF_A_RUN


def _lived(banks: BankServer, name: str, place: str, how: str) -> Ended:
    fault, _places = (PASSING if how == "passes" else LASTING)[name]
    connection = story.asking() if place in {"token", "consent"} else story.connected(banks)
    strikes = {"times": STRIKES} if how == "passes" else {}
    banks.control("vbank", "faults", [strikes | fault | PLACES[place]])
    banks.control("vbank", "calls", method="DELETE")
    runs = story.live(connection, tries=story.MOST_TRIES if how == "passes" else 2)
    calls = len(banks.control("vbank", "calls", method="GET"))
    banks.control("vbank", "faults", method="DELETE")
    return Ended(
        has_passed=how == "passes",
        is_equal=story.fingerprint(connection) == _whole(banks),
        is_named=story.names_what_is_missing(connection, runs),
        runs=max(len(runs), 1),
        calls=calls,
    )


_FINGERPRINTS: dict[str, str] = {}


def _whole(banks: BankServer) -> str:
    """The end state of a connection to which nothing ever happened."""
    if banks.root not in _FINGERPRINTS:
        connection = story.connected(banks)
        story.live(connection)
        _FINGERPRINTS[banks.root] = story.fingerprint(connection)
    return _FINGERPRINTS[banks.root]


def test_every_fault_at_every_place(db: None, banks: BankServer) -> None:
    ends = {cell: _lived(banks, *cell) for cell in CELLS}
    equal = sum(ended.is_equal for ended in ends.values())
    named = sum(ended.is_named and not ended.is_equal for ended in ends.values())
    print(f"{len(CELLS)} cells: {equal} equal, {named} named")
    bad = [f"{cell}: {ended}" for cell, ended in ends.items() if not ended.is_good]
    assert bad == [], "\n".join(bad)
