"""The API's routes: every path answers with and without a trailing slash, and never redirects."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponseBase
from django.urls import URLPattern
from django.urls.resolvers import RoutePattern


class EitherSlashPattern(RoutePattern):
    """A `path()` route that takes one trailing slash as the same address.

    A redirect would turn a POST into a GET, drop its body and fail a CORS preflight.
    """

    def match(self, path: str) -> Any:
        return super().match(path.removesuffix("/"))


def endpoint(route: str, view: Callable[..., HttpResponseBase], *, name: str | None = None) -> URLPattern:
    """A route of the API, written as for `path()` and without the trailing slash."""
    return URLPattern(EitherSlashPattern(route, name=name, is_endpoint=True), view, {}, name)
