from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """Figures computed from transactions."""

    name = "analytics"

    def ready(self) -> None:
        # ruff: noqa: PLC0415  models are not loaded before
        from analytics import dashboard as _dashboard  # noqa: F401
        from analytics import receivers as _receivers  # noqa: F401
