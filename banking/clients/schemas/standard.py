"""Clients: what only the standard's own envelope has; everything else is read by the shared parsers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from banking.clients.answers import Answer
from banking.clients.schemas.fields import body_of, count, mapping

MOSCOW = ZoneInfo("Europe/Moscow")

# What a wish for details means in the standard, which splits it; cards are none of its subjects.
PERMISSIONS = {
    "ReadAccountsBasic": ("ReadAccountsBasic",),
    "ReadAccountsDetail": ("ReadAccountsBasic", "ReadAccountsDetail"),
    "ReadBalances": ("ReadBalances",),
    "ReadTransactionsBasic": ("ReadTransactionsBasic", "ReadTransactionsCredits", "ReadTransactionsDebits"),
    "ReadTransactionsDetail": (
        "ReadTransactionsBasic",
        "ReadTransactionsDetail",
        "ReadTransactionsCredits",
        "ReadTransactionsDebits",
    ),
}


def standard_permissions(wanted: Sequence[str]) -> list[str]:
    """The standard's names for our wishes, each once."""
    return list(dict.fromkeys(name for wish in wanted for name in PERMISSIONS.get(wish, ())))


def consent_request(
    *, permissions: Sequence[str], since: datetime, until: datetime, expires_at: datetime
) -> dict[str, Any]:
    """The body that asks for a consent."""
    return {
        "Data": {
            "permissions": standard_permissions(permissions),
            "expirationDateTime": moscow_time(expires_at),
            "transactionFromDateTime": moscow_time(since),
            "transactionToDateTime": moscow_time(until),
        },
        "Risk": {},
    }


def moscow_time(moment: datetime) -> str:
    """A time as this interface writes it, with Moscow's offset."""
    return moment.astimezone(MOSCOW).isoformat(timespec="seconds")


def pages_in_all(answer: Answer) -> int:
    """How many pages a list has; one where nothing is said."""
    return count(mapping(body_of(answer).get("meta")).get("totalPages")) or 1
