"""Rows for tests: always the same ones, numbered in sequence, never random."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from analytics.models import RecurringSeries
from analytics.recurring.cadence import Cadence
from banking import totals
from banking.categories.rules import normalise
from banking.models import (
    Account,
    Bank,
    BankConnection,
    Category,
    CategoryRule,
    Consent,
    DailyBalance,
    PartnerBank,
    SyncRun,
    SyncRunAccount,
    Transaction,
    Transfer,
)
from banking.models.bank import OUTSIDE
from banking.models.transaction import TransactionQuerySet
from financehub.periods import local_date
from financehub.users.models import User

NOW = datetime(2025, 11, 9, 11, 32, tzinfo=UTC)
"""The moment of the tests: Sunday 9 November 2025, 14:32 in Moscow."""


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@financehub.ru")


class BankFactory(DjangoModelFactory[Bank]):
    class Meta:
        model = Bank
        django_get_or_create = ("code",)

    code = "vbank"
    name = "Virtual Bank"
    short_name = "VBank"
    monogram = "V"
    hue = 255


class ConnectionFactory(DjangoModelFactory[BankConnection]):
    class Meta:
        model = BankConnection

    user = factory.SubFactory(UserFactory)
    bank = factory.SubFactory(BankFactory)
    client_id = factory.Sequence(lambda n: f"team075-{n}")
    status = BankConnection.Status.ACTIVE
    last_success_at = NOW
    last_attempt_at = NOW
    next_run_at = NOW + timedelta(hours=6)


class ConsentFactory(DjangoModelFactory[Consent]):
    class Meta:
        model = Consent

    connection = factory.SubFactory(ConnectionFactory)
    request_id = factory.Sequence(lambda n: f"req-{n}")
    consent_id = factory.Sequence(lambda n: f"consent-{n}")
    status = Consent.Status.GRANTED
    permissions = factory.LazyFunction(
        lambda: ["ReadAccountsDetail", "ReadBalances", "ReadTransactionsDetail"]
    )
    requested_at = NOW
    granted_at = NOW
    expires_at = NOW + timedelta(days=90)


class PartnerFactory(DjangoModelFactory[PartnerBank]):
    class Meta:
        model = PartnerBank
        django_get_or_create = ("code",)

    code = "pbank"
    name = "Partner Bank"


class PartnerConsentFactory(DjangoModelFactory[Consent]):
    """What a person gave to a partner; good now, for its calls are made now."""

    class Meta:
        model = Consent

    partner = factory.SubFactory(PartnerFactory)
    person = factory.SubFactory(UserFactory)
    bank = factory.SubFactory(BankFactory)
    consent_id = factory.Sequence(lambda n: f"consent-{n:032x}")
    status = Consent.Status.GRANTED
    permissions = factory.LazyFunction(lambda: ["accounts.read", "balances.read", "transactions.read"])
    requested_at = factory.LazyFunction(timezone.now)
    granted_at = factory.SelfAttribute("requested_at")
    expires_at = factory.LazyAttribute(lambda row: row.requested_at + timedelta(days=90))


class AccountFactory(DjangoModelFactory[Account]):
    class Meta:
        model = Account

    connection = factory.SubFactory(ConnectionFactory)
    user = factory.SelfAttribute("connection.user")
    bank = factory.SelfAttribute("connection.bank")
    external_id = factory.Sequence(lambda n: f"acc-{n}")
    number = factory.Sequence(lambda n: f"40817810{n:012}")
    name = "Зарплатный"
    kind = Account.Kind.CURRENT
    currency = "RUB"
    balance_booked = Decimal("1000.00")
    balance_available = factory.SelfAttribute("balance_booked")
    net_amount = factory.SelfAttribute("balance_booked")
    balance_as_of = NOW
    last_synced_at = NOW
    full_read_due = False


class DailyBalanceFactory(DjangoModelFactory[DailyBalance]):
    class Meta:
        model = DailyBalance

    account = factory.SubFactory(AccountFactory)
    amount = Decimal("1000.00")
    source = DailyBalance.Source.DERIVED


def category(slug: str) -> Category:
    """A category of the common tree."""
    return Category.objects.get(user=None, slug=slug)


class TransactionFactory(DjangoModelFactory[Transaction]):
    class Meta:
        model = Transaction

    class Params:
        slug = "groceries-supermarket"

    account = factory.SubFactory(AccountFactory)
    user = factory.SelfAttribute("account.user")
    external_id = factory.Sequence(lambda n: f"tx-{n}")
    amount = Decimal("-250.00")
    currency = factory.SelfAttribute("account.currency")
    status = Transaction.Status.BOOKED
    booked_at = NOW - timedelta(hours=2)
    booking_date = factory.LazyAttribute(lambda row: local_date(row.booked_at))
    description = "PYATEROCHKA 14523 MOSKVA RUS"
    merchant_name = "Пятёрочка"
    category = factory.LazyAttribute(lambda row: category(row.slug))
    kind = factory.SelfAttribute("category.kind")
    category_reason = Transaction.Reason.KEYWORD
    category_detail = "pyaterochka"
    content_hash = ""
    search_text = factory.LazyAttribute(
        lambda row: normalise(f"{row.description} {row.merchant_name} {row.counterparty}")
    )
    counterparty = ""

    @classmethod
    def _create(cls, model_class: type[Transaction], *args: Any, **kwargs: Any) -> Transaction:
        """Like every writer of transactions, keep the totals of their days."""
        row = super()._create(model_class, *args, **kwargs)
        totals.refresh(user_id=row.user_id, since=row.booking_date, until=row.booking_date)
        return row


class CategoryRuleFactory(DjangoModelFactory[CategoryRule]):
    class Meta:
        model = CategoryRule

    class Params:
        slug = "cafe"

    user = factory.SubFactory(UserFactory)
    text = "Пятёрочка"
    category = factory.LazyAttribute(lambda row: category(row.slug))


class SeriesFactory(DjangoModelFactory[RecurringSeries]):
    """A subscription of the 11th, seen in October last; the tests stand in November."""

    class Meta:
        model = RecurringSeries

    class Params:
        slug = "subscriptions-video"

    user = factory.SubFactory(UserFactory)
    payee = factory.Sequence(lambda n: f"payee {n}")
    title = "Кинопоиск"
    category = factory.LazyAttribute(lambda row: category(row.slug))
    kind = factory.SelfAttribute("category.kind")
    cadence = Cadence.MONTHLY
    slot_on = date(2025, 10, 11)
    day_of_month = 11
    currency = "RUB"
    is_fixed = True
    amount = Decimal("-299.00")
    low = factory.SelfAttribute("amount")
    high = factory.SelfAttribute("amount")
    first_seen = date(2025, 5, 11)
    last_seen = factory.SelfAttribute("slot_on")
    sightings = 6


class TransferFactory(DjangoModelFactory[Transfer]):
    class Meta:
        model = Transfer

    from_account = factory.SubFactory(AccountFactory)
    to_account = factory.LazyAttribute(lambda row: AccountFactory(connection=row.from_account.connection))
    user = factory.SelfAttribute("from_account.user")
    from_bank = factory.SelfAttribute("from_account.bank")
    to_bank = factory.SelfAttribute("to_account.bank")
    from_name = factory.SelfAttribute("from_account.name")
    to_name = factory.SelfAttribute("to_account.name")
    from_number = factory.SelfAttribute("from_account.number")
    to_number = factory.SelfAttribute("to_account.number")
    amount = Decimal("1500.00")
    currency = factory.SelfAttribute("from_account.currency")
    key = factory.Sequence(lambda n: f"key-{n}")
    created_at = NOW
    next_check_at = NOW


class SyncRunFactory(DjangoModelFactory[SyncRun]):
    class Meta:
        model = SyncRun

    connection = factory.SubFactory(ConnectionFactory)
    trigger = SyncRun.Trigger.CONNECT
    state = SyncRun.State.DONE


class SyncRunAccountFactory(DjangoModelFactory[SyncRunAccount]):
    class Meta:
        model = SyncRunAccount

    run = factory.SubFactory(SyncRunFactory)
    account = factory.SubFactory(AccountFactory)


def many_transactions(account: Account, count: int, **fields: Any) -> list[Transaction]:
    """Rows in one statement, an hour apart, the newest first."""
    shared = {"account": account, "category": category("groceries-supermarket")} | fields
    rows = [
        TransactionFactory.build(**shared, booked_at=NOW - timedelta(hours=index + 2))
        for index in range(count)
    ]
    return store_transactions(account.user, rows)


def only(*rows: Transaction) -> TransactionQuerySet:
    """Certain rows, as what is to be changed is named."""
    return Transaction.objects.filter(pk__in=[row.pk for row in rows])


def store_transactions(user: User, rows: Iterable[Transaction]) -> list[Transaction]:
    """Rows of one person in one statement, and the totals of their days."""
    stored = Transaction.objects.bulk_create(rows)
    totals.refresh(user_id=user.pk, since=None)
    return stored


class ManualAccountFactory(AccountFactory):
    """A book that the person keeps by hand."""

    class Meta:
        exclude = ("place",)

    place = factory.LazyFunction(lambda: Bank.objects.get(code=OUTSIDE))
    connection = None
    user = factory.SubFactory(UserFactory)
    bank = factory.SelfAttribute("place")
    number = ""
    name = "Наличные"
    kind = Account.Kind.CASH
    opening_balance = Decimal("1000.00")
    opening_on = local_date(NOW)
