"""A connected bank in memory."""

import pytest

from banking.models import BankConnection
from banking.services import access
from tests.banking.sync.bank import Bank
from tests.banking.sync.reading import connected


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> Bank:
    """The bank that every connection of the test reaches."""
    bank = Bank()
    monkeypatch.setattr(access, "client_for", bank.reached_by)
    return bank


@pytest.fixture
def connection(bank: Bank, db: None) -> BankConnection:
    """Somebody's open connection to the bank, never read yet."""
    return connected()
