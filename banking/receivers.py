"""What banking does when a lower app tells it something."""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from banking import actions
from financehub.users.models import User
from financehub.users.signals import team_client_registered


@receiver(team_client_registered)
def auto_connect(*, user: User, **_signal: Any) -> None:
    """Auto Connect: a team client's first login starts connecting every bank, and waits for none."""
    actions.connect_every_bank(user=user, now=timezone.now())
