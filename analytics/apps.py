from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """Figures computed from transactions."""

    name = "analytics"

    def ready(self) -> None:
        from analytics import receivers as _receivers  # noqa: F401, PLC0415  models are not loaded before
