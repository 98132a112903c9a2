"""The tab of recurring payments, the page of one of them, and what is decided there."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from analytics.forms import ReportForm
from analytics.links import SHARED, ReportLinks
from analytics.models import RecurringSeries, SeriesChange
from analytics.presenters import recurring as presenters
from analytics.presenters import series_rows
from analytics.presenters.filters import chips
from analytics.recurring import actions, queries
from analytics.recurring.forms import NameForm
from analytics.recurring.queries import Judged
from analytics.tables import Table
from analytics.views import CSV_FIELD, tabs
from banking.queries import accounts as account_queries
from banking.queries import categories as category_queries
from banking.views.common import rail_health, way_back
from financehub.errors import DomainError
from financehub.http import render_page
from financehub.periods import local_date
from financehub.users.identity import signed_in

DEEDS = {"confirm": actions.confirm, "dismiss": actions.dismiss, "end": actions.end}


@require_GET
@login_required
def recurring(request: HttpRequest) -> HttpResponse:
    """What comes again and again."""
    user, today = signed_in(request), _today()
    params = {name: value for name in ReportForm.base_fields if (value := request.GET.get(name, ""))}
    links = ReportLinks("recurring", params)
    accounts = account_queries.accounts_of(user=user, closed=True)
    kept = {name: value for name, value in params.items() if name in SHARED}
    form = ReportForm(kept, user=user, accounts=accounts, today=today)
    context: dict[str, Any] = {
        "form": form,
        "timeless": True,
        "tabs": tabs(links),
        "has_accounts": bool(accounts),
        "clear_url": ReportLinks("recurring", {}).url(),
    }
    is_valid = form.is_valid()
    if is_valid and accounts:
        report = presenters.recurring(user=user, today=today, wanted=form.wanted, links=links)
        if CSV_FIELD in request.GET:
            return _file(report.table(request.GET[CSV_FIELD]), "recurring")
        context |= report.context | _filter_context(form, links)
    elif CSV_FIELD in request.GET:
        raise Http404
    context["rail_health"] = rail_health(request)
    return render_page(request, "analytics/recurring.html", context, status=200 if is_valid else 422)


@require_GET
@login_required
def series(request: HttpRequest, pk: int) -> HttpResponse:
    """One payment or income with every row of it."""
    return _page(request, _own(request, pk), form=None)


@require_POST
@login_required
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """It is regular, it is not, or it is over."""
    one = _own(request, pk).series
    deed = DEEDS.get(request.POST.get("do", ""))
    if deed is None:
        raise Http404
    _tell(request, one, deed(series=one, now=timezone.now()))
    return redirect(way_back(request, default=reverse("analytics:recurring")))


@require_POST
@login_required
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    """The person's own name for it."""
    one, form = _own(request, pk), NameForm(request.POST)
    if not form.is_valid():
        return _page(request, one, form=form)
    change = actions.rename(series=one.series, name=form.cleaned_data["name"], now=timezone.now())
    _tell(request, one.series, change)
    return redirect("analytics:series", pk)


@require_POST
@login_required
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a decision back."""
    try:
        actions.undo(user=signed_in(request), pk=pk, now=timezone.now())
    except SeriesChange.DoesNotExist as error:
        raise Http404 from error
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Решение отменено."))
    return redirect(way_back(request, default=reverse("analytics:recurring")))


def _filter_context(form: ReportForm, links: ReportLinks) -> dict[str, Any]:
    chosen = [category.pk for category in form.branch[:1]]
    return {
        "chips": list(chips(form, links)),
        "category_groups": category_queries.category_groups(user=form.user, with_ids=chosen),
    }


def _page(request: HttpRequest, one: Judged, *, form: NameForm | None) -> HttpResponse:
    today = _today()
    rows = queries.rows_of(series=one.series)
    if CSV_FIELD in request.GET:
        return _file(series_rows.table(one.series, rows), f"recurring-{one.series.pk}")
    accounts = account_queries.accounts_of(user=signed_in(request), closed=True)
    context: dict[str, Any] = presenters.details(one, today=today) | {
        "series": one.series,
        "rows": series_rows.cells(rows, accounts, today=today),
        "spark": series_rows.sparkline(rows),
        "spark_label": series_rows.spark_label(rows),
        "name_form": form or NameForm(initial={"name": one.series.name}),
        "rail_health": rail_health(request),
    }
    return render_page(request, "analytics/series.html", context, status=422 if form else 200)


def _own(request: HttpRequest, pk: int) -> Judged:
    try:
        return queries.judged_one(user=signed_in(request), pk=pk, today=_today())
    except RecurringSeries.DoesNotExist as error:
        raise Http404 from error


def _tell(request: HttpRequest, one: RecurringSeries, change: SeriesChange | None) -> None:
    """What was decided, with the way to take it back."""
    if change is None:
        messages.info(request, _("Менять нечего: так уже решено."))
        return
    words = {
        RecurringSeries.Decision.CONFIRMED: _("Подтверждено: {name}"),
        RecurringSeries.Decision.DISMISSED: _("Больше не предложим: {name}"),
        RecurringSeries.Decision.ENDED: _("Отмечено, что закончилось: {name}"),
    }
    told = words.get(
        RecurringSeries.Decision(change.after.get("decision", "suggested")), _("Название: {name}")
    )
    undo_url = reverse("analytics:series_undo", args=[change.pk])
    messages.success(request, told.format(name=one.called), extra_tags=undo_url)


def _file(table: Table | None, name: str) -> HttpResponse:
    if table is None:
        raise Http404
    disposition = f'attachment; filename="financehub-{name}-{_today():%Y%m%d}.csv"'
    return HttpResponse(
        table.csv(), content_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition}
    )


def _today() -> date:
    return local_date(timezone.now())
