"""The first screen: what there is, what needs a look, how the month goes."""

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from banking import blocks
from banking.filter_forms import UNCATEGORISED
from banking.models import Account
from banking.presenters import connections as presenters
from banking.presenters import figures
from banking.presenters import rates as rate_words
from banking.presenters.rows import RowPresenter
from banking.queries import accounts as account_queries
from banking.queries import connections, rates, transactions, transfer_review
from banking.queries import dashboard as queries
from banking.queries.month_cut import cut_of
from banking.queries.transaction_filter import TransactionFilter
from banking.views.common import rail_health
from financehub.http import render_page
from financehub.periods import MonthCut, local_date
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
    known = account_queries.accounts_of(user=user, closed=True)
    accounts = [account for account in known if account.closed_at is None]
    context: dict[str, Any] = {
        "today": today,
        "has_connections": bool(overviews or accounts),
        "has_accounts": bool(accounts),
        "is_connecting": any(overview.is_connecting for overview in overviews),
        "banks": presenters.bank_blocks(overviews, accounts, now=now),
        "own": presenters.own_block(accounts, now=now),
        "attention": presenters.attention(
            overviews,
            transfers=transfer_review.open_matches(user=user).count(),
            uncategorised=queries.uncategorised_count(user=user, today=today),
            uncategorised_url=figures.rows_url(queries.uncategorised_period(today), category=UNCATEGORISED),
            now=now,
        ),
        "rail_health": rail_health(request),
    }
    if accounts:
        cut = cut_of(user=user, today=today)
        context |= (
            _total(user, accounts, cut, now=now) | _month(user, today, cut) | _recent(user, known, today)
        )
        context["blocks"] = blocks.blocks(user=user, today=today, accounts=accounts)
    return render_page(request, "banking/dashboard.html", context)


def _total(user: User, accounts: list[Account], cut: MonthCut, *, now: datetime) -> dict[str, Any]:
    today = local_date(now)
    month_start = cut.so_far(today).start
    total = account_queries.total_of(accounts, now=now)
    before = account_queries.home_total_on(user=user, day=month_start - timedelta(days=1))
    return {
        "total": total,
        "change": total.amount - before if before is not None else None,
        "is_large": figures.is_large(total),
        "home": rate_words.home_total(rates.total_in_home(total, today=today), today=today),
    }


def _month(user: User, today: date, cut: MonthCut) -> dict[str, Any]:
    flow = queries.month_flow(user=user, today=today, cut=cut)
    wanted = TransactionFilter(period=flow.period)
    home = rates.flow_in_home(user=user, wanted=wanted) if flow.others else None
    top = queries.top_spending(user=user, period=flow.period)
    return {
        "flow": flow,
        "figures": figures.month_figures(flow),
        "home_flow": rate_words.home_flow(home, today=today),
        "top": figures.bars(top, period=flow.period),
        "months_chart": figures.months_chart(
            queries.recent_months(user=user, today=today, now=flow.now, cut=cut), today=today, cut=cut
        ),
        "months_series": figures.flow_series(),
    }


def _recent(user: User, known: list[Account], today: date) -> dict[str, Any]:
    page = transactions.transaction_page(user=user, wanted=TransactionFilter(), size=RECENT_ROWS)
    presenter = RowPresenter({account.pk: account for account in known}, today=today)
    return {"days": presenter.days(page)}
