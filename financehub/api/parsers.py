"""The API's request bodies: one JSON document, exact in its numbers, small enough to read whole."""

import json
from collections.abc import Mapping
from decimal import Decimal, DecimalException
from typing import IO, Any

from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

BIGGEST_BODY = 1024 * 1024
DEEPEST = 32
LONGEST_INTEGER = 30


class BodyTooBig(APIException):
    """More bytes than any request of ours needs."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body is larger than 1 MB"


class StrictJSONParser(BaseParser):
    """JSON without its traps: no NaN, no key twice, no endless nesting, no float."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read(BIGGEST_BODY + 1)
        if len(body) > BIGGEST_BODY:
            raise BodyTooBig
        return decode(body)


def decode(body: bytes) -> Any:
    """The document of a body; raises ParseError with the broken rule, never with the content."""
    try:
        document = json.loads(
            body.decode("utf-8-sig"),
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object,
        )
    except UnicodeDecodeError as error:
        raise ParseError("The body is not UTF-8") from error
    except RecursionError as error:
        raise ParseError("The body is nested too deep") from error
    except json.JSONDecodeError as error:
        raise ParseError(f"The body is not JSON (line {error.lineno}, column {error.colno})") from error
    _check_depth(document, DEEPEST)
    return document


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except DecimalException as error:
        raise ParseError("A number is out of range") from error


def _integer(text: str) -> int:
    if len(text) > LONGEST_INTEGER:
        raise ParseError("A number is out of range")
    return int(text)


def _refuse_constant(name: str) -> None:
    raise ParseError(f"{name} is no number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ParseError("A key stands twice in one object")
    return members


def _check_depth(document: Any, levels: int) -> None:
    if not levels:
        raise ParseError("The body is nested too deep")
    if isinstance(document, dict):
        document = list(document.values())
    if isinstance(document, list):
        for inner in document:
            _check_depth(inner, levels - 1)
