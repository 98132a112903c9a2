"""What banking does when a lower app tells it something."""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from banking import actions
from banking.models import Bank
from financehub.users.models import User
from financehub.users.signals import team_client_registered


@receiver(team_client_registered)
def connect_every_bank(*, user: User, **_signal: Any) -> None:
    """Auto Connect: a team client's first login starts connecting every bank, and waits for none."""
    for code in Bank.objects.filter(is_active=True).order_by("pk").values_list("code", flat=True):
        actions.connect_bank(user=user, bank_code=code, now=timezone.now())
