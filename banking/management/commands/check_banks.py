"""Operator: ask every bank whether it works for us."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from banking.models import Bank
from banking.services import checking


class Command(BaseCommand):
    help = (
        "Check each bank: does it answer, does it give us a token, does it honour the consent that was used "
        "last, and, where GOST_ENABLED is set, what does a handshake with its GOST gateway come to. Prints a "
        "line a bank and changes nothing. Exit code 0: all banks and gateways work, 1: one does not."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--bank", help="only this bank (code, such as vbank)")

    def handle(self, *_args: Any, **options: Any) -> None:
        banks = Bank.objects.filter(is_active=True).order_by("pk")
        if options["bank"]:
            banks = banks.filter(code=options["bank"].lower())
        found = [
            checking.check_bank(bank=bank, now=timezone.now())
            for bank in tqdm(list(banks), desc="Banks", unit="bank", file=self.stderr, disable=None)
        ]
        if not found:
            raise CommandError("No bank fits.")
        for check in found:
            steps = f"reachable {check.reachable}, token {check.token}, consent {check.consent}"
            self.stdout.write(f"{check.bank_code}: {steps}, gost {check.gost}")
        failing = [check.bank_code for check in found if not check.is_fine]
        if failing:
            raise CommandError(f"{len(failing)} of {len(found)} banks do not work: {', '.join(failing)}.")
