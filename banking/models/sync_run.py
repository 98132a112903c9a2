"""The state of every synchronisation: the queue only says "have a look"."""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from banking.models.account import Account
from banking.models.connection import BankConnection

if TYPE_CHECKING:
    from financehub.users.models import User


class SyncRunQuerySet(models.QuerySet["SyncRun"]):
    def for_user(self, user: "User") -> Self:
        return self.filter(connection__user=user)

    def open(self) -> Self:
        return self.filter(state__in=[SyncRun.State.QUEUED, SyncRun.State.RUNNING])

    def claimable(self, now: datetime) -> Self:
        """Queued runs, and running ones whose worker stopped renewing its lease."""
        return self.filter(
            models.Q(state=SyncRun.State.QUEUED) | models.Q(state=SyncRun.State.RUNNING, lease_until__lt=now)
        )


class SyncRun(models.Model):
    """One reading of one connection: who works on it, how far it came, how it ended."""

    class Trigger(models.TextChoices):
        CONNECT = "connect", _("подключение")
        PERSON = "person", _("по просьбе")
        SCHEDULE = "schedule", _("по расписанию")
        COMMAND = "command", _("командой")
        RETRY = "retry", _("ещё раз то, что не прочиталось")

    class State(models.TextChoices):
        QUEUED = "queued", _("В очереди")
        RUNNING = "running", _("Идёт")
        DONE = "done", _("Готово")
        PARTIAL = "partial", _("Частично")
        FAILED = "failed", _("Не удалось")
        CANCELLED = "cancelled", _("Отменено")

    connection = models.ForeignKey(BankConnection, models.CASCADE, related_name="sync_runs")
    trigger = models.CharField(max_length=16, choices=Trigger.choices)
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    calls_made = models.PositiveIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    rows_read = models.PositiveIntegerField(default=0)
    rows_new = models.PositiveIntegerField(default=0)
    rows_changed = models.PositiveIntegerField(default=0)
    rows_removed = models.PositiveIntegerField(default=0)
    rows_rejected = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=64, blank=True)

    objects = SyncRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("синхронизация")
        verbose_name_plural = _("синхронизации")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection"],
                condition=models.Q(state__in=["queued", "running"]),
                name="sync_run_one_open_per_connection",
                violation_error_message=_("Этот банк уже обновляется."),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "lease_until"], name="sync_run_claim")]

    def __str__(self) -> str:
        return f"{self.connection_id}:{self.pk}"


class SyncRunAccount(models.Model):
    """How far a run came with one account."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Ждёт")
        READING = "reading", _("Читаем")
        DONE = "done", _("Готово")
        FAILED = "failed", _("Не удалось")

    run = models.ForeignKey(SyncRun, models.CASCADE, related_name="accounts")
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    pages_read = models.PositiveIntegerField(default=0)
    pages_total = models.PositiveIntegerField(null=True, blank=True)
    rows_read = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("синхронизация счёта")
        verbose_name_plural = _("синхронизации счетов")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "account"], name="sync_run_account_once")
        ]

    def __str__(self) -> str:
        return f"{self.run_id}:{self.account_id}"
