"""The pages of analytics: a tab is a page."""

from django.urls import path

from analytics import forecast_views, views

app_name = "analytics"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("categories/", views.categories, name="categories"),
    path("trends/", views.trends, name="trends"),
    path("forecast/", forecast_views.forecast, name="forecast"),
    path("capital/", views.capital, name="capital"),
]
