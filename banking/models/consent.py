"""What a person allowed to be read: FinanceHub at a bank, or a partner bank at FinanceHub."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from banking.models.bank import Bank
from banking.models.connection import BankConnection
from banking.models.partner import PartnerBank

if TYPE_CHECKING:
    from financehub.users.models import User

EXPIRING_WITHIN = timedelta(days=7)


class ConsentQuerySet(models.QuerySet["Consent"]):
    def for_user(self, user: "User") -> Self:
        """All that the person gave or was asked for, to banks and to partners."""
        own = BankConnection.objects.for_user(user).values("pk")
        return self.filter(models.Q(connection__in=own) | models.Q(person=user))

    def of_banks(self) -> Self:
        """Those that let us read a bank."""
        return self.filter(partner=None)

    def of_partners(self) -> Self:
        """Those that let a partner bank read here."""
        return self.exclude(partner=None)

    def granted(self) -> Self:
        return self.filter(status=Consent.Status.GRANTED)

    def alive(self, now: datetime) -> Self:
        """Granted ones whose last day has not passed, whatever the bank calls them."""
        return self.granted().filter(models.Q(expires_at=None) | models.Q(expires_at__gt=now))

    def past_their_date(self, now: datetime) -> Self:
        """Granted ones of banks whose end nobody has put on record yet."""
        return self.of_banks().granted().filter(expires_at__lte=now)

    def awaiting(self) -> Self:
        return self.filter(status=Consent.Status.AWAITING)

    def in_states(self, states: Iterable["Consent.State"], now: datetime) -> Self:
        """Those in any of the states that `Consent.state` derives."""
        found = models.Q(pk__in=[])
        for state in states:
            found |= _in_state(state, now)
        return self.filter(found)


def _in_state(state: "Consent.State", now: datetime) -> models.Q:
    unnamed = models.Q(request_id="", consent_id="")
    awaiting, granted = (
        models.Q(status=status) for status in (Consent.Status.AWAITING, Consent.Status.GRANTED)
    )
    lapsed = awaiting & models.Q(partner__isnull=False, expires_at__lte=now)
    soon = now + EXPIRING_WITHIN
    derived = {
        Consent.State.REQUESTED: awaiting & unnamed,
        Consent.State.AWAITING: awaiting & ~unnamed & ~lapsed,
        Consent.State.GRANTED: granted & (models.Q(expires_at=None) | models.Q(expires_at__gt=soon)),
        Consent.State.EXPIRING: granted & models.Q(expires_at__gt=now, expires_at__lte=soon),
        Consent.State.EXPIRED: models.Q(status=Consent.Status.EXPIRED)
        | (granted & models.Q(expires_at__lte=now))
        | lapsed,
    }
    return derived.get(state, models.Q(status=state.value))


class Consent(models.Model):
    """A request until the client signs it, then access until a date: ours at a bank, or a partner's here.

    A granted consent without `consent_id` is one whose id the bank never told: it opens by itself.
    A connection has at most one granted consent, and one that waits: to be the first, or to renew it.
    A partner's consent names the person who decides and the bank whose data it opens (none: all of
    them); `consent_id` is then what we call it to the partner.
    """

    class Status(models.TextChoices):
        """What has happened to it; what time does to it, `state` derives."""

        AWAITING = "awaiting", _("Ждёт подтверждения")
        GRANTED = "granted", _("Действует")
        RENEWED = "renewed", _("Продлено")
        REJECTED = "rejected", _("Отклонено")
        REVOKED = "revoked", _("Отозвано")
        EXPIRED = "expired", _("Истекло")

    class State(models.TextChoices):
        """How it stands at a moment."""

        REQUESTED = "requested", _("Отправляем запрос")
        AWAITING = "awaiting", _("Ждёт подтверждения")
        GRANTED = "granted", _("Действует")
        EXPIRING = "expiring", _("Скоро закончится")
        RENEWED = "renewed", _("Продлено")
        REJECTED = "rejected", _("Отклонено")
        REVOKED = "revoked", _("Отозвано")
        EXPIRED = "expired", _("Истекло")

    connection = models.ForeignKey(
        BankConnection, models.CASCADE, null=True, blank=True, related_name="consents"
    )
    partner = models.ForeignKey(PartnerBank, models.PROTECT, null=True, blank=True, related_name="consents")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="partner_consents"
    )
    bank = models.ForeignKey(Bank, models.PROTECT, null=True, blank=True, related_name="+")
    request_id = models.CharField(max_length=100, blank=True)
    consent_id = models.CharField(max_length=100, blank=True)
    status = models.CharField(max_length=16, choices=Status.choices)
    permissions = models.JSONField(default=list)
    purpose = models.CharField(max_length=200, blank=True)
    requested_at = models.DateTimeField()
    granted_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=16, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    next_check_at = models.DateTimeField(null=True, blank=True)
    revoke_due_at = models.DateTimeField(null=True, blank=True)  # when to tell the bank that it has ended

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("согласие")
        verbose_name_plural = _("согласия")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection"],
                condition=models.Q(status="awaiting"),
                name="consent_one_waiting_per_connection",
                violation_error_message=_("Запрос доступа уже ждёт подтверждения."),
            ),
            models.UniqueConstraint(
                fields=["connection"],
                condition=models.Q(status="granted"),
                name="consent_one_granted_per_connection",
                violation_error_message=_("У этого подключения уже есть действующее согласие."),
            ),
            models.UniqueConstraint(
                "partner",
                "person",
                Coalesce("bank", 0),
                condition=models.Q(status="awaiting"),
                name="consent_one_waiting_per_partner",
                violation_error_message=_("Запрос партнёра уже ждёт решения."),
            ),
            models.UniqueConstraint(
                "partner",
                "person",
                Coalesce("bank", 0),
                condition=models.Q(status="granted"),
                name="consent_one_granted_per_partner",
                violation_error_message=_("У партнёра уже есть действующее согласие."),
            ),
            models.UniqueConstraint(
                fields=["consent_id"],
                condition=models.Q(partner__isnull=False),
                name="consent_named_once_to_partners",
            ),
            models.CheckConstraint(
                condition=models.Q(connection__isnull=False, partner=None, person=None, bank=None)
                | models.Q(connection=None, partner__isnull=False, person__isnull=False),
                name="consent_of_connection_or_partner",
                violation_error_message=_("Согласие даёт доступ либо нам в банке, либо партнёру у нас."),
            ),
        ]

    def __str__(self) -> str:
        return self.consent_id or self.request_id

    @property
    def source(self) -> BankConnection:
        """The connection that a bank's consent opens; a partner's opens none."""
        if self.connection is None:
            raise BankConnection.DoesNotExist(f"consent {self.pk} is a partner's")
        return self.connection

    @property
    def data_of(self) -> Bank | None:
        """The bank whose data it opens; None where that is every bank of the person's."""
        return self.connection.bank if self.connection is not None else self.bank

    @property
    def revoked_by_person(self) -> bool:
        """Whether the person ended it, who is then not asked to connect again."""
        return self.ended_by == ConsentEvent.Actor.PERSON

    @property
    def is_asked(self) -> bool:
        """Whether the bank has answered to the request: until then there is nothing to name it by."""
        return bool(self.request_id or self.consent_id)

    def state(self, now: datetime) -> "Consent.State":
        """How it stands now: dates decide, for banks keep calling a consent authorised after its end."""
        if self.status == Consent.Status.AWAITING and not self.is_asked:
            return Consent.State.REQUESTED
        if self.status != Consent.Status.GRANTED:
            return Consent.State.EXPIRED if self.is_lapsed(now) else Consent.State(self.status)
        if self.is_expired(now):
            return Consent.State.EXPIRED
        return Consent.State.EXPIRING if self.is_expiring(now) else Consent.State.GRANTED

    def is_lapsed(self, now: datetime) -> bool:
        """Whether a partner's request was left alone until the access that it asked for would be over."""
        return self.status == Consent.Status.AWAITING and self.partner_id is not None and self.is_expired(now)

    def is_expired(self, now: datetime) -> bool:
        """Whether its last day has passed."""
        return self.expires_at is not None and self.expires_at <= now

    def is_expiring(self, now: datetime) -> bool:
        """Whether it ends within the seven days in which we ask for a renewal."""
        return self.expires_at is not None and now < self.expires_at <= now + EXPIRING_WITHIN


class ConsentEvent(models.Model):
    """One line of a consent's history."""

    class Kind(models.TextChoices):
        REQUESTED = "requested", _("Запрошено")
        AWAITING = "awaiting", _("Ждёт подтверждения")
        GRANTED = "granted", _("Подтверждено")
        EXPIRING = "expiring", _("Скоро закончится")
        RENEWED = "renewed", _("Продлено")
        EXPIRED = "expired", _("Истекло")
        REVOKED = "revoked", _("Отозвано")
        REJECTED = "rejected", _("Отклонено")

    class Actor(models.TextChoices):
        PERSON = "person", _("вы")
        BANK = "bank", _("банк")
        PARTNER = "partner", _("партнёр")
        SYSTEM = "system", _("FinanceHub")

    consent = models.ForeignKey(Consent, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    actor = models.CharField(max_length=16, choices=Actor.choices)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("событие согласия")
        verbose_name_plural = _("события согласий")

    def __str__(self) -> str:
        return f"{self.consent_id}:{self.kind}"
