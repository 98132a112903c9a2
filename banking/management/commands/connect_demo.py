"""Operator: connect demo people to their banks, the way their first click would."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from banking import actions
from banking.clients import errors
from banking.models import Bank, BankConnection
from banking.services.connecting import SyncFailed
from financehub.errors import DomainError
from financehub.users.demo import PEOPLE
from financehub.users.models import User, normalise_login


class Command(BaseCommand):
    help = (
        "Connect a person (the demo person unless named) to one bank or to all. Without --wait the workers "
        "do it; with --wait banks are connected and read here. A bank that waits for its client's approval "
        "is named and is no failure. Exit code 0: all is well, 1: a bank failed or nobody fits."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", default=PEOPLE[0].login, help="login or e-mail (default: %(default)s)")
        parser.add_argument("--bank", help="only this bank (code, such as vbank)")
        parser.add_argument("--wait", action="store_true", help="connect and read here")

    def handle(self, *_args: Any, **options: Any) -> None:
        user = User.objects.filter(email=normalise_login(options["user"])).first()
        if user is None:
            raise CommandError(f"There is no {options['user']}.")
        codes = _chosen(options["bank"])
        connect = self._connect_here if options["wait"] else self._ask_workers
        failed = [
            code
            for code in tqdm(codes, desc="Banks", unit="bank", file=self.stderr, disable=None)
            if not connect(user, code)
        ]
        if failed:
            raise CommandError(f"{len(failed)} of {len(codes)} banks failed: {', '.join(failed)}.")

    def _ask_workers(self, user: User, code: str) -> bool:
        try:
            connection = actions.connect_bank(user=user, bank_code=code, now=timezone.now())
        except DomainError as error:
            return self._failed(code, error.code)
        self.stdout.write(f"{code}: {connection.status}, left to the workers")
        return True

    def _connect_here(self, user: User, code: str) -> bool:
        try:
            connection = actions.connect_bank_now(user=user, bank_code=code, now=timezone.now())
        except (errors.BankError, SyncFailed, DomainError) as error:
            return self._failed(code, error.code)
        accounts = connection.accounts.open().count()
        self.stdout.write(f"{code}: {connection.status}, {accounts} accounts")
        fine = {BankConnection.Status.ACTIVE, BankConnection.Status.AWAITING}
        return connection.status in fine

    def _failed(self, code: str, why: str) -> bool:
        self.stderr.write(f"{code}: {why}")
        return False


def _chosen(bank: str | None) -> list[str]:
    banks = Bank.objects.filter(is_active=True).order_by("pk")
    found = banks.filter(code=bank.lower()) if bank else banks
    codes = list(found.values_list("code", flat=True))
    if not codes:
        raise CommandError(f"There is no bank {bank}.")
    return codes
