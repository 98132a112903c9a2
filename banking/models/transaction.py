"""Transactions: what the bank said, what we made of it, what the person changed."""

from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Abs
from django.utils.translation import gettext_lazy as _

from banking.models.account import Account
from banking.models.category import Category
from banking.models.statement_import import StatementImport
from banking.models.tag import Tag
from financehub.fields import MoneyField

if TYPE_CHECKING:
    from financehub.periods import Period
    from financehub.users.models import User


class TransactionQuerySet(models.QuerySet["Transaction"]):
    def for_user(self, user: "User") -> Self:
        """The person's rows but those that they deleted."""
        return self.filter(user=user, deleted_at=None)

    def deleted(self) -> Self:
        return self.filter(deleted_at__isnull=False)

    def whole(self) -> Self:
        """The rows as they came: undivided, and without the parts that a person made of them."""
        return self.filter(part_of=None)

    def shown(self) -> Self:
        """The rows as people know them: parts stand in place of the row that they divide."""
        return self.filter(parts=0)

    def standing(self) -> Self:
        """Rows that moved money, or are about to, and that the bank still shows and the person keeps."""
        return self.filter(missing_since=None, deleted_at=None).exclude(status=Transaction.Status.DECLINED)

    def counted(self) -> Self:
        """What figures rest on: the standing rows but those that the person took out."""
        return self.shown().standing().filter(excluded=False)

    def booked_in(self, period: "Period") -> Self:
        return self.filter(booking_date__gte=period.start, booking_date__lt=period.end)

    def before(self, day: date) -> Self:
        return self.filter(booking_date__lt=day)

    def expenses(self) -> Self:
        """Spending, with refunds in it as the opposite sign."""
        return self.filter(kind=Category.Kind.EXPENSE)

    def incomes(self) -> Self:
        return self.filter(kind=Category.Kind.INCOME)

    def transfers(self) -> Self:
        return self.filter(kind=Category.Kind.TRANSFER)

    def without_transfers(self) -> Self:
        return self.exclude(kind=Category.Kind.TRANSFER)

    def newest_first(self) -> Self:
        """The order of every list and of its keyset pages."""
        return self.order_by("-booked_at", "-id")


class Transaction(models.Model):
    """One row of an account.

    The amount is signed: money out is negative. The bank's columns are overwritten by every
    synchronisation; `category` under the reason "person", `note`, `excluded`, `reviewed_at` and
    `deleted_at` are the person's and stay.
    A bank that sends no id gets one made of the content and an occurrence number, because two
    equal purchases are two purchases.
    A row that a person divided says into how many `parts`, and leaves lists and figures to them; each
    part is a row that says what it is `part_of`.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("В обработке")
        BOOKED = "booked", _("Проведена")
        DECLINED = "declined", _("Отклонена")

    class Reason(models.TextChoices):
        PERSON = "person", _("Вы выбрали сами")
        RULE = "rule", _("Ваше правило")
        TRANSFER = "transfer_pair", _("Перевод между своими счетами")
        BANK_CODE = "bank_code", _("Код операции банка")
        FIXED_TEXT = "fixed_text", _("Текст банка")
        KEYWORD = "keyword", _("Название магазина")
        MCC = "mcc", _("MCC")
        BANK_CATEGORY = "bank_category", _("Категория банка")
        DEFAULT = "default", _("Не определена")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="transactions")
    account = models.ForeignKey(Account, models.CASCADE, related_name="transactions")
    external_id = models.CharField(max_length=140)
    amount = MoneyField(_("сумма"))
    currency = models.CharField(_("валюта"), max_length=3)
    status = models.CharField(_("состояние"), max_length=8, choices=Status.choices)
    booked_at = models.DateTimeField(_("время"))
    booking_date = models.DateField(_("дата проводки"))
    value_at = models.DateTimeField(null=True, blank=True)
    description = models.TextField(_("текст банка"), blank=True)
    merchant_name = models.CharField(_("продавец"), max_length=200, blank=True)
    merchant_city = models.CharField(_("город"), max_length=100, blank=True)
    mcc = models.CharField("MCC", max_length=4, blank=True)
    bank_code = models.CharField(_("код банка"), max_length=64, blank=True)
    bank_category = models.CharField(_("категория банка"), max_length=64, blank=True)
    card_last4 = models.CharField(_("карта"), max_length=4, blank=True)
    counterparty = models.CharField(_("вторая сторона"), max_length=200, blank=True)
    raw = models.JSONField(encoder=DjangoJSONEncoder, default=dict, editable=False)
    content_hash = models.CharField(max_length=32, editable=False)
    missing_since = models.DateTimeField(_("банк не показывает с"), null=True, blank=True)

    kind = models.CharField(_("вид"), max_length=8, choices=Category.Kind.choices)
    category = models.ForeignKey(Category, models.RESTRICT, related_name="transactions")
    category_reason = models.CharField(max_length=16, choices=Reason.choices)
    category_detail = models.CharField(max_length=200, blank=True)
    is_refund = models.BooleanField(_("возврат"), default=False)
    transfer_pair = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    note = models.CharField(_("заметка"), max_length=500, blank=True)
    tags = models.ManyToManyField(Tag, verbose_name=_("теги"), blank=True, related_name="transactions")
    part_of = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="part_rows",
        verbose_name=_("часть операции"),
    )
    parts = models.PositiveSmallIntegerField(_("на сколько частей разделена"), default=0)
    excluded = models.BooleanField(_("не учитывается в суммах"), default=False)
    reviewed_at = models.DateTimeField(_("проверена"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("удалена вами"), null=True, blank=True)
    statement = models.ForeignKey(
        StatementImport, models.CASCADE, null=True, blank=True, related_name="transactions", editable=False
    )
    search_text = models.TextField(editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TransactionQuerySet.as_manager()

    class Meta:
        verbose_name = _("операция")
        verbose_name_plural = _("операции")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "external_id"],
                name="transaction_once_per_account",
                violation_error_message=_("Эта операция уже есть."),
            ),
            # Not of the rows without a pair: SQLite takes those of a unique index for one row, not for all.
            models.UniqueConstraint(
                fields=["transfer_pair"],
                condition=models.Q(transfer_pair__isnull=False),
                name="transaction_one_pair",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["pending", "booked", "declined"]),
                name="transaction_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["expense", "income", "transfer"]), name="transaction_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(part_of=None) | models.Q(parts=0), name="transaction_part_is_not_divided"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "-booked_at", "-id"], name="transaction_newest"),
            models.Index(fields=["user", "booking_date", "kind"], name="transaction_by_day"),
            models.Index(fields=["account", "-booked_at", "-id"], name="transaction_of_account"),
            models.Index(fields=["category", "booking_date"], name="transaction_of_category"),
            models.Index("user", Abs("amount"), "id", name="transaction_by_size"),
            models.Index(fields=["account"], name="transaction_divided", condition=models.Q(parts__gt=0)),
            models.Index(
                fields=["user", "-deleted_at"],
                condition=models.Q(deleted_at__isnull=False),
                name="transaction_deleted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}:{self.external_id}"

    @property
    def part_values(self) -> list[dict[str, Any]]:
        """What stands in the row's place: the person's columns of its parts, kept and compared like tags."""
        if not self.parts:
            return []
        return [
            {
                "amount": f"{part.amount:.4f}",
                "category_id": part.category_id,
                "note": part.note,
                "excluded": part.excluded,
                "reviewed_at": part.reviewed_at and part.reviewed_at.isoformat(),
                "tag_ids": part.tag_ids,
            }
            for part in self.part_rows.order_by("pk").prefetch_related("tags")
        ]

    @property
    def tag_ids(self) -> list[int]:
        """The ids of the row's tags, in order, so that they can be kept and compared."""
        return sorted(tag.pk for tag in self.tags.all())
