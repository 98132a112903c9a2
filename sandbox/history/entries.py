"""The rows of a statement, each with the span of time in which the bank shows it."""

from dataclasses import dataclass
from datetime import date

from sandbox.history.merchants import Merchant
from sandbox.history.seeds import stable_hex

FOREVER = 1 << 60


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: shown from `shown_from` until `shown_until` (epoch seconds), dated `at`.

    A pending row that settles is two entries: the pending one ends where the booked one begins.
    """

    day: date
    account: str
    tx_id: str
    at: int
    amount: int
    status: str
    text: str
    code: str
    shown_from: int
    shown_until: int = FOREVER
    merchant: Merchant | None = None
    card: str | None = None
    counterparty: str | None = None


def settled_id(tx_id: str) -> str:
    """Return the id under which a pending row is booked when the bank gives it a new one."""
    return "tx-" + stable_hex("settled", tx_id)
