"""Clients: readers of single fields and of the envelope. None of them trusts the value's type."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from banking.clients.answers import Answer
from financehub.money import minor_units

T = TypeVar("T")
Row = dict[str, Any]

LONGEST_ID = 100
MOST_DIGITS = 15
YEARS = range(1970, 2101)
PLAIN_AMOUNT = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
CURRENCY = re.compile(r"[A-Za-z]{3}", re.ASCII)
VISIBLE_ASCII = re.compile(r"[!-~]{1,100}")
RELATIVE_STEP = {".", ".."}
# How banks write "no number" where a number belongs.
NO_NUMBER = {"", "none", "null"}
# In the newest edition of the standard field names begin with a capital.
CAPITALISED_ENVELOPE = "Data"


class BadField(ValueError):
    """A field that a row cannot do without is unreadable; the text names the rule, never the value."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row set aside: where it stands in the document and what is wrong, without its content."""

    path: str
    reason: str


class Listing(tuple[T, ...]):
    """The rows of a list that could be read, and in `rejected` those that could not.

    A caller that draws conclusions from what is *not* listed (a closed account) looks at `rejected` first.
    """

    rejected: tuple[RejectedRow, ...] = ()


def read_rows(items: list[Any], read: Callable[[Row], T], *, path: str) -> Listing[T]:
    """Each item through its reader; the unreadable ones set aside."""
    rows, rejected = [], []
    for index, item in enumerate(items):
        if type(item) is not dict:
            rejected.append(RejectedRow(f"{path}[{index}]", "not an object"))
            continue
        try:
            rows.append(read(item))
        except BadField as bad:
            rejected.append(RejectedRow(f"{path}[{index}].{bad.field}", bad.reason))
    listing = Listing(rows)
    listing.rejected = tuple(rejected)
    return listing


def body_of(answer: Answer) -> Row:
    """The document as an object, with the standard's capitals lowered."""
    document = answer.document
    if not isinstance(document, dict):
        raise answer.invalid("$", "not an object")
    return _uncapitalised(document) if CAPITALISED_ENVELOPE in document else document


def _uncapitalised(value: Any) -> Any:
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: _uncapitalised(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_uncapitalised(inner) for inner in value]
    return value


def items_of(answer: Answer, body: Row, *names: str, sign: str) -> tuple[list[Any], str]:
    """The rows under `data` and the path to them.

    Banks say it as `data.<singular>`, `data.<plural>` or `data` itself, as a list or as one bare object
    (known by its field `sign`). A missing or null list is a fault, not "none": nothing may vanish by it.
    """
    data = body.get("data")
    if isinstance(data, list):
        return data, "data"
    if not isinstance(data, dict):
        raise answer.invalid("data", "neither object nor list")
    if sign in data:
        return [data], "data"
    for name in names:
        if name in data:
            inner, path = data[name], f"data.{name}"
            if isinstance(inner, list):
                return inner, path
            if isinstance(inner, dict):
                return [inner], path
            raise answer.invalid(path, "neither object nor list")
    raise answer.invalid(f"data.{names[0]}", "missing")


def mapping(value: Any) -> Row:
    """An object, or an empty one in its place."""
    return value if isinstance(value, dict) else {}


def text(value: Any, longest: int) -> str:
    """A text for people: stripped, cut, empty when it is anything else."""
    return value.strip()[:longest] if isinstance(value, str) else ""


def opaque_id(value: Any) -> str | None:
    """An id of the bank's as text, None where the bank gives none."""
    if type(value) is int:
        return str(value)
    if not isinstance(value, str):
        return None
    return value.strip() or None


def required_id(row: Row, field: str) -> str:
    """An id that a later call puts into its path."""
    value = opaque_id(row.get(field))
    if value is None:
        raise BadField(field, "missing")
    if len(value) > LONGEST_ID or value in RELATIVE_STEP or not value.isprintable():
        raise BadField(field, "not usable as an id")
    return value


def header_id(value: Any) -> str | None:
    """An id that later travels in a header; None when there is none or it could not."""
    found = opaque_id(value)
    return found if found is not None and VISIBLE_ASCII.fullmatch(found) else None


def currency_code(value: Any, field: str) -> str:
    if not isinstance(value, str) or not CURRENCY.fullmatch(value):
        raise BadField(field, "not a three-letter currency")
    return value.upper()


def number(value: Any, field: str) -> Decimal | None:
    """A number sent as text or as a number; None for the ways of saying that there is none."""
    if value is None or (isinstance(value, str) and value.strip().lower() in NO_NUMBER):
        return None
    if isinstance(value, str):
        shown = value.strip()
        if len(shown) > 2 * MOST_DIGITS or not PLAIN_AMOUNT.fullmatch(shown):
            raise BadField(field, "not a number")
        found = Decimal(shown)
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        found = Decimal(value)
    else:
        raise BadField(field, "not a number")
    if not found.is_finite() or (found and not -MOST_DIGITS <= found.adjusted() < MOST_DIGITS):
        raise BadField(field, "out of range")
    return found


def amount(value: Any, currency: str, field: str) -> Decimal | None:
    """An amount of money in the currency's own minor units; more digits than those are an error."""
    found = number(value, field)
    if found is None:
        return None
    exact = found.quantize(Decimal(1).scaleb(-minor_units(currency)))
    if exact != found:
        raise BadField(field, "more digits than the currency has")
    return exact


def moment(value: Any, field: str) -> datetime:
    """A time in any of the banks' forms; without a zone it is UTC."""
    found = optional_moment(value)
    if found is None:
        raise BadField(field, "not a date or time")
    return found


def optional_moment(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    if found.year not in YEARS:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def optional_date(value: Any) -> date | None:
    """A calendar day as it was sent, never moved by a zone."""
    if not isinstance(value, str):
        return None
    try:
        found = date.fromisoformat(value.strip()[:10])
    except ValueError:
        return None
    return found if found.year in YEARS else None


def count(value: Any) -> int | None:
    """A natural number, or None."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= MOST_DIGITS:
        return int(value)
    return value if type(value) is int and 0 <= value < 10**MOST_DIGITS else None
