"""The forecast: a tab of the reports with its own few settings, each of its tables a file."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from analytics import forecasting
from analytics.forms import ForecastForm
from analytics.links import ReportLinks
from analytics.presenters import forecast as presenter
from analytics.views import CSV_FIELD, tabs
from banking.queries import accounts as account_queries
from banking.views.common import rail_health
from financehub.http import render_page
from financehub.periods import MOSCOW
from financehub.users.identity import signed_in


@require_GET
@login_required
def forecast(request: HttpRequest) -> HttpResponse:
    """What there will be, from what it is computed, and how often that was right."""
    user, today = signed_in(request), timezone.localdate(timezone=MOSCOW)
    accounts = account_queries.accounts_of(user=user)
    form = ForecastForm(request.GET)
    context: dict[str, Any] = {
        "form": form,
        "today": today,
        "has_accounts": bool(accounts),
        "tabs": tabs(ReportLinks("forecast", {})),
        "clear_url": ReportLinks("forecast", {}).url(),
    }
    is_valid = form.is_valid()
    known = forecasting.known(user=user, today=today, accounts=accounts) if is_valid else None
    if known is not None:
        report = presenter.forecast(user=user, known=known, days=form.length, off=form.off)
        if CSV_FIELD in request.GET:
            return _file(report, request.GET[CSV_FIELD])
        context |= report.context
    elif CSV_FIELD in request.GET:
        raise Http404
    context["rail_health"] = rail_health(request)
    return render_page(request, "analytics/forecast.html", context, status=200 if is_valid else 422)


def _file(report: presenter.Report, name: str) -> HttpResponse:
    table = report.table(name)
    if table is None:
        raise Http404
    return HttpResponse(
        table.csv(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="financehub-{name}.csv"'},
    )
