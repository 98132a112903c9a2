"""`/api/v1/analytics/`."""

from analytics.api import views
from financehub.api.routing import endpoint

urlpatterns = [
    endpoint("summary", views.SummaryView.as_view(), name="api-summary"),
    endpoint("by-category", views.ByCategoryView.as_view(), name="api-by-category"),
    endpoint("trends", views.TrendsView.as_view(), name="api-trends"),
]
