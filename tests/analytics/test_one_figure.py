"""One spending, wherever it is asked: pages, analytics, API and export rest on the same rows."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from rest_framework.test import APIClient

from analytics import queries
from banking import edits
from banking.models import Account
from banking.queries import dashboard, months
from banking.queries.transaction_filter import TransactionFilter
from banking.queries.transactions import filtered_totals
from financehub.periods import Period, local_date
from financehub.users.models import User
from tests.factories import NOW, AccountFactory, ManualAccountFactory, TransactionFactory, category, only

TODAY = local_date(NOW)
ROWS: tuple[dict[str, Any], ...] = (
    {"amount": Decimal("-412.35")},
    {"amount": Decimal("12.35"), "is_refund": True},
    {"amount": Decimal("-5000"), "slug": "transfer-own"},
    {"amount": Decimal("-70"), "status": "declined"},
    {"amount": Decimal("-30.50"), "status": "pending"},
    {"amount": Decimal("-8"), "missing_since": NOW},
    {"amount": Decimal("90000"), "slug": "income-salary"},
    {"amount": Decimal("-999"), "booked_at": NOW - timedelta(days=3)},
)


@pytest.mark.django_db
@pytest.mark.parametrize("is_manual", [False, True])
@time_machine.travel(NOW, tick=False)
def test_spending_is_one_figure_before_and_after_edits(
    anna: User, anna_client: Client, is_manual: bool
) -> None:
    account = ManualAccountFactory(user=anna) if is_manual else AccountFactory(connection__user=anna)
    *_, salary, costly = (TransactionFactory(account=account, **fields) for fields in ROWS)
    assert _spending(anna, anna_client) == {Decimal("1429.50")}
    deleted = edits.delete_rows(user=anna, rows=only(costly), now=NOW)
    assert _spending(anna, anna_client) == {Decimal("430.50")}
    assert deleted is not None
    edits.undo(edit=deleted, now=NOW)
    assert _spending(anna, anna_client) == {Decimal("1429.50")}
    left_out = edits.set_excluded(user=anna, rows=only(costly), excluded=True, now=NOW)
    assert _spending(anna, anna_client) == {Decimal("430.50")}
    edits.set_category(user=anna, rows=only(salary), category=category("cafe"), now=NOW)
    assert _spending(anna, anna_client) == {Decimal("-89569.50")}
    assert left_out is not None
    edits.undo(edit=left_out, now=NOW)
    assert _spending(anna, anna_client) == {Decimal("-88570.50")}


def _spending(user: User, client: Client) -> set[Decimal]:
    """The rubles spent this month, from everywhere; the rows are of no other month."""
    api = APIClient()
    api.force_authenticate(user)
    month = {"from_date": "2025-11-01", "to_date": "2025-11-30"}
    in_words = TransactionFilter(words=("pyaterochka",))
    november = Period(date(2025, 11, 1), date(2025, 12, 1))
    of_account = TransactionFilter(period=november, accounts=frozenset({Account.objects.get(user=user).pk}))
    return {
        client.get("/transactions/?period=month&totals=show").context["totals"].flows[0].spending,
        filtered_totals(user=user, wanted=in_words).flows[0].spending,
        dashboard.month_flow(user=user, today=TODAY).now.spending,
        queries.summary(user=user, period_days=30, now=NOW).flow.spending,
        months.by_month(user=user, wanted=of_account, currency="RUB")[0].spending,
        client.get("/analytics/categories/?month=2025-11").context["total"],
        client.get("/analytics/?month=2025-11").context["figures_table"].lines[0].values[2],
        sum((each.total for each in queries.by_category(user=user, period_days=30, now=NOW)), Decimal(0)),
        sum((day.expenses for day in queries.trends(user=user, period_days=30, now=NOW)), Decimal(0)),
        Decimal(str(api.get("/api/v1/transactions/totals", month).data["flows"][0]["expenses"])),
        _exported(b"".join(api.get("/api/v1/export/transactions/csv", month).streaming_content)),
    }


def _exported(file: bytes) -> Decimal:
    rows = csv.DictReader(io.StringIO(file.decode("utf-8-sig")))
    counted = [row for row in rows if row["Участвует в суммах"] == "да" and row["Тип"] == "Расход"]
    return -sum((Decimal(row["Сумма"]) for row in counted), Decimal(0))
