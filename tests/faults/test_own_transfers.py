"""The bundled banks' clients move money between their accounts; it is neither spent nor earned."""

import pytest

from banking.models import Account, Transaction
from tests.bank_server import BankServer
from tests.factories import UserFactory
from tests.faults import story


@pytest.mark.parametrize("client", ["team075-1", "team075-8"])
def test_transfers_between_own_accounts_are_found(db: None, banks: BankServer, client: str) -> None:
    person = UserFactory()
    for bank in ("vbank", "abank", "sbank"):
        story.read(story.connected(banks, bank, client_id=client, user=person))
    rows = Transaction.objects.filter(user=person).counted()
    numbers = list(Account.objects.filter(user=person).values_list("number", flat=True))
    naming = [
        row
        for row in rows.filter(description__iregex="счет|депозит")
        if any(number in row.description for number in numbers)
    ]
    unpaired = [row for row in naming if row.transfer_pair_id is None or row.kind != "transfer"]
    to_self = rows.filter(description__startswith="Перевод по СБП себе")
    met = to_self.exclude(transfer_pair=None).count()
    print(
        f"{client}: {len(naming) - len(unpaired)} of {len(naming)} rows that name an own account are paired,"
    )
    print(f"{met} of {to_self.count()} transfers to oneself that name a bank only")
    assert len(naming) > 100
    assert unpaired == []
    assert met > 0
    assert not to_self.exclude(kind="transfer").exists()
    for row in rows.exclude(transfer_pair=None).select_related("transfer_pair"):
        assert row.amount == -row.transfer_pair.amount
