"""What Django admin only shows: rows that the site makes and changes, each kind with its search."""

from django.contrib import admin
from django.http import HttpRequest


class LookedAt(admin.ModelAdmin):
    """Money, consents and journals are not typed in: that would pass by all that keeps them right.

    What a model keeps out of forms (sealed tokens, files, the bank's own words) is not shown either.
    """

    list_per_page = 50
    show_full_result_count = False  # some tables are large, and a page needs no count of all
    ordering = ("-pk",)

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
