"""Operator: put the end of consents that are past their last day on record."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from banking.services import consents


class Command(BaseCommand):
    help = (
        "Mark consents that are past their last day as expired and write it into their history. The worker "
        "does the same every minute; safe to run at any time, as often as wanted, by several at once. "
        "Exit code 0, whether or not there was something to mark."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(f"Consents marked as expired: {consents.expire(now=timezone.now())}.")
