"""Operator: encrypt all stored bank tokens with the first key, so that the later keys can go."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from banking.services import keys


class Command(BaseCommand):
    help = (
        "Encrypt every stored bank token, and the keys that partners' tokens are signed with, anew with the "
        "first of BANK_TOKEN_KEYS. Put the new key in front, "
        "restart, run this, and drop the old keys. Safe while banks are synchronised and as often as wanted. "
        "Exit code 0: all tokens are under the first key, 1: some cannot be read (they are renewed at the "
        "bank when next needed)."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        rotation = keys.Rotation()
        steps = keys.rotate_tokens(rotation)
        total = keys.count_tokens()
        for _ in tqdm(steps, total=total, desc="Tokens", unit="token", file=self.stderr, disable=None):
            pass
        self.stdout.write(
            f"Tokens encrypted anew: {rotation.rotated}, replaced meanwhile: {rotation.overtaken}, "
            f"unreadable: {rotation.unreadable}."
        )
        if rotation.unreadable:
            raise CommandError(f"{rotation.unreadable} tokens cannot be read with the configured keys.")
