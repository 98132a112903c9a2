"""Operator: read connected banks now, or hand them to the workers."""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from banking import actions
from banking.models import Bank, BankConnection, SyncRun
from banking.services.connecting import SyncFailed
from financehub.users.models import User, normalise_login

FAILED = "failed"


class Command(BaseCommand):
    help = (
        "Synchronise connected banks. Without --wait the workers are asked and the command returns at "
        "once; with --wait it reads here, shows progress and a summary. Exit code 0: all is well, also where "
        "no bank is connected, 1: a bank failed, or there is no such bank or person."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", help="only this person's banks (login or e-mail)")
        parser.add_argument("--bank", help="only this bank (code, such as vbank)")
        parser.add_argument("--wait", action="store_true", help="read here instead of asking the workers")

    def handle(self, *_args: Any, **options: Any) -> None:
        connections = _chosen(user=options["user"], bank=options["bank"])
        if not connections:
            self.stdout.write("No connected bank fits.")
            return
        if not options["wait"]:
            self._ask_workers(connections)
            return
        counts = self._read(connections)
        self.stdout.write(
            f"Banks read: {len(connections) - counts[FAILED]} of {len(connections)}. "
            f"Rows read: {counts['rows_read']}, new: {counts['rows_new']}, "
            f"changed: {counts['rows_changed']}, gone: {counts['rows_removed']}, "
            f"unreadable: {counts['rows_rejected']}."
        )
        if counts[FAILED]:
            raise CommandError(f"{counts[FAILED]} of {len(connections)} banks could not be read completely.")

    def _ask_workers(self, connections: list[BankConnection]) -> None:
        asked = 0
        for connection in connections:
            try:
                actions.request_sync(
                    connection=connection, trigger=SyncRun.Trigger.COMMAND, now=timezone.now()
                )
                asked += 1
            except actions.NotConnected as error:
                self.stderr.write(f"{connection}: {error.code}")
        self.stdout.write(f"Asked the workers to read {asked} of {len(connections)} banks.")

    def _read(self, connections: list[BankConnection]) -> Counter[str]:
        counts: Counter[str] = Counter()
        for connection in tqdm(connections, desc="Banks", unit="bank", file=self.stderr, disable=None):
            counts.update(self._read_one(connection))
        return counts

    def _read_one(self, connection: BankConnection) -> dict[str, int]:
        try:
            run = actions.sync_now(connection=connection, trigger=SyncRun.Trigger.COMMAND, now=timezone.now())
        except (SyncFailed, actions.NotConnected) as failure:
            self.stderr.write(f"{connection}: {failure.code}")
            return {FAILED: 1}
        if run.state != SyncRun.State.DONE:
            self.stderr.write(f"{connection}: {run.state} {run.error_code}")
        return {
            FAILED: int(run.state != SyncRun.State.DONE),
            "rows_read": run.rows_read,
            "rows_new": run.rows_new,
            "rows_changed": run.rows_changed,
            "rows_removed": run.rows_removed,
            "rows_rejected": run.rows_rejected,
        }


def _chosen(*, user: str | None, bank: str | None) -> list[BankConnection]:
    connections = BankConnection.objects.filter(status=BankConnection.Status.ACTIVE)
    if user:
        person = User.objects.filter(email=normalise_login(user)).first()
        if person is None:
            raise CommandError(f"There is no {user}.")
        connections = connections.for_user(person)
    if bank:
        if not Bank.objects.filter(code=bank.lower()).exists():
            raise CommandError(f"There is no bank {bank}.")
        connections = connections.filter(bank__code=bank.lower())
    return list(connections.select_related("bank", "user").order_by("pk"))
