"""The reports: one filter for all tabs, each a page, each of its tables a file."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analytics.forms import YEAR_BEFORE, ReportForm
from analytics.links import ReportLinks
from analytics.presenters import categories as category_report
from analytics.presenters import months
from analytics.presenters import overview as overview_report
from analytics.presenters.asked import Asked, Report
from analytics.presenters.filters import chips, filter_context
from banking.queries import accounts as account_queries
from banking.views.common import Tab, rail_health
from financehub.http import render_page
from financehub.periods import MOSCOW
from financehub.users.identity import signed_in

if TYPE_CHECKING:
    from analytics.tables import Table

CSV_FIELD = "csv"


@require_GET
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """Income, expenses and what stands behind them."""
    return _answer(request, "overview", overview_report.overview)


@require_GET
@login_required
def categories(request: HttpRequest) -> HttpResponse:
    """Where the money went."""
    return _answer(request, "categories", category_report.categories)


@require_GET
@login_required
def trends(request: HttpRequest) -> HttpResponse:
    """Month after month."""
    return _answer(request, "trends", months.trends)


@require_GET
@login_required
def capital(request: HttpRequest) -> HttpResponse:
    """What is owned less what is owed."""
    return _answer(request, "capital", months.capital)


def _answer(request: HttpRequest, tab: str, report_of: Callable[[Asked], Report]) -> HttpResponse:
    """The tab as a page, or one of its tables as a file."""
    today = timezone.localdate(timezone=MOSCOW)
    accounts = account_queries.accounts_of(user=signed_in(request), closed=True)
    form = ReportForm(request.GET, user=signed_in(request), accounts=accounts, today=today)
    links = ReportLinks(tab, {name: value for name in form.fields if (value := request.GET.get(name, ""))})
    context: dict[str, Any] = {
        "form": form,
        "today": today,
        "has_accounts": bool(accounts),
        "tabs": tabs(links),
        "links": links,
        "clear_url": ReportLinks(tab, {}).url(),
    }
    is_valid = form.is_valid()
    if is_valid and accounts:
        asked = _asked(form, links, today)
        report = report_of(asked)
        if CSV_FIELD in request.GET:
            return _file(report.table(request.GET[CSV_FIELD]), asked)
        context |= report.context | filter_context(form, asked) | {"currency": asked.currency}
        context["chips"] = list(chips(form, links))
    elif CSV_FIELD in request.GET:
        raise Http404
    context["rail_health"] = rail_health(request)
    return render_page(request, f"analytics/{tab}.html", context, status=200 if is_valid else 422)


def _asked(form: ReportForm, links: ReportLinks, today: date) -> Asked:
    return Asked(
        user=form.user,
        today=today,
        span=form.span,
        wanted=form.wanted,
        currency=form.chosen_currency,
        links=links,
        cut=form.cut,
        against_year=form.cleaned_data["against"] == YEAR_BEFORE,
    )


def tabs(links: ReportLinks) -> list[Tab]:
    """The pages of analytics, the present one marked."""
    named = (
        ("overview", _("Обзор")),
        ("categories", _("Категории")),
        ("trends", _("Динамика")),
        ("recurring", _("Регулярные")),
        ("forecast", _("Прогноз")),
        ("capital", _("Капитал")),
    )
    return [Tab(label, links.url(name), name == links.tab) for name, label in named]


def _file(table: "Table | None", asked: Asked) -> HttpResponse:
    if table is None:
        raise Http404
    period = asked.span.period
    name = f"financehub-{table.name}-{period.start:%Y%m%d}-{asked.span.last_day:%Y%m%d}.csv"
    return HttpResponse(
        table.csv(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
