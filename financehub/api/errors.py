"""The API's one error shape: `{"detail": "…"}`, and for refused input also where and why."""

from collections.abc import Iterator
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseServerError, JsonResponse
from django.views import defaults
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import set_rollback

from financehub.errors import DomainError

logger = structlog.get_logger(__name__)

FIXED_DETAILS: dict[type[Exception], str] = {
    exceptions.NotAuthenticated: "Not authenticated",
    exceptions.MethodNotAllowed: "Method Not Allowed",
    Http404: "Not Found",
    PermissionDenied: "Forbidden",
    IntegrityError: "The stored data does not allow this",
    SuspiciousOperation: "Bad Request",
}
STATUSES: dict[type[Exception], int] = {
    Http404: status.HTTP_404_NOT_FOUND,
    PermissionDenied: status.HTTP_403_FORBIDDEN,
    DomainError: status.HTTP_400_BAD_REQUEST,
    IntegrityError: status.HTTP_409_CONFLICT,
    SuspiciousOperation: status.HTTP_400_BAD_REQUEST,
}
UNEXPECTED = "Internal Server Error"


class InvalidInput(exceptions.ValidationError):
    """Refused input, with the part of the request that it came in: body, query or path."""

    def __init__(self, detail: Any, *, location: str) -> None:
        super().__init__(detail)
        self.location = location


def handle_exception(error: Exception, context: dict[str, Any]) -> Response:
    """Answer any failure of a view. Nothing gets past, or Django would answer with a page."""
    set_rollback()
    request: Request = context["request"]
    if isinstance(error, exceptions.ValidationError):
        return _invalid(error, request)
    if isinstance(error, exceptions.APIException):
        return Response({"detail": _detail(error)}, status=error.status_code, headers=_headers(error))
    for kind, code in STATUSES.items():
        if isinstance(error, kind):
            return Response({"detail": FIXED_DETAILS.get(kind, str(error))}, status=code)
    return _unexpected(error, request)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`: what fails outside the views."""
    if not request.path.startswith("/api/"):
        return defaults.server_error(request)
    return JsonResponse(_apology(request.path), status=HttpResponseServerError.status_code)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's `handler400`: a foreign host name, headers past every measure."""
    if not request.path.startswith("/api/"):
        return defaults.bad_request(request, exception)
    return JsonResponse({"detail": FIXED_DETAILS[SuspiciousOperation]}, status=status.HTTP_400_BAD_REQUEST)


def _invalid(error: exceptions.ValidationError, request: Request) -> Response:
    location = getattr(error, "location", "body")
    found = list(_places(error.detail, ()))
    place, message = found[0]
    return Response(
        {
            "detail": ": ".join(filter(None, (" -> ".join(place), message))),
            "errors": [f"{' -> '.join((location, *place))}: {message}" for place, message in found],
            "path": request.path,
        },
        status=status.HTTP_422_UNPROCESSABLE_ENTITY,
    )


def _places(detail: Any, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every message, with the way to its field; messages of a whole object name no field."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _places(inner, place if name == "non_field_errors" else (*place, str(name)))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _places(inner, place)
    else:
        yield place, str(detail)


def _detail(error: exceptions.APIException) -> str:
    """One sentence: libraries may hand over a map with more in it."""
    if fixed := FIXED_DETAILS.get(type(error)):
        return fixed
    detail = error.detail
    return str(detail["detail"] if isinstance(detail, dict) else detail)


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if auth_header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return headers


def _unexpected(error: Exception, request: Request) -> Response:
    """Log it, tell whoever listens for failed requests, and give nothing of it away."""
    logger.error("api_request_failed", path=request.path, exc_info=error)
    got_request_exception.send(sender=None, request=request._request)
    return Response(_apology(request.path), status=status.HTTP_500_INTERNAL_SERVER_ERROR)


def _apology(path: str) -> dict[str, str]:
    return {
        "detail": UNEXPECTED,
        "message": "The request failed on our side and was logged",
        "path": path,
    }
