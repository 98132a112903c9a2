"""Operator: bring in exchange rates, from files or from the configured address."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from banking.clients.errors import BankError
from banking.clients.rates import NotRates, parse
from banking.models import ExchangeRate
from banking.services import rates
from financehub.periods import local_date


class Command(BaseCommand):
    help = (
        "Load exchange rates from the Bank of Russia's daily lists: from FILEs (as served: XML, "
        "windows-1251), or, without any, from RATES_URL, day by day up to today and back to --since. "
        "Loading a list again replaces it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
        parser.add_argument("--since", type=date.fromisoformat, help="the oldest day wanted (2025-01-31)")
        parser.add_argument("--source", choices=ExchangeRate.Source.values, default=settings.RATES_SOURCE)

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["files"]:
            self._read(options["files"], options["source"])
        elif settings.RATES_URL:
            self._fetch(options["since"])
        else:
            raise CommandError("Name a file, or set RATES_URL.")

    def _read(self, files: list[Path], source: str) -> None:
        for file in tqdm(files, desc="Lists", unit="list", file=self.stderr, disable=None):
            try:
                daily = parse(file.read_bytes())
            except OSError as why:
                raise CommandError(f"{file}: {why.strerror}.") from why
            except NotRates as why:
                raise CommandError(f"{file} is no list of rates: {why}.") from why
            number = rates.store(daily, source=source)
            self.stdout.write(f"{daily.day}: {number} currencies")

    def _fetch(self, since: date | None) -> None:
        today = local_date(timezone.now())
        try:
            while rates.fill(today=today, since=since):
                self.stdout.write("…", ending="")
        except BankError as why:
            raise CommandError(f"The rates were not given: {why.code}.") from why
        known = ExchangeRate.objects.order_by("date").values_list("date", flat=True)
        self.stdout.write(f"Rates from {known.first()} to {known.last()}.")
