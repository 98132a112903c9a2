"""People in Django admin: found, blocked and given roles, never shown with a password."""

from typing import ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from financehub.users.models import LoginBucket, User


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """The e-mail is the identity and stays; passwords are changed by their owners only."""

    list_display = ("email", "full_name", "role", "bank_code", "use_gost_mode", "is_active", "created_at")
    list_filter = ("role", "is_active", "use_gost_mode", "is_staff", "language")
    search_fields = ("email", "full_name", "phone")
    ordering = ("email",)
    date_hierarchy = "created_at"
    readonly_fields = ("email", "created_at", "last_login")
    filter_horizontal = ("groups", "user_permissions")
    fieldsets: ClassVar = [
        (None, {"fields": ("email", "full_name", "phone", "created_at", "last_login")}),
        (_("Права"), {"fields": ("role", "bank_code", "is_active", "is_staff", "is_superuser")}),
        (_("Права в администрировании"), {"fields": ("groups", "user_permissions")}),
        (_("Вид и режим"), {"fields": ("language", "theme", "use_gost_mode")}),
    ]

    def has_add_permission(self, request: object) -> bool:
        """An account without a password of its owner's would be nobody's: people register."""
        return False


@admin.register(LoginBucket)
class LoginBucketAdmin(admin.ModelAdmin):
    """Deleting a row lets its account or address try again at once."""

    list_display = ("key", "full_at")
    ordering = ("-full_at",)
    readonly_fields = ("key", "full_at")

    def has_add_permission(self, request: object) -> bool:
        return False
