"""How a view takes what the client sent: body, query and path, each named in its refusals."""

import re
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.serializers import ListField, Serializer

from financehub.api.errors import InvalidInput

NUMBER = re.compile(r"[0-9]{1,30}")


def body(request: Request, serializer_class: type[Serializer[Any]]) -> dict[str, Any]:
    """The validated fields of a JSON body; fields that we do not know are ignored."""
    return _validated(serializer_class(data=request.data), location="body")


def query(request: Request, serializer_class: type[Serializer[Any]]) -> dict[str, Any]:
    """The validated query parameters; an empty one counts as absent."""
    lists = {name for name, field in serializer_class().fields.items() if isinstance(field, ListField)}
    sent: dict[str, Any] = {
        name: _several(values) if name in lists else values[-1]
        for name, values in request.query_params.lists()
    }
    present = {name: value for name, value in sent.items() if value}
    return _validated(serializer_class(data=present), location="query")


def _several(values: list[str]) -> list[str]:
    """The values of a parameter that is repeated, or written with commas."""
    return [part for value in values for part in value.split(",") if part]


def path_number(text: str, *, name: str) -> int:
    """A whole number out of the address."""
    if not NUMBER.fullmatch(text):
        raise InvalidInput({name: [_("Введите целое число.")]}, location="path")
    return int(text)


def _validated(serializer: Serializer[Any], *, location: str) -> dict[str, Any]:
    if not serializer.is_valid():
        raise InvalidInput(serializer.errors, location=location)
    validated: dict[str, Any] = serializer.validated_data
    return validated
