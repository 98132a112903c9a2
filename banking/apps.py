from django.apps import AppConfig


class BankingConfig(AppConfig):
    """Everything that comes from banks, or goes to them."""

    name = "banking"
