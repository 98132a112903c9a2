"""The pages of analytics: a tab is a page."""

from django.urls import path

from analytics import forecast_views, views
from analytics.recurring import views as recurring_views

app_name = "analytics"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("categories/", views.categories, name="categories"),
    path("trends/", views.trends, name="trends"),
    path("forecast/", forecast_views.forecast, name="forecast"),
    path("capital/", views.capital, name="capital"),
    path("recurring/", recurring_views.recurring, name="recurring"),
    path("recurring/<int:pk>/", recurring_views.series, name="series"),
    path("recurring/<int:pk>/decide/", recurring_views.decide, name="series_decide"),
    path("recurring/<int:pk>/rename/", recurring_views.rename, name="series_rename"),
    path("recurring/changes/<int:pk>/undo/", recurring_views.undo, name="series_undo"),
]
