"""Forecast: pure figures of the days ahead; what they rest on is read by `analytics.forecasting`."""
