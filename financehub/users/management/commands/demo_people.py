"""Create the demo's people, as often as wanted."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from financehub.users import actions, demo


class Command(BaseCommand):
    help = "Create the people of the demo, or bring their published logins back. Needs DEMO=1."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Published passwords are for the demo only: set DEMO=1.")
        for person in demo.PEOPLE:
            actions.restore_demo_person(person=person)
            self.stdout.write(f"{person.login} / {person.password}")
