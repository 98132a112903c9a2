"""One spending, wherever it is asked: pages, analytics, API and export rest on the same rows."""

import csv
import io
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
import time_machine
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from analytics import queries
from banking import edits, splitting, tagging
from banking.models import Account, Edit, Tag, Transaction
from banking.queries import dashboard, months
from banking.queries.transaction_filter import TransactionFilter
from banking.queries.transactions import filtered_totals
from financehub.errors import DomainError
from financehub.fields import from_units
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


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_splits_and_random_edits_keep_one_figure(anna: User, anna_client: Client) -> None:
    """After each of many deeds the sum that plain SQL gives is the sum of every page and call."""
    account, dice = AccountFactory(connection__user=anna), random.Random(22)
    for fields in ROWS:
        TransactionFactory(account=account, **fields)
    (tag,) = tagging.named(user=anna, names=["дача"])
    done: list[Edit] = []
    for _ in range(14):
        edit = _deed(anna, dice, tag, done)
        if edit is not None:
            done.append(edit)
        assert _spending(anna, anna_client) == {_by_sql(anna)}
    assert Transaction.objects.filter(part_of__isnull=False).exists()


def _deed(user: User, dice: random.Random, tag: Tag, done: list[Edit]) -> Edit | None:
    """One random change of one random row; refusals and deeds that change nothing are deeds too."""
    row = dice.choice(list(Transaction.objects.for_user(user).order_by("pk")))
    chosen: dict[str, Any] = {"user": user, "rows": only(row), "now": NOW}
    deeds: list[Callable[[], Any]] = [
        lambda: edits.set_excluded(excluded=dice.random() < 0.5, **chosen),
        lambda: edits.set_category(category=category(dice.choice(["cafe", "income-gift"])), **chosen),
        lambda: edits.add_tags(tags=[tag], **chosen),
        lambda: splitting.unsplit(user=user, row=row, now=NOW),
        lambda: edits.undo(edit=dice.choice(done), now=NOW).edit,
        *[lambda: _split(row, dice)] * 4,
    ]
    with suppress(DomainError, IndexError):
        return cast("Edit | None", dice.choice(deeds)())
    return None


def _split(row: Transaction, dice: random.Random) -> Edit | None:
    share = Decimal(dice.randint(1, 99))
    sizes = splitting.sizes_of(row.amount, [share, 100 - share], currency="RUB")
    parts = [splitting.Part(size, category(dice.choice(["cafe", "gifts", "other"]))) for size in sizes]
    return splitting.split(user=row.user, row=row, wanted=parts, now=NOW)


def _by_sql(user: User) -> Decimal:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT -SUM(amount) FROM banking_transaction WHERE user_id = %s AND parts = 0 AND NOT excluded"
            " AND missing_since IS NULL AND status <> 'declined' AND kind = 'expense'",
            [user.pk],
        )
        return from_units(cursor.fetchone()[0] or 0)


def _spending(user: User, client: Client) -> set[Decimal]:
    return spending_everywhere(user, client, account=Account.objects.get(user=user))


def spending_everywhere(user: User, client: Client, *, account: Account) -> set[Decimal]:
    """The rubles spent this month, from everywhere; all rows are of this month, spent from one account."""
    api = APIClient()
    api.force_authenticate(user)
    month = {"from_date": "2025-11-01", "to_date": "2025-11-30"}
    in_words = TransactionFilter(words=("pyaterochka",))
    november = Period(date(2025, 11, 1), date(2025, 12, 1))
    of_account = TransactionFilter(period=november, accounts=frozenset({account.pk}))
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
