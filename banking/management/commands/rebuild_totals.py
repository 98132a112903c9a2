"""Operator: compute the kept totals of days anew from the transactions."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from banking import totals
from financehub.users.models import User, normalise_login


class Command(BaseCommand):
    help = (
        "Compute the totals of days and months anew from the transactions. Safe at any time, as often as "
        "wanted. Exit code 0: rebuilt, 1: there is no such person."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", help="only this person's totals (login or e-mail)")

    def handle(self, *_args: Any, **options: Any) -> None:
        people = User.objects.order_by("pk")
        if options["user"]:
            people = people.filter(email=normalise_login(options["user"]))
            if not people:
                raise CommandError(f"There is no {options['user']}.")
        ids = list(people.values_list("pk", flat=True))
        for user_id in tqdm(ids, desc="People", unit="person", file=self.stderr, disable=None):
            totals.refresh(user_id=user_id, since=None)
        self.stdout.write(f"Totals rebuilt for {len(ids)} people.")
