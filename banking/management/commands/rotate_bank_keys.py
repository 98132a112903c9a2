"""Operator: sign bank tokens with a new key; the one before verifies until its tokens have ended."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from banking.models import BankKey
from banking.services import bank_tokens


class Command(BaseCommand):
    help = (
        "Make a new key for the tokens of partner banks and sign with it from now on. Tokens signed before "
        "stay good until they end, an hour at most. Safe at any time. Exit code 0."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        now = timezone.now()
        key = bank_tokens.rotate(now=now)
        older = BankKey.objects.verifying(now).exclude(pk=key.pk).count()
        self.stdout.write(f"Signing with {key.kid}; keys that only verify: {older}.")
