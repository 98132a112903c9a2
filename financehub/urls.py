"""The composition root: every URL of the site."""

from django.contrib import admin
from django.urls import path

from financehub import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("admin/", admin.site.urls),
]
