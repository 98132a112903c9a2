"""The composition root: every URL of the site."""

from django.contrib import admin
from django.urls import include, path

from banking.api.partners import key_set
from financehub import gallery, health
from financehub.users.landing import landing

urlpatterns = [
    path(".well-known/jwks.json", key_set, name="jwks"),
    path("healthz", health.healthz, name="healthz"),
    path("", landing, name="landing"),
    path("", include("financehub.users.urls")),
    path("", include("banking.urls")),
    path("analytics/", include("analytics.urls")),
    path("api/v1/auth/", include("financehub.users.api.urls")),
    path("api/v1/", include("banking.api.urls")),
    path("api/v1/", include("analytics.api.urls")),
    path("", include("financehub.api.urls")),
    path("", include(gallery.urlpatterns)),
    path("admin/", admin.site.urls),
]

handler400 = "financehub.api.errors.bad_request"
handler500 = "financehub.api.errors.server_error"
