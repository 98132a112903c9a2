"""Clients: a bank's bytes as a JSON document, exact in its numbers and safe to store."""

import json
import re
from decimal import Decimal, DecimalException
from typing import Any

MAX_DEPTH = 32
LONGEST_INTEGER = 30
CONTAINERS = (dict, list)
# Escapes that JSON allows and a database does not: NUL, and halves of a surrogate pair.
SUSPECT_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class NotStrictJson(ValueError):
    """The bytes are no JSON document that we take; the text names the rule, never the content."""


def decode(body: bytes) -> Any:
    """The document of a body; raises NotStrictJson."""
    try:
        text = body.decode("utf-8-sig")
        document = json.loads(
            text,
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object,
        )
    except UnicodeDecodeError:
        raise NotStrictJson("not UTF-8") from None
    except RecursionError:
        raise NotStrictJson("nested too deep") from None
    except json.JSONDecodeError:
        raise NotStrictJson("not JSON") from None
    _check_depth(document)
    return _storable(document) if SUSPECT_ESCAPE.search(text) else document


def _decimal(text: str) -> Decimal | str:
    """An exact number; one beyond Decimal's reach stays text, which no reader of amounts takes."""
    try:
        return Decimal(text)
    except DecimalException:
        return text


def _integer(text: str) -> int | str:
    return int(text) if len(text) <= LONGEST_INTEGER else text


def _refuse_constant(name: str) -> None:
    raise NotStrictJson(f"{name} is no number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotStrictJson("a key stands twice in one object")
    return members


def _check_depth(document: Any) -> None:
    level = [document]
    for _depth in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            if type(outer) in CONTAINERS
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) in CONTAINERS
        ]
        if not level:
            return
    raise NotStrictJson("nested too deep")


def _storable(value: Any) -> Any:
    """The same document with unstorable characters replaced (the depth is known to be small)."""
    if isinstance(value, str):
        return UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, dict):
        return {_storable(key): _storable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_storable(inner) for inner in value]
    return value
