"""What analytics stores: one file a model."""

from analytics.models.forecast_record import ForecastRecord

__all__ = ["ForecastRecord"]
