"""Private answers are not kept by browsers, and an expired login leaves the fragment."""

from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import override_settings
from django_htmx.middleware import HtmxDetails

from financehub import http
from financehub.users.models import User

HTMX = {"HX-Request": "true"}


def _request(**headers: str) -> HttpRequest:
    request = RequestFactory().get("/", headers=headers)
    request.htmx = HtmxDetails(request)
    return request


@pytest.fixture
def template_with_a_partial() -> Iterator[str]:
    rows = "{% partialdef rows inline %}<p>{{ word }}</p>{% endpartialdef %}"
    pages = {"page.html": "{% load partials %}<html>" + rows + "</html>"}
    loaders = [("template_partials.loader.Loader", [("django.template.loaders.locmem.Loader", pages)])]
    engine = {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {"loaders": loaders},
    }
    with override_settings(TEMPLATES=[engine]):
        yield "page.html"


@pytest.mark.parametrize(
    ("headers", "whole"),
    [
        ({}, True),
        (HTMX, False),
        (HTMX | {"HX-Boosted": "true"}, True),
        (HTMX | {"HX-History-Restore-Request": "true"}, True),
    ],
)
def test_htmx_gets_the_fragment_and_everybody_else_the_page(
    template_with_a_partial: str, headers: dict[str, str], whole: bool
) -> None:
    answer = http.render_page(_request(**headers), template_with_a_partial, {"word": "да"}, fragment="rows")
    text = answer.content.decode()
    assert "<p>да</p>" in text
    assert ("<html>" in text) is whole
    assert "HX-Request" in answer.headers["Vary"]


def test_redirects_go_to_the_whole_browser() -> None:
    plain = http.redirect_for(_request(), "/next")
    fragment = http.redirect_for(_request(**HTMX), "/next")
    assert (plain.status_code, plain.headers["Location"]) == (302, "/next")
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (200, "/next")


def test_pages_of_a_person_are_not_stored(anna_client: Client) -> None:
    assert anna_client.get("/settings").headers["Cache-Control"] == "no-store, private"


@pytest.mark.django_db
def test_the_api_is_not_stored_whoever_asks() -> None:
    assert Client().get("/api/v1/accounts").headers["Cache-Control"] == "no-store, private"


@pytest.mark.django_db
def test_an_expired_login_in_a_fragment_moves_the_browser() -> None:
    answer = Client().get("/settings", headers=HTMX)
    assert answer.status_code == 200
    assert answer.headers["HX-Redirect"].startswith("/login?next=")


def test_an_answer_that_sets_its_own_caching_keeps_it(anna: User) -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(headers={"Cache-Control": "private, max-age=5"})

    request = _request()
    request.user = anna
    assert http.PrivatePagesMiddleware(view)(request).headers["Cache-Control"] == "private, max-age=5"
