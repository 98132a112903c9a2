"""The first screen: what there is, what needs a look, how the month goes."""

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from banking.filter_forms import UNCATEGORISED
from banking.models import Account
from banking.presenters import connections as presenters
from banking.presenters import figures
from banking.presenters.rows import RowPresenter
from banking.queries import accounts as account_queries
from banking.queries import connections, transactions
from banking.queries import dashboard as queries
from banking.queries.transaction_filter import TransactionFilter
from banking.views.common import rail_health
from financehub.http import render_page
from financehub.periods import local_date
from financehub.users.identity import signed_in
from financehub.users.models import User

RECENT_ROWS = 7


@require_GET
@login_required
def dashboard(request: HttpRequest) -> HttpResponse:
    """Everything about a person's money that fits on one screen, computed from their rows."""
    user, now = signed_in(request), timezone.now()
    today = local_date(now)
    overviews = connections.connection_overviews(user=user, now=now)
    accounts = account_queries.accounts_of(user=user)
    context: dict[str, Any] = {
        "today": today,
        "has_connections": bool(overviews or accounts),
        "has_accounts": bool(accounts),
        "is_connecting": any(overview.is_connecting for overview in overviews),
        "banks": presenters.bank_blocks(overviews, accounts, now=now),
        "own": presenters.own_block(accounts, now=now),
        "attention": presenters.attention(
            overviews,
            uncategorised=queries.uncategorised_count(user=user, today=today),
            uncategorised_url=figures.rows_url(queries.uncategorised_period(today), category=UNCATEGORISED),
            now=now,
        ),
        "rail_health": rail_health(request),
    }
    if accounts:
        context |= _total(user, accounts, now=now) | _month(user, today) | _recent(user, today)
    return render_page(request, "banking/dashboard.html", context)


def _total(user: User, accounts: list[Account], *, now: datetime) -> dict[str, Any]:
    month_start = local_date(now).replace(day=1)
    total = account_queries.total_of(accounts, now=now)
    before = account_queries.home_total_on(user=user, day=month_start - timedelta(days=1))
    return {
        "total": total,
        "change": total.amount - before if before is not None else None,
        "is_large": figures.is_large(total),
    }


def _month(user: User, today: date) -> dict[str, Any]:
    flow = queries.month_flow(user=user, today=today)
    top = queries.top_spending(user=user, period=flow.period)
    return {
        "flow": flow,
        "figures": figures.month_figures(flow),
        "top": figures.bars(top, period=flow.period),
        "months_chart": figures.months_chart(
            queries.recent_months(user=user, today=today, now=flow.now), today=today
        ),
        "months_series": figures.flow_series(),
    }


def _recent(user: User, today: date) -> dict[str, Any]:
    page = transactions.transaction_page(user=user, wanted=TransactionFilter(), size=RECENT_ROWS)
    accounts = account_queries.accounts_of(user=user, closed=True)
    presenter = RowPresenter({account.pk: account for account in accounts}, today=today)
    return {"days": presenter.days(page)}
