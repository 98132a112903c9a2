from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """Figures computed from transactions."""

    name = "analytics"
