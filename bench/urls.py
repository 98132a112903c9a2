"""Bench: the site's URLs and a bare page, to know what a page costs before it shows anything."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from financehub.urls import urlpatterns as site_urlpatterns


@login_required
def bare(request: HttpRequest) -> HttpResponse:
    """A page for a signed-in person with nothing on it: session, person, all middleware."""
    return HttpResponse(f"<title>{request.user.pk}</title>")


urlpatterns = [path("bench/bare/", bare), *site_urlpatterns]
