"""What banking does when a lower app tells it something."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from banking import actions, tasks
from banking.models import Account
from banking.queries import accounts
from banking.signals import account_settled
from banking.sync.signals import account_synced
from financehub.users.models import User
from financehub.users.signals import team_client_registered


@receiver(team_client_registered)
def auto_connect(*, user: User, **_signal: Any) -> None:
    """Auto Connect: a team client's first login starts connecting every bank, and waits for none."""
    actions.connect_every_bank(user=user, now=timezone.now())


@receiver((account_synced, account_settled))
def want_rates(*, account: Account, **_signal: Any) -> None:
    """Balances and rows in another currency are valued at the rates of their own days."""
    if settings.RATES_URL and account.currency != accounts.HOME_CURRENCY:
        since = accounts.first_balance_on(account=account)
        transaction.on_commit(lambda: tasks.load_rates(since))
