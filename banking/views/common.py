"""What pages share: tabs, the line at the foot of the rail, the way back."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from banking.models import Edit
from banking.presenters.connections import RailHealth
from banking.queries import connections
from financehub.users.identity import signed_in
from financehub.users.redirects import safe_next


@dataclass(frozen=True, slots=True)
class Tab:
    """A view of one thing, as `components/tabs.html` links to it."""

    label: str
    url: str
    current: bool


def rail_health(request: HttpRequest) -> RailHealth | None:
    """The state of all connections in a line that leads to the accounts."""
    health = connections.overall_health(user=signed_in(request), now=timezone.now())
    return RailHealth(health.cause, health.text, reverse("banking:accounts")) if health else None


def undo_url(edit: Edit) -> str:
    """Where a toast takes an edit back: messages carry it in their extra tags."""
    return reverse("banking:edit_undo", args=[edit.pk])


def way_back(request: HttpRequest, *, default: str) -> str:
    """Where the person came from: what the form says, else the page before if it is ours."""
    if target := safe_next(request):
        return target
    origin = urlsplit(request.headers.get("Referer", ""))
    if origin.netloc != request.get_host() or origin.path == request.path:
        return default
    page = f"{origin.path}?{origin.query}" if origin.query else origin.path
    return page if url_has_allowed_host_and_scheme(page, allowed_hosts=None) else default
