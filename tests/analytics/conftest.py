"""Anna's accounts in rubles and dollars."""

import pytest

from banking.models import Account
from financehub.users.models import User
from tests.factories import AccountFactory, ConnectionFactory


@pytest.fixture
def rubles(anna: User) -> Account:
    return AccountFactory(connection=ConnectionFactory(user=anna))


@pytest.fixture
def dollars(rubles: Account) -> Account:
    return AccountFactory(connection=rubles.connection, currency="USD")
