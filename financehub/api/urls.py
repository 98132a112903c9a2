"""`/api/v1/schema`, `/api/v1/docs`, and the end of the line for every other address under `/api`."""

from django.urls import re_path

from financehub.api import views
from financehub.api.routing import endpoint

urlpatterns = [
    endpoint("api/v1/schema", views.SchemaView.as_view(), name="api-schema"),
    endpoint("api/v1/docs", views.docs, name="api-docs"),
    re_path(r"^api(?:/.*)?$", views.UnknownView.as_view(), name="api-unknown"),
]
