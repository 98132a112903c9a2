"""One run from the queue to the state that the page shows."""

from banking.models import BankConnection, SyncRun, Transaction
from tests.banking.sync.bank import NOON, Bank, sent
from tests.banking.sync.reading import only_account, read


def test_first_reading_takes_everything_in(bank: Bank, connection: BankConnection) -> None:
    bank.rows = [sent(f"tx-{number}", "-10.00") for number in range(7)]
    run = read(connection)
    connection.refresh_from_db()
    assert run.state == SyncRun.State.DONE
    assert (run.rows_read, run.rows_new, run.rows_changed, run.rows_removed) == (7, 7, 0, 0)
    assert Transaction.objects.filter(user=connection.user).count() == 7
    assert only_account(connection).balance_booked == bank.account().balance
    assert connection.last_success_at == NOON
