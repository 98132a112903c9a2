"""Accounts by bank, and the page of one account."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from banking.models import Account
from banking.presenters import connections as presenters
from banking.presenters import gost
from banking.presenters import rates as rate_words
from banking.presenters.rows import RowPresenter, account_title
from banking.queries import accounts as queries
from banking.queries import connections, rates
from banking.queries.health import Cause
from banking.queries.transaction_filter import TransactionFilter
from banking.queries.transactions import transaction_page
from banking.views.common import Tab, rail_health
from financehub import charts, formats
from financehub.http import render_page
from financehub.periods import Period, last_days, local_date
from financehub.users.identity import signed_in
from financehub.users.models import User

ROWS_OF_ACCOUNT = 10
SPARK_DAYS = 30
HISTORY_DAYS = {"30": 30, "90": 90, "365": 365}
WHOLE_HISTORY = "all"


@require_GET
@login_required
def accounts(request: HttpRequest) -> HttpResponse:
    """What a person has at each bank, and how fresh it is."""
    user, now = signed_in(request), timezone.now()
    found = queries.accounts_of(user=user)
    overviews = connections.connection_overviews(user=user, now=now)
    total, today = queries.total_of(found, now=now), local_date(now)
    context: dict[str, Any] = {
        "banks": presenters.bank_blocks(
            overviews,
            found,
            now=now,
            histories=queries.balance_histories(accounts=found, period=last_days(today, SPARK_DAYS)),
        ),
        "is_syncing": any(overview.health.cause == Cause.SYNCING for overview in overviews),
        "own": presenters.own_block(found, now=now),
        "has_accounts": bool(found),
        "total": total,
        "home": rate_words.home_total(rates.total_in_home(total, today=today), today=today),
        "today": today,
    }
    if not request.htmx:  # type: ignore[attr-defined]
        context["rail_health"] = rail_health(request)
    return render_page(request, "banking/accounts.html", context, fragment="banks")


@require_GET
@login_required
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """One account: how its balance went, its newest rows, where the data comes from."""
    user, now = signed_in(request), timezone.now()
    known = {account.pk: account for account in queries.accounts_of(user=user, closed=True)}
    if (found := known.get(pk)) is None:
        raise Http404
    today = local_date(now)
    context = _source(found, user, now=now) | {
        "account": found,
        "cells": presenters.account_cells(found, now=now),
        "title": account_title(found),
        "rows_url": f"{reverse('banking:transactions')}?account={found.pk}",
        "today": today,
        "rail_health": rail_health(request),
    }
    return render_page(
        request,
        "banking/account.html",
        context | _history(request, found, today=today) | _newest(request, found, known, today=today),
        fragment="history",
    )


def _source(account: Account, user: User, *, now: datetime) -> dict[str, Any]:
    """The connection that an account is read through; nothing for one that is kept by hand."""
    if account.connection_id is None:
        return {}
    overview = connections.connection_overview(user=user, pk=account.connection_id, now=now)
    return {
        "overview": overview,
        "state": presenters.state_line(overview.connection, overview.health, now=now),
        "gost": gost.badge(overview.connection, overview.gost),
        "days_left": presenters.days_left(overview.granted, now=now),
    }


def _history(request: HttpRequest, account: Account, *, today: date) -> dict[str, Any]:
    """The chart of the period that the URL names, and the other periods."""
    chosen = request.GET.get("history", "90")
    chosen = chosen if chosen in HISTORY_DAYS else WHOLE_HISTORY
    series = queries.balance_history(account=account, period=_history_period(account, chosen, today=today))
    chart = charts.line_chart(series, currency=account.currency, formats=formats.current())
    return {"chart": chart, "tabs": _tabs(request, chosen), "change": _change(series)}


def _history_period(account: Account, chosen: str, *, today: date) -> Period:
    if chosen in HISTORY_DAYS:
        return last_days(today, HISTORY_DAYS[chosen])
    first = queries.first_balance_on(account=account) or today
    return last_days(today, (today - first).days + 1)


def _change(series: list[tuple[date, Decimal]]) -> Decimal | None:
    return series[-1][1] - series[0][1] if len(series) > 1 else None


def _tabs(request: HttpRequest, chosen: str) -> list[Tab]:
    labels = {"30": _("30 дней"), "90": _("90 дней"), "365": _("Год"), WHOLE_HISTORY: _("Всё время")}
    return [Tab(label, f"{request.path}?history={key}", key == chosen) for key, label in labels.items()]


def _newest(
    request: HttpRequest, account: Account, known: dict[int, Account], *, today: date
) -> dict[str, Any]:
    """The first rows; the other accounts of the person are the other ends of transfers."""
    wanted = TransactionFilter(accounts=frozenset({account.pk}))
    page = transaction_page(user=signed_in(request), wanted=wanted, size=ROWS_OF_ACCOUNT)
    presenter = RowPresenter(known, today=today)
    return {"days": presenter.days(page), "has_more": page.next is not None}
