"""Kernel: how a view answers a page or its fragment, and what private answers carry."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect


def render_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    fragment: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render a page, or only its named partial when htmx asked for that.

    Back and history restoration always get the whole page.
    """
    htmx = request.htmx  # type: ignore[attr-defined]
    wants_fragment = fragment and htmx and not htmx.boosted and not htmx.history_restore_request
    name = f"{template}#{fragment}" if wants_fragment else template
    response = render(request, name, dict(context), status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def redirect_for(request: HttpRequest, url: str) -> HttpResponse:
    """Send the whole browser to a URL, from a page or from inside a fragment."""
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(url)
    return HttpResponse(status=302, headers={"Location": url})


class PrivatePagesMiddleware:
    """Answers for a signed-in person are never stored, and an expired login leaves the fragment.

    A redirect to the login page inside an htmx request would be swapped into the fragment; it
    becomes a redirect of the browser instead.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith("/api/") or request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store, private")
        if request.htmx and response.status_code == 302:  # type: ignore[attr-defined]
            return HttpResponseClientRedirect(response.headers["Location"])
        return response
