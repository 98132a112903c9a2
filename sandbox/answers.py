"""The shapes of answers and refusals that all endpoints share."""

import json
from typing import Any

from flask import Response, request

from sandbox.wire import compact

_KIND_WORDS = {list: "list", str: "string", dict: "dictionary"}


class ApiError(Exception):
    """A refusal: its status and what stands under `detail`, a text, an object or a list."""

    def __init__(self, status: int, detail: Any) -> None:
        super().__init__(status)
        self.status = status
        self.detail = detail


def answer(document: Any, status: int = 200) -> Response:
    """Answer with JSON."""
    return raw_answer(compact(document), status)


def raw_answer(text: str | bytes, status: int = 200) -> Response:
    """Answer with JSON that is already written."""
    return Response(text, status, content_type="application/json")


def crash() -> Response:
    """Answer as an unhandled failure does."""
    return Response("Internal Server Error", 500, content_type="text/plain; charset=utf-8")


def consent_required(message: str, **hints: str) -> ApiError:
    """Refuse for want of an account consent."""
    return ApiError(403, {"error": "CONSENT_REQUIRED", "message": message, **hints})


def missing(place: str, name: str, sent: Any) -> dict[str, Any]:
    """Describe a missing parameter or field."""
    return {"type": "missing", "loc": [place, name], "msg": "Field required", "input": sent}


def query_values(*names: str) -> list[str]:
    """Return query parameters that must all be there."""
    absent = [missing("query", name, None) for name in names if name not in request.args]
    if absent:
        raise ApiError(422, absent)
    return [request.args[name] for name in names]


def query_number(name: str, default: int, *, least: int | None = None, most: int | None = None) -> int:
    """Return a whole-number query parameter within its bounds."""
    text = request.args.get(name)
    if text is None:
        return default
    try:
        number = int(text)
    except ValueError:
        message = "Input should be a valid integer, unable to parse string as an integer"
        raise ApiError(422, [_fault("int_parsing", name, message, text)]) from None
    if most is not None and number > most:
        message = f"Input should be less than or equal to {most}"
        raise ApiError(422, [_fault("less_than_equal", name, message, text, le=most)])
    if least is not None and number < least:
        message = f"Input should be greater than or equal to {least}"
        raise ApiError(422, [_fault("greater_than_equal", name, message, text, ge=least)])
    return number


def _fault(kind: str, name: str, message: str, sent: str, **context: int) -> dict[str, Any]:
    fault: dict[str, Any] = {"type": kind, "loc": ["query", name], "msg": message, "input": sent}
    return fault | ({"ctx": context} if context else {})


def body_fields(**wanted: type) -> dict[str, Any]:
    """Return the JSON body, which must hold these fields with these types."""
    document = _json_object()
    faults = []
    for name, kind in wanted.items():
        if name not in document:
            faults.append(missing("body", name, document))
        elif not isinstance(document[name], kind):
            word = _KIND_WORDS[kind]
            message = f"Input should be a valid {word}"
            faults.append(
                {"type": f"{word}_type", "loc": ["body", name], "msg": message, "input": document[name]}
            )
    if faults:
        raise ApiError(422, faults)
    return document


def _json_object() -> dict[str, Any]:
    raw = request.get_data()
    if not raw:
        raise ApiError(422, [{"type": "missing", "loc": ["body"], "msg": "Field required", "input": None}])
    try:
        document = json.loads(raw)
        compact(document).encode()  # half a character can neither be stored nor sent back
    except (ValueError, RecursionError) as error:
        fault = {
            "type": "json_invalid",
            "loc": ["body", getattr(error, "pos", 0)],
            "msg": "JSON decode error",
            "input": {},
            "ctx": {"error": getattr(error, "msg", "too deep")},
        }
        raise ApiError(422, [fault]) from None
    if not isinstance(document, dict):
        message = "Input should be a valid dictionary or object to extract fields from"
        fault = {"type": "model_attributes_type", "loc": ["body"], "msg": message, "input": document}
        raise ApiError(422, [fault])
    return document
