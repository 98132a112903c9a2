"""The GOST page: what was measured on each connection, and a measurement made now."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from banking import actions
from banking.clients.gost.engine import engine_status
from banking.presenters import gost as presenters
from banking.queries import gost as queries
from banking.services.gateway import Measurement
from banking.views.common import rail_health
from financehub.http import render_page
from financehub.periods import local_date
from financehub.users.identity import signed_in
from financehub.users.throttle import TooManyAttempts


@require_GET
@login_required
def gost(request: HttpRequest) -> HttpResponse:
    """What is on record of the connections that go through the gateway."""
    return _page(request)


@require_POST
@login_required
def check(request: HttpRequest) -> HttpResponse:
    """Make a handshake now and show what came of it; nothing is stored."""
    try:
        measured = actions.check_gateway(user=signed_in(request), now=timezone.now())
    except TooManyAttempts as error:
        response = _page(request, refusal=str(error))
        if not request.htmx:  # type: ignore[attr-defined]  # which shows only answers of success
            response.status_code = 429
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    return _page(request, measured=measured)


def _page(request: HttpRequest, *, measured: Measurement | None = None, refusal: str = "") -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    context = {
        "uses_gost": user.use_gost_mode,
        "engine": engine_status(),
        "connections": presenters.connection_proofs(queries.gost_connections(user=user), now=now),
        "result": measured
        and presenters.proof(
            measured.evidence, today=local_date(now), http_status=measured.check.http_status
        ),
        "refusal": refusal,
        "rail_health": rail_health(request),
    }
    return render_page(request, "banking/gost.html", context, fragment="result")
