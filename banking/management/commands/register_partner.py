"""Operator: register a partner bank, so that its bankers get tokens and it may ask clients for consents."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from banking.models import PartnerBank


class Command(BaseCommand):
    help = (
        "Register a partner bank under a code, or bring a registered one up to date and switch it on. "
        "As often as wanted. Exit code 0: registered, 1: the code is no code."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="letters, digits, hyphens; stands in tokens and consents")
        parser.add_argument("name", help="what clients read on their consents page")

    def handle(self, *_args: Any, **options: Any) -> None:
        partner = PartnerBank(code=options["code"], name=options["name"])
        try:
            partner.clean_fields()
            partner.clean()
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        _partner, is_new = PartnerBank.objects.update_or_create(
            code=partner.code, defaults={"name": partner.name, "is_active": True}
        )
        self.stdout.write(f"{partner.code}: {'registered' if is_new else 'brought up to date'}.")
