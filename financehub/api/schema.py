"""The OpenAPI document: what any call may answer besides its own result, said once for all."""

from collections.abc import Iterator
from typing import Any

from drf_spectacular.utils import OpenApiParameter

from financehub.api.fields import LARGEST_ID

JSON = "application/json"
TEXT = {"type": "string"}
ERROR_SCHEMAS: dict[str, dict[str, Any]] = {
    "Error": {
        "type": "object",
        "description": "Why a call was refused.",
        "properties": {"detail": TEXT},
        "required": ["detail"],
    },
    "InvalidInput": {
        "type": "object",
        "description": "Where the input was wrong, a line for each place: `body -> field: message`.",
        "properties": {"detail": TEXT, "errors": {"type": "array", "items": TEXT}, "path": TEXT},
        "required": ["detail", "errors", "path"],
    },
    "Unexpected": {
        "type": "object",
        "description": "A fault of ours, without its particulars.",
        "properties": {"detail": TEXT, "message": TEXT, "path": TEXT},
        "required": ["detail", "message", "path"],
    },
}
SCHEMA_OF_STATUS = {"422": "InvalidInput", "500": "Unexpected"}
FOR_EVERYONE = {"500": "A fault of ours, logged on our side."}
WITH_TOKEN = {"401": "No access token, or one that is not valid any more."}
WITH_INPUT = {"422": "The input is wrong; `errors` says where."}
WITH_LISTS = {"414": "The address is longer than 8 KB; the web server says so, before the API."}
WITH_BODY = {
    "400": "The body is not strict JSON, or the request breaks a rule.",
    "413": "The body is larger than 1 MB.",
    "415": "The body is not application/json.",
}


def path_id(name: str) -> OpenApiParameter:
    """The number of a row, as a part of the address."""
    number = {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}
    return OpenApiParameter(name, number, OpenApiParameter.PATH)


def describe_errors(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """Add the common refusals to every operation; an operation's own words about one stay."""
    result["components"]["schemas"] |= ERROR_SCHEMAS
    for operations in result["paths"].values():
        for operation in operations.values():
            _describe(operation)
    return result


def _describe(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    for status, description in _common(operation):
        responses.setdefault(status, {"description": description})
    for status, response in responses.items():
        if status in WITH_LISTS:
            response["content"] = {"text/html": {"schema": TEXT}}
        elif int(status) >= 400:
            name = SCHEMA_OF_STATUS.get(status, "Error")
            response["content"] = {JSON: {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _common(operation: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield from FOR_EVERYONE.items()
    if any(operation.get("security", ())):
        yield from WITH_TOKEN.items()
    if "parameters" in operation or "requestBody" in operation:
        yield from WITH_INPUT.items()
    if any(parameter["schema"].get("type") == "array" for parameter in operation.get("parameters", ())):
        yield from WITH_LISTS.items()
    if "requestBody" in operation:
        yield from WITH_BODY.items()
