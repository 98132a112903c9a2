"""Partner banks in Django admin: registered, named, switched off; their keys only looked at."""

from django.contrib import admin
from django.http import HttpRequest

from banking.models import BankKey, PartnerBank


@admin.register(PartnerBank)
class PartnerBankAdmin(admin.ModelAdmin):
    """The code stands in consents and tokens, so it stays; a partner is switched off, not removed."""

    list_display = ("code", "name", "is_active", "created_at")
    list_filter = ("is_active",)
    search_fields = ("code", "name")
    ordering = ("code",)
    fields = ("code", "name", "is_active", "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: PartnerBank | None = None) -> tuple[str, ...]:
        return ("created_at",) if obj is None else ("code", "created_at")

    def has_delete_permission(self, request: HttpRequest, obj: PartnerBank | None = None) -> bool:
        return False


@admin.register(BankKey)
class BankKeyAdmin(admin.ModelAdmin):
    """Which key signs and which still verify; `rotate_bank_keys` makes the next one."""

    list_display = ("kid", "is_signing", "created_at", "retires_at")
    ordering = ("-created_at",)
    fields = readonly_fields = ("kid", "is_signing", "created_at", "retires_at", "public_pem")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: BankKey | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: BankKey | None = None) -> bool:
        return False
