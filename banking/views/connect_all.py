"""All banks at once: one request, and one page that shows how far each of them has come."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from banking import actions
from banking.presenters import connect_all as presenters
from banking.queries import connections as queries
from banking.services import gateway
from banking.views.common import rail_health
from financehub.http import render_page
from financehub.periods import local_date
from financehub.users.identity import signed_in


@require_http_methods(["GET", "POST"])
@login_required
def connect_all(request: HttpRequest) -> HttpResponse:
    """How far each bank has come; the form asks those that are not connected for access."""
    user, now = signed_in(request), timezone.now()
    if request.method == "POST":
        try:
            actions.connect_every_bank(user=user, now=now)
        except gateway.ChannelUnavailable as error:
            messages.error(request, str(error))
            return redirect("banking:connect")
        return redirect("banking:connect_all")
    overviews = queries.connection_overviews(user=user, now=now)
    progress = presenters.progress_of_all(queries.connectable_banks(), overviews, now=now)
    context: dict[str, Any] = {"progress": progress, "today": local_date(now)}
    if request.htmx:  # type: ignore[attr-defined]
        seen = request.GET.get("seen", "")
        if seen == progress.mark:  # nothing is replaced under the person's hand
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        # Read aloud only when one more bank is through, not with every page read.
        context["is_news"] = seen.partition("-")[0] != str(progress.done)
    else:
        context["rail_health"] = rail_health(request)
    return render_page(request, "banking/connect_all.html", context, fragment="progress")
