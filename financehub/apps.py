from django.apps import AppConfig


class FinanceHubConfig(AppConfig):
    """The kernel: its template tags and system checks."""

    name = "financehub"
