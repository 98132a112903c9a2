from django.apps import AppConfig
from django.db.models.signals import post_migrate


class BankingConfig(AppConfig):
    """Everything that comes from banks, or goes to them."""

    name = "banking"

    def ready(self) -> None:
        from banking.reference import load_reference  # noqa: PLC0415  models are not loaded before

        post_migrate.connect(load_reference, sender=self)
