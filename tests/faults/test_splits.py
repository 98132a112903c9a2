"""A row of a bundled bank that a person divided stays so through every later reading."""

from datetime import timedelta
from decimal import Decimal

import pytest

from banking import splitting, totals
from banking.models import Account, DailyBalance, Transaction
from banking.splitting import Part
from tests.bank_server import TODAY, BankServer
from tests.banking.test_totals import kept_months, kept_totals
from tests.factories import category
from tests.faults import story

pytestmark = pytest.mark.usefixtures("short_histories")


def test_parts_outlive_three_readings_one_of_them_in_full(db: None, banks: BankServer) -> None:
    connection = story.connected(banks)
    story.read(connection)
    plain = story.fingerprint(connection)
    rows = Transaction.objects.filter(user=connection.user, transfer_pair=None, status="booked")
    half = Decimal(50)
    for row in rows.filter(amount__lt=-1).newest_first()[:3]:
        sizes = splitting.sizes_of(row.amount, [half, half], currency=row.currency)
        parts = [Part(size, category("gifts")) for size in sizes]
        splitting.split(user=row.user, row=row, wanted=parts, now=TODAY)
    divided = story.fingerprint(connection)
    balances = list(DailyBalance.objects.values_list("date", "amount"))
    assert divided != plain
    for number in (1, 2, 3):
        Account.objects.update(full_read_due=number == 2)
        run = story.read(connection, now=TODAY + timedelta(minutes=number))
        assert (run.state, run.rows_new, run.rows_changed, run.rows_removed) == ("done", 0, 0, 0)
        assert story.fingerprint(connection) == divided
    assert Transaction.objects.filter(part_of__isnull=False).count() == 6
    assert list(DailyBalance.objects.values_list("date", "amount")) == balances
    kept = kept_totals(connection.user), kept_months(connection.user)
    totals.refresh(user_id=connection.user_id, since=None)
    assert (kept_totals(connection.user), kept_months(connection.user)) == kept
