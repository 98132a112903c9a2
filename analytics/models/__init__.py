"""What analytics keeps of its own: one file a model."""

from analytics.models.forecast_record import ForecastRecord
from analytics.models.recurring_series import RecurringSeries, SeriesRow
from analytics.models.series_change import SeriesChange
from analytics.models.series_reading import SeriesReading

__all__ = ["ForecastRecord", "RecurringSeries", "SeriesChange", "SeriesReading", "SeriesRow"]
