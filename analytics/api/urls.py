"""`/api/v1/analytics/` and its file under `/api/v1/export/`."""

from analytics.api import forecast, judgements, recurring, reports, views
from financehub.api.routing import endpoint

urlpatterns = [
    endpoint("analytics/summary", views.SummaryView.as_view(), name="api-summary"),
    endpoint("analytics/by-category", views.ByCategoryView.as_view(), name="api-by-category"),
    endpoint("analytics/trends", views.TrendsView.as_view(), name="api-trends"),
    endpoint("analytics/months", reports.MonthsView.as_view(), name="api-months"),
    endpoint("analytics/weekdays", reports.WeekdaysView.as_view(), name="api-weekdays"),
    endpoint("analytics/merchants", reports.MerchantsView.as_view(), name="api-merchants"),
    endpoint("analytics/changes", reports.ChangesView.as_view(), name="api-changes"),
    endpoint("analytics/net-worth", reports.WorthView.as_view(), name="api-net-worth"),
    endpoint("analytics/forecast", forecast.ForecastView.as_view(), name="api-forecast"),
    endpoint(
        "analytics/forecast/track-record", forecast.TrackRecordView.as_view(), name="api-forecast-record"
    ),
    endpoint("analytics/financial-health", judgements.HealthView.as_view(), name="api-financial-health"),
    endpoint("analytics/ai-insights", judgements.InsightsView.as_view(), name="api-insights"),
    endpoint("analytics/recurring", recurring.SeriesListView.as_view(), name="api-recurring"),
    endpoint("analytics/recurring/upcoming", recurring.UpcomingView.as_view(), name="api-upcoming"),
    endpoint("analytics/recurring/<str:series_id>", recurring.SeriesView.as_view(), name="api-series"),
    endpoint(
        "analytics/recurring/<str:series_id>/confirm",
        recurring.ConfirmView.as_view(),
        name="api-series-confirm",
    ),
    endpoint(
        "analytics/recurring/<str:series_id>/dismiss",
        recurring.DismissView.as_view(),
        name="api-series-dismiss",
    ),
    endpoint("analytics/recurring/<str:series_id>/end", recurring.EndView.as_view(), name="api-series-end"),
    endpoint("export/analytics/csv", reports.CategoriesFileView.as_view(), name="api-export-analytics"),
]
