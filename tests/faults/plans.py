"""Every fault of the bundled banks, and every place of a reading and of a transfer where it may strike."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Fault = dict[str, Any]

READING: Mapping[str, Fault] = {
    "token": {"where": "token"},
    "consent": {"where": "consent_request"},
    "accounts": {"where": "accounts"},
    "balances": {"where": "balances", "account": "acc-12"},
    "first page": {"where": "transactions", "account": "acc-11", "page": 1},
    "middle page": {"where": "transactions", "account": "acc-11", "page": 2},
    "last page": {"where": "transactions", "account": "acc-11", "page": 4},
}
PAGES = ("first page", "middle page", "last page")
DATA = ("accounts", "balances", *PAGES)
TRANSFER: Mapping[str, Fault] = {
    "token": {"where": "token"},
    "payment consent": {"where": "payment_consent_request"},
    "payment": {"where": "payments"},
    "payment's state": {"where": "payment"},
    "payment consent's state": {"where": "payment_consent"},
    "debit on the account": {"where": "transactions"},
}
# Places that a transfer comes to only after the answer to the order was lost.
AFTER_A_LOST_ANSWER = ("payment consent's state", "debit on the account")

# What strikes `STRIKES` times passes: more often than a call is repeated, so that a whole try fails first.
STRIKES = 2
ANYWHERE: Mapping[str, Fault] = {
    "reset": {"what": "reset"},
    "500": {"what": "error", "status": 500},
    "502": {"what": "error", "status": 502},
    "503": {"what": "error", "status": 503},
    "504": {"what": "error", "status": 504},
    "429": {"what": "rate_limit"},
    "429 in 90 s": {"what": "rate_limit", "retry_after": 90},
    "429 until a date": {"what": "rate_limit", "retry_after": 600, "as_date": True},
    "maintenance": {"what": "maintenance"},
    "half a body": {"what": "half_body"},
    "slow": {"what": "latency", "seconds": 0.02},
    "hang": {"what": "hang", "times": 1},
    "drip": {"what": "drip", "size": 1, "pause": 0.05, "times": 1},
    "gzip bomb": {"what": "gzip_bomb", "megabytes": 2, "times": 1},
    "redirect": {"what": "redirect"},
    "not JSON": {"what": "shape", "as": "not_json"},
    "null": {"what": "shape", "as": "null"},
    "a list": {"what": "shape", "as": "list"},
    "a text": {"what": "shape", "as": "text"},
    "empty body": {"what": "shape", "as": "empty"},
    "too deep": {"what": "shape", "as": "deep"},
    "data is null": {"what": "shape", "as": "data_null"},
    "a field is missing": {"what": "shape", "as": "missing_field", "times": 1},
    "wrong types": {"what": "shape", "as": "wrong_type", "times": 1},
    "NaN": {"what": "shape", "as": "nan", "times": 1},
    "infinity": {"what": "shape", "as": "infinity", "times": 1},
    "1e400": {"what": "shape", "as": "huge_number", "times": 1},
    "too many digits": {"what": "shape", "as": "long_number", "times": 1},
}
WITH_A_TOKEN: Mapping[str, Fault] = {"token dies": {"what": "expire_token", "calls": 0}}
ON_PAGES: Mapping[str, Fault] = {
    "giant page": {"what": "giant_page", "rows": 2000, "times": 1},
    "a page repeats rows": {"what": "duplicate_rows", "times": 1},
    "a short page": {"what": "short_page", "keep": 3, "times": 1},
    "an empty page": {"what": "empty_page", "times": 1},
    "the next link never ends": {"what": "endless_next", "times": 1},
    "the next link leads back": {"what": "cursor_cycle", "times": 1},
    "new ids": {"what": "reissue_ids", "salt": "a", "times": 1},
    "no ids": {"what": "no_ids", "times": 1},
}
OF_ORDERS: Mapping[str, Fault] = {
    "done, answer lost": {"what": "execute_then_drop", "times": 1},
    "done, answer late": {"what": "execute_then_drop", "seconds": 5, "times": 1},
}
# Faults that stay until somebody does something.
LASTS_ANYWHERE: Mapping[str, Fault] = {
    "reset": {"what": "reset"},
    "500": {"what": "error", "status": 500},
    "429": {"what": "rate_limit", "retry_after": 60},
    "maintenance": {"what": "maintenance"},
    "redirect": {"what": "redirect"},
    "null": {"what": "shape", "as": "null"},
}
LASTS_IN_DATA: Mapping[str, Fault] = {
    "a field is missing": {"what": "shape", "as": "missing_field"},
    "tokens are worthless": {"what": "expire_token", "calls": 0},
}
ENDS_ACCESS: Mapping[str, Fault] = {
    "revoked": {"what": "revoke_consent", "times": 1},
    "expired": {"what": "expire_consent", "times": 1},
}
LASTS_ON_PAGES: Mapping[str, Fault] = {
    "a short page": {"what": "short_page", "keep": 3},
    "the next link never ends": {"what": "endless_next"},
    "the next link leads back": {"what": "cursor_cycle"},
}

# What changes rows rather than the way to them: each has a test of its own beside these.
OF_ROWS = frozenset({"shift_page", "vanish_pending", "mutate_text", "mixed_currency"})
SHAPES_OF_ROWS = frozenset({"nul", "surrogate"})


@dataclass(frozen=True, slots=True)
class Cell:
    """One fault at one place; one that lasts may be named, one that passes leaves no trace."""

    name: str
    place: str
    lasts: bool
    fault: Fault = field(hash=False)

    @property
    def stalls(self) -> bool:
        """Whether the bank keeps its caller waiting for longer than anybody waits."""
        return self.fault["what"] in {"hang", "drip"} or "seconds" in self.fault

    def __str__(self) -> str:
        return f"{self.name} at {self.place}{', lasting' if self.lasts else ''}"


def cells_of_a_reading() -> list[Cell]:
    """Every fault at every place of connecting and reading a bank."""
    return [
        *_passing(ANYWHERE, READING, READING),
        *_passing(WITH_A_TOKEN, READING, DATA),
        *_passing(ON_PAGES, READING, PAGES),
        *_lasting(LASTS_ANYWHERE, READING, READING),
        *_lasting(LASTS_IN_DATA, READING, DATA),
        *_lasting(ENDS_ACCESS, READING, ("accounts", *PAGES)),
        *_lasting(LASTS_ON_PAGES, READING, PAGES),
    ]


def cells_of_a_transfer() -> list[Cell]:
    """Every fault at every place of a transfer."""
    return [
        *_passing({**ANYWHERE, **WITH_A_TOKEN, **OF_ORDERS}, TRANSFER, TRANSFER),
        *_lasting(LASTS_ANYWHERE, TRANSFER, TRANSFER),
    ]


def _passing(
    faults: Mapping[str, Fault], known: Mapping[str, Fault], places: Mapping[str, Fault] | tuple[str, ...]
) -> Iterator[Cell]:
    for name, fault in faults.items():
        for place in places:
            yield Cell(name, place, lasts=False, fault={"times": STRIKES} | fault | known[place])


def _lasting(
    faults: Mapping[str, Fault], known: Mapping[str, Fault], places: Mapping[str, Fault] | tuple[str, ...]
) -> Iterator[Cell]:
    for name, fault in faults.items():
        for place in places:
            yield Cell(name, place, lasts=True, fault=fault | known[place])
