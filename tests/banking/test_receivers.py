"""Auto Connect: what a team client's first login sets going."""

from banking.models import BankConnection
from financehub.users.models import User
from financehub.users.signals import team_client_registered
from tests.banking.sync.bank import Bank
from tests.factories import BankFactory


def test_every_active_bank_is_asked_for(anna: User, bank: Bank) -> None:
    BankFactory(code="closed", is_active=False)
    team_client_registered.send(sender=User, user=anna)
    asked = BankConnection.objects.filter(user=anna).values_list("bank__code", "status")
    assert sorted(asked) == [(code, "requested") for code in ("abank", "sbank", "vbank")]
    assert bank.calls == {}


def test_a_second_time_changes_nothing(anna: User, bank: Bank) -> None:
    team_client_registered.send(sender=User, user=anna)
    team_client_registered.send(sender=User, user=anna)
    assert BankConnection.objects.filter(user=anna).count() == 3
