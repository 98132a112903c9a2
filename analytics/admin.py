"""Recurring payments and forecasts in Django admin: looked at, never changed there."""

from functools import partial

from django.contrib import admin

from analytics.models import ForecastRecord, RecurringSeries, SeriesChange, SeriesReading, SeriesRow
from financehub.looked_at import LookedAt

_show = partial(admin.site.register, admin_class=LookedAt)

_show(
    RecurringSeries,
    list_display=("title", "user", "amount", "currency", "cadence", "decision", "last_seen", "sightings"),
    list_filter=("decision", "kind", "cadence", "currency"),
    search_fields=("title", "name", "payee", "user__email"),
)
_show(
    SeriesRow,
    list_display=("series", "transaction_id"),
    list_filter=("series__decision",),
    search_fields=("series__title", "series__user__email"),
)
_show(
    SeriesChange,
    list_display=("series", "at", "undone_at"),
    list_filter=("at",),
    search_fields=("series__title", "series__user__email"),
)
_show(
    SeriesReading,
    list_display=("user", "changes", "read"),
    search_fields=("user__email",),
)
_show(
    ForecastRecord,
    list_display=("user", "made_on", "days", "target_on", "amount", "low", "high"),
    list_filter=("days", "made_on"),
    search_fields=("user__email",),
)
