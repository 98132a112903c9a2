"""What a person deleted stays deleted, however often and however much of it the bank tells again."""

from datetime import timedelta

import pytest

from banking import edits
from banking.models import Account, BankConnection, Transaction
from banking.queries.transaction_filter import TransactionFilter, matching
from tests.banking.sync.bank import NOON, Bank, sent
from tests.banking.sync.reading import read
from tests.banking.test_totals import kept_months, kept_totals, months_by_hand, totals_by_hand
from tests.factories import only


def shown(connection: BankConnection) -> list[str]:
    rows = matching(user=connection.user, wanted=TransactionFilter())
    return sorted(rows.values_list("external_id", flat=True))


@pytest.mark.parametrize("becomes", ["the same", "another text", "another id"])
def test_a_deleted_row_stays_away_and_comes_back_when_restored(
    bank: Bank, connection: BankConnection, becomes: str
) -> None:
    bank.rows = [sent("keep", "-10"), sent("drop", "-20", text="Кофе")]
    read(connection)
    person = connection.user
    row = Transaction.objects.get(external_id="drop")
    assert edits.delete_rows(user=person, rows=only(row), now=NOON)
    told = {
        "the same": sent("drop", "-20", text="Кофе"),
        "another text": sent("drop", "-20", text="Кофе и пирожок"),
        "another id": sent("drop-2", "-20", text="Кофе"),
    }[becomes]
    bank.rows = [sent("keep", "-10"), told]
    for number in (1, 2, 3):
        if number == 2:
            Account.objects.filter(connection=connection).update(full_read_due=True)
        read(connection, now=NOON + timedelta(hours=number))
        assert shown(connection) == ["keep"]
        assert kept_totals(person) == totals_by_hand(person)
    assert edits.restore_rows(user=person, rows=only(row), now=NOON)
    assert len(shown(connection)) == 2
    assert kept_months(person) == months_by_hand(person)
    row.refresh_from_db()
    assert row.description == told.description
