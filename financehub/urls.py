"""The composition root: every URL of the site."""

from django.contrib import admin
from django.urls import include, path

from financehub import health
from financehub.users.landing import landing

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("", landing, name="landing"),
    path("", include("financehub.users.urls")),
    path("api/v1/auth/", include("financehub.users.api.urls")),
    path("admin/", admin.site.urls),
]
