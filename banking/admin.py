"""Banks and partners in Django admin: named and switched off there; all that is stored is looked at."""

from functools import partial

from django.contrib import admin
from django.http import HttpRequest

from banking import models
from banking.models import Bank, BankKey, PartnerBank
from financehub.looked_at import LookedAt


@admin.register(Bank)
class BankAdmin(admin.ModelAdmin):
    """Accounts and addresses go by the code, so it stays; a bank is switched off, not removed."""

    list_display = ("code", "name", "short_name", "is_active")
    list_filter = ("is_active",)
    search_fields = ("code", "name", "short_name")
    ordering = ("code",)
    readonly_fields = ("code",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Bank | None = None) -> bool:
        return False


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
class BankKeyAdmin(LookedAt):
    """Which key signs and which still verify; `rotate_bank_keys` makes the next one."""

    list_display = ("kid", "is_signing", "created_at", "retires_at")
    list_filter = ("is_signing",)
    search_fields = ("kid",)
    ordering = ("-created_at",)
    fields = readonly_fields = ("kid", "is_signing", "created_at", "retires_at", "public_pem")


_show = partial(admin.site.register, admin_class=LookedAt)

_show(
    models.BankConnection,
    list_display=("user", "bank", "client_id", "status", "channel", "last_success_at", "last_error_code"),
    list_filter=("status", "channel", "bank"),
    search_fields=("user__email", "client_id"),
)
_show(
    models.BankCircuit,
    list_display=("bank", "system", "failures", "failing_since", "open_until"),
    list_filter=("bank", "system"),
    search_fields=("bank__code",),
)
_show(
    models.GostHandshake,
    list_display=("connection", "outcome", "via", "protocol", "suite", "measured_at"),
    list_filter=("outcome", "via"),
    search_fields=("connection__user__email", "suite", "fingerprint"),
)
_show(
    models.Consent,
    list_display=("pk", "connection", "partner", "status", "granted_at", "expires_at"),
    list_filter=("status", "partner"),
    search_fields=("connection__user__email", "person__email"),
)
_show(
    models.ConsentEvent,
    list_display=("consent_id", "kind", "actor", "at"),
    list_filter=("kind", "actor"),
    search_fields=("consent__connection__user__email", "consent__person__email"),
)
_show(
    models.AuditEvent,
    list_display=("at", "kind", "person", "actor", "bank_code"),
    list_filter=("kind", "bank_code"),
    search_fields=("person__email", "actor__email"),
)
_show(
    models.SyncRun,
    list_display=("connection", "trigger", "state", "created_at", "rows_read", "rows_new", "error_code"),
    list_filter=("state", "trigger"),
    search_fields=("connection__user__email", "error_code"),
)
_show(
    models.SyncRunAccount,
    list_display=("run", "account", "state", "rows_read", "error_code"),
    list_filter=("state",),
    search_fields=("account__user__email", "error_code"),
)
_show(
    models.Account,
    list_display=("user", "bank", "name", "kind", "currency", "net_amount", "closed_at", "removed_at"),
    list_filter=("kind", "currency", "bank"),
    search_fields=("user__email", "name", "number", "external_id"),
)
_show(
    models.DailyBalance,
    list_display=("account", "date", "amount", "source"),
    list_filter=("source",),
    search_fields=("account__user__email",),
)
_show(
    models.Transaction,
    list_display=("user", "booked_at", "amount", "currency", "status", "merchant_name", "category"),
    list_filter=("status", "kind", "category_reason", "excluded"),
    search_fields=("user__email", "external_id", "merchant_name"),
    list_select_related=("user", "category"),
)
_show(
    models.Edit,
    list_display=("user", "kind", "at", "rows", "undone_at"),
    list_filter=("kind",),
    search_fields=("user__email",),
)
_show(
    models.RowChange,
    list_display=("edit", "transaction"),
    list_filter=("edit__kind",),
    search_fields=("edit__user__email",),
)
_show(
    models.Category,
    list_display=("slug", "name_ru", "name_en", "kind", "parent", "user"),
    list_filter=("kind",),
    search_fields=("slug", "name_ru", "name_en", "user__email"),
)
_show(
    models.HiddenCategory,
    list_display=("user", "category"),
    list_filter=("category__kind",),
    search_fields=("user__email", "category__slug"),
)
_show(
    models.CategoryRule,
    list_display=("user", "text", "match", "mcc", "category", "created_at"),
    list_filter=("match", "direction"),
    search_fields=("user__email", "text", "mcc"),
)
_show(
    models.Tag,
    list_display=("name", "user"),
    search_fields=("name", "user__email"),
)
_show(
    models.SavedView,
    list_display=("name", "user", "query"),
    search_fields=("name", "user__email"),
)
_show(
    models.TransferMatch,
    list_display=("user", "out", "into", "kind", "state", "score", "by_person", "decided_at"),
    list_filter=("state", "kind", "by_person"),
    search_fields=("user__email",),
)
_show(
    models.RefundLink,
    list_display=("user", "refund", "purchase", "by_person"),
    list_filter=("by_person",),
    search_fields=("user__email",),
    list_select_related=("user", "refund", "purchase"),
)
_show(
    models.Transfer,
    list_display=("reference", "user", "amount", "currency", "state", "created_at", "error_code"),
    list_filter=("state", "currency"),
    search_fields=("reference", "user__email", "payment_id"),
)
_show(
    models.StatementImport,
    list_display=("file_name", "user", "state", "rows_new", "rows_known", "rows_failed", "uploaded_at"),
    list_filter=("state",),
    search_fields=("file_name", "user__email"),
)
_show(
    models.ImportProfile,
    list_display=("user", "signature", "used_at"),
    search_fields=("user__email",),
)
_show(
    models.ExchangeRate,
    list_display=("currency", "date", "rate", "source"),
    list_filter=("source", "currency"),
    search_fields=("currency",),
)
_show(
    models.DayTotal,
    list_display=("user", "date", "currency", "kind", "rows", "counted", "amount"),
    list_filter=("kind", "currency"),
    search_fields=("user__email",),
)
_show(
    models.MonthTotal,
    list_display=("user", "month", "account", "category", "currency", "kind", "rows", "amount"),
    list_filter=("kind", "currency"),
    search_fields=("user__email",),
)
