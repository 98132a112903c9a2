from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured
from django.db.models.signals import post_migrate


class BankingConfig(AppConfig):
    """Everything that comes from banks, or goes to them."""

    name = "banking"

    def ready(self) -> None:
        # ruff: noqa: PLC0415  models are not loaded before
        from banking import receivers as _receivers  # noqa: F401
        from banking import search_index
        from banking.reference import load_reference
        from banking.services import gateway

        try:
            gateway.check_settings()
        except ValueError as why:
            raise ImproperlyConfigured(str(why)) from why
        post_migrate.connect(load_reference, sender=self)
        post_migrate.connect(search_index.put_in_place, sender=self)
