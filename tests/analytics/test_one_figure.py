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
from banking import edits, ledger, manual, pairing, splitting, tagging
from banking.models import Account, Edit, Tag, Transaction, TransferMatch
from banking.queries import dashboard, months
from banking.queries.transaction_filter import TransactionFilter
from banking.queries.transactions import filtered_totals
from banking.sync import transfers
from financehub.errors import DomainError
from financehub.fields import from_units
from financehub.periods import Period, local_date
from financehub.users.models import User
from tests.banking.test_totals import kept_totals, totals_by_hand
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
OWN = {"description": "Перевод между своими счетами PYATEROCHKA", "merchant_name": "", "mcc": ""}


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
def test_random_deeds_keep_one_figure(anna: User, anna_client: Client) -> None:
    """After each of many deeds the sum that plain SQL gives is the sum of every page and call."""
    account = ManualAccountFactory(user=anna, opening_on=TODAY - timedelta(days=30))
    dice = random.Random(1)
    for fields in ROWS:
        TransactionFactory(account=account, **fields)
    for side, amount in ((account, -700), (AccountFactory(connection__user=anna), 700)):
        TransactionFactory(account=side, amount=Decimal(amount), **OWN)
    (tag,) = tagging.named(user=anna, names=["дача"])
    ledger.settle(account=account, now=NOW)
    transfers.pair_own_transfers(user_id=anna.pk, since=None, now=NOW)
    done: list[Edit] = []
    for _ in range(24):
        edit = _deed(account, dice, tag, done)
        if edit is not None:
            done.append(edit)
        assert spending_everywhere(anna, anna_client, account=account) == {_by_sql(anna)}
        assert kept_totals(anna) == totals_by_hand(anna)
        account.refresh_from_db()
        assert account.net_amount == _held_by_sql(account)
    kinds = {edit.kind for edit in done}
    assert kinds >= {Edit.Kind.SPLIT, Edit.Kind.DELETE, Edit.Kind.AMEND, Edit.Kind.UNPAIR, Edit.Kind.UNDO}


def _deed(account: Account, dice: random.Random, tag: Tag, done: list[Edit]) -> Edit | None:
    """One random change of one random row; refusals and deeds that change nothing are deeds too."""
    user = account.user
    row = dice.choice(list(Transaction.objects.filter(account=account).order_by("pk")))
    chosen: dict[str, Any] = {"user": user, "rows": only(row), "now": NOW}
    deeds: list[Callable[[], Any]] = [
        lambda: edits.set_excluded(excluded=dice.random() < 0.5, **chosen),
        lambda: edits.set_category(category=category(dice.choice(["cafe", "income-gift"])), **chosen),
        lambda: edits.add_tags(tags=[tag], **chosen),
        lambda: edits.restore_rows(**chosen),
        lambda: splitting.unsplit(user=user, row=row, now=NOW),
        lambda: manual.add_row(account=account, entry=_entry(dice), key=str(dice.random()), now=NOW) and None,
        *[lambda: manual.amend_row(transaction=row, entry=_entry(dice), now=NOW)] * 2,
        *[lambda: edits.delete_rows(**chosen)] * 2,
        *[lambda: _pair_or_part(user)] * 2,
        *[lambda: edits.undo(edit=dice.choice(done), now=NOW).edit] * 4,
        *[lambda: _split(row, dice)] * 4,
    ]
    with suppress(DomainError, IndexError):
        return cast("Edit | None", dice.choice(deeds)())
    return None


def _entry(dice: random.Random) -> manual.Entry:
    return manual.Entry(
        amount=Decimal(-dice.randint(1, 900)), day=TODAY, description="PYATEROCHKA", merchant="Пятёрочка"
    )


def _pair_or_part(user: User) -> Edit | None:
    """Say of the pair what has not been said of it last."""
    match = TransferMatch.objects.filter(user=user).first()
    if match is None or not match.by_person:
        return match and pairing.reject(match=match, now=NOW)
    pairing.undo(match=match, now=NOW)
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
            " AND missing_since IS NULL AND deleted_at IS NULL AND status <> 'declined' AND kind = 'expense'",
            [user.pk],
        )
        return from_units(cursor.fetchone()[0] or 0)


def _held_by_sql(account: Account) -> Decimal:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT SUM(amount) FROM banking_transaction WHERE account_id = %s AND part_of_id IS NULL"
            " AND deleted_at IS NULL AND status = 'booked'",
            [account.pk],
        )
        return (account.opening_balance or Decimal(0)) + from_units(cursor.fetchone()[0] or 0)


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
