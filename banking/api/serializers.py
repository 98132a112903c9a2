"""What the banking calls take and what they answer, field by field."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from banking.api import wire
from banking.api.gost_serializers import GostEvidenceOutput
from banking.categories.rules import normalise
from banking.models import Account, Bank, BankConnection, Category, Transaction
from banking.models.tag import LONGEST_TAG
from banking.queries.health import Action, Cause
from banking.queries.transaction_filter import Mark
from banking.queries.transactions import Order
from banking.tagging import MOST_AT_ONCE
from financehub.api.fields import (
    AmountField,
    AnyCaseChoiceField,
    DayOrMomentField,
    FlagField,
    IdField,
    MomentField,
)
from financehub.api.pagination import PageQuery

MOST_VALUES = 100  # of one parameter: databases take only so many


class BankOutput(serializers.ModelSerializer[Bank]):
    """A bank that can be connected."""

    logo = serializers.CharField(source="monogram")

    class Meta:
        model = Bank
        fields = ("code", "name", "description", "logo")


class AvailableBanksOutput(serializers.Serializer[Any]):
    """The banks, wrapped as the wire has them."""

    banks = BankOutput(many=True)


class ConnectInput(serializers.Serializer[Any]):
    """Which bank, and as which client of its sandbox: 1 to 10, anything else means "choose for me"."""

    bank_code = serializers.CharField(max_length=32)
    client_number = serializers.CharField(required=False, allow_null=True, allow_blank=True)
    use_gost = serializers.BooleanField(
        required=False,
        allow_null=True,
        help_text="Through the GOST gateway and no other way; absent: as the person's settings.",
    )
    channel = serializers.ChoiceField(
        BankConnection.Channel.choices,
        required=False,
        help_text="The same in full, before `use_gost`: `bank` is its own API over ordinary TLS, the others "
        "are the Banking API, where `gost` sends nothing when the gateway is shut.",
    )


class CheckInput(serializers.Serializer[Any]):
    """What the person says about a waiting consent."""

    signed = serializers.BooleanField(
        default=False, help_text="The consent was approved at the bank: also try whether the data opens."
    )


class ConnectionHealthOutput(serializers.Serializer[Any]):
    """Why the data is as fresh as it is, in words, with the one thing to do about it."""

    cause = serializers.ChoiceField(choices=[cause.value for cause in Cause])
    message = serializers.CharField(source="text", help_text="For people, in their language.")
    action = serializers.ChoiceField(
        choices=[action.value for action in Action if action],
        allow_null=True,
        help_text="sync, cancel, check, renew, reconnect or details; null when there is only waiting.",
    )
    until = MomentField(
        allow_null=True,
        help_text="When it changes by itself: the next try, the end of a wait, the end of the access.",
    )

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return super().to_representation(instance) | {"action": instance.action or None}


class ConnectionOutput(serializers.Serializer[Any]):
    """A connection with the state of its data."""

    id = serializers.IntegerField(source="connection.pk")
    bank_provider = serializers.CharField(source="connection.bank.code")
    bank_name = serializers.CharField(source="connection.bank.short_name")
    status = serializers.SerializerMethodField(
        help_text="REQUESTED, AWAITING the person's approval, ACTIVE, EXPIRED, REVOKED, REJECTED, FAILED, "
        "DISCONNECTED by the person, who kept the data."
    )
    client_id = serializers.CharField(
        source="connection.client_id", help_text="Whom the bank knows the person as."
    )
    use_gost = serializers.BooleanField(
        source="connection.use_gost", help_text="GOST was asked for; whether it was spoken, `gost` says."
    )
    channel = serializers.ChoiceField(BankConnection.Channel.choices, source="connection.channel")
    gost_policy = serializers.ChoiceField(["require", "prefer", "off"], source="connection.gost_policy")
    gost = GostEvidenceOutput(allow_null=True)
    accounts_count = serializers.IntegerField()
    created_at = MomentField(source="connection.created_at")
    last_synced_at = MomentField(source="connection.last_success_at", allow_null=True)
    last_attempt_at = MomentField(source="connection.last_attempt_at", allow_null=True)
    next_run_at = MomentField(source="connection.next_run_at", allow_null=True)
    retry_after = MomentField(
        source="connection.retry_after",
        allow_null=True,
        help_text="The bank asks to wait until then.",
    )
    health = ConnectionHealthOutput()
    cause = serializers.CharField(source="health.cause", help_text="Why the data is as fresh as it is.")
    state = serializers.CharField(source="health.text", help_text="The same in words for people.")
    last_error = serializers.SerializerMethodField()
    approval_url = serializers.CharField(
        allow_null=True, help_text="Where the person approves the access; null unless that is awaited."
    )

    def get_status(self, row: Any) -> str:
        return str(row.connection.status).upper()

    def get_last_error(self, row: Any) -> str | None:
        return row.connection.last_error_code or None


class DisconnectQuery(serializers.Serializer[Any]):
    """What becomes of the data when the access is given up."""

    keep_data = serializers.BooleanField(
        default=False, help_text="Accounts and transactions stay, and the bank can be connected again."
    )


class AccountOutput(serializers.ModelSerializer[Account]):
    """An account; debts are negative, so that balances of one currency add up to what one has."""

    bank_connection_id = serializers.IntegerField(
        source="connection_id", allow_null=True, help_text="Null for an account that is kept by hand."
    )
    account_name = serializers.SerializerMethodField()
    account_number = serializers.SerializerMethodField()
    account_type = serializers.SerializerMethodField()
    kind = serializers.CharField()
    balance = AmountField(source="net_amount")
    balance_booked = AmountField(allow_null=True)
    balance_available = AmountField(allow_null=True)
    balance_as_of = MomentField(allow_null=True)
    credit_limit = AmountField(allow_null=True)
    is_active = serializers.SerializerMethodField()
    last_synced_at = MomentField(allow_null=True)
    bank_name = serializers.CharField(source="place")
    bank_provider = serializers.CharField(source="bank.code")

    class Meta:
        model = Account
        fields = (
            "id",
            "bank_connection_id",
            "account_name",
            "account_number",
            "account_type",
            "kind",
            "balance",
            "balance_booked",
            "balance_available",
            "balance_as_of",
            "currency",
            "credit_limit",
            "is_active",
            "last_synced_at",
            "bank_name",
            "bank_provider",
        )

    def get_account_name(self, account: Account) -> str:
        return account.name or account.get_kind_display()

    def get_account_number(self, account: Account) -> str | None:
        return account.number or None

    @extend_schema_field(serializers.ChoiceField(sorted(set(wire.ACCOUNT_TYPES.values()))))
    def get_account_type(self, account: Account) -> str:
        return wire.ACCOUNT_TYPES[Account.Kind(account.kind)]

    @extend_schema_field(FlagField)
    def get_is_active(self, account: Account) -> int:
        return int(account.closed_at is None)


class MessageOutput(serializers.Serializer[Any]):
    """A sentence about what was done."""

    message = serializers.CharField()


class CategoryOutput(serializers.ModelSerializer[Category]):
    """A category, named in the person's language."""

    name = serializers.CharField()
    description = serializers.SerializerMethodField()
    color = serializers.SerializerMethodField()
    is_system = serializers.SerializerMethodField()
    parent_id = serializers.IntegerField(allow_null=True)

    class Meta:
        model = Category
        fields: tuple[str, ...] = (
            *("id", "name", "description", "icon", "color"),
            *("is_system", "slug", "kind", "parent_id"),
        )

    def get_description(self, category: Category) -> str:
        return category.parent.name if category.parent else category.get_kind_display()

    def get_color(self, category: Category) -> str:
        return wire.color(category)

    @extend_schema_field(FlagField)
    def get_is_system(self, category: Category) -> int:
        return int(category.user_id is None)


class TransactionOutput(serializers.ModelSerializer[Transaction]):
    """A transaction. Income and expense are positive and told apart by their type; transfers are signed.

    A refund is sent as an income with `is_refund`: the figures take it off the spending. A declined
    row moved no money and is in no figure, nor is one that the bank no longer shows.
    """

    transaction_type = serializers.SerializerMethodField()
    amount = serializers.SerializerMethodField()
    description = serializers.SerializerMethodField()
    merchant = serializers.SerializerMethodField()
    transaction_date = MomentField(source="booked_at")
    posted_date = serializers.DateField(source="booking_date")
    is_pending = serializers.SerializerMethodField()
    is_refund = serializers.SerializerMethodField()
    category = serializers.SerializerMethodField()
    category_reason = serializers.CharField()
    account_name = serializers.SerializerMethodField()
    bank_name = serializers.CharField(source="account.place")
    bank_provider = serializers.CharField(source="account.bank.code")
    external_transaction_id = serializers.CharField(source="external_id")
    mcc_code = serializers.SerializerMethodField()
    transfer_pair_id = serializers.IntegerField(
        allow_null=True, help_text="The other side of the same transfer; null for all other rows."
    )
    tags = serializers.SerializerMethodField(help_text="Their names.")
    part_of = serializers.IntegerField(
        source="part_of_id", allow_null=True, help_text="The row that this one is a part of."
    )
    parts = serializers.IntegerField(
        help_text="Into how many parts the row is divided; it then stands in no list and in no figure."
    )
    missing_since = MomentField(
        allow_null=True, help_text="Since when the bank no longer shows the row; null for all others."
    )
    reviewed_at = MomentField(allow_null=True)
    created_at = MomentField()
    updated_at = MomentField()

    class Meta:
        model = Transaction
        fields = (
            "id",
            "account_id",
            "category_id",
            "amount",
            "currency",
            "transaction_type",
            "description",
            "merchant",
            "transaction_date",
            "posted_date",
            "is_pending",
            "status",
            "is_refund",
            "note",
            "tags",
            "part_of",
            "parts",
            "excluded",
            "reviewed_at",
            "category",
            "category_reason",
            "account_name",
            "bank_name",
            "bank_provider",
            "external_transaction_id",
            "mcc_code",
            "transfer_pair_id",
            "missing_since",
            "created_at",
            "updated_at",
        )

    def __init__(self, *rows: Any, **options: Any) -> None:
        super().__init__(*rows, **options)
        self._categories: dict[int, dict[str, Any]] = {}

    @extend_schema_field(CategoryOutput)
    def get_category(self, row: Transaction) -> dict[str, Any]:
        """Written once for all the rows that share it."""
        if row.category_id not in self._categories:
            self._categories[row.category_id] = CategoryOutput(row.category).data
        return self._categories[row.category_id]

    @extend_schema_field(serializers.ChoiceField(wire.TRANSACTION_TYPES))
    def get_transaction_type(self, row: Transaction) -> str:
        return wire.transaction_type(row)

    @extend_schema_field(AmountField)
    def get_amount(self, row: Transaction) -> Decimal:
        return AmountField().to_representation(wire.transaction_amount(row))

    def get_tags(self, row: Transaction) -> list[str]:
        return [tag.name for tag in row.tags.all()]

    def get_description(self, row: Transaction) -> str | None:
        return row.description or None

    def get_merchant(self, row: Transaction) -> str | None:
        return row.merchant_name or None

    @extend_schema_field(FlagField)
    def get_is_pending(self, row: Transaction) -> int:
        return int(row.status == Transaction.Status.PENDING)

    def get_is_refund(self, row: Transaction) -> bool:
        return wire.is_refund(row)

    def get_account_name(self, row: Transaction) -> str:
        return row.account.name or row.account.get_kind_display()

    def get_mcc_code(self, row: Transaction) -> str | None:
        return row.mcc or None


class AmountBound(serializers.DecimalField):
    """A size of an amount, whatever its sign."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=14, decimal_places=2, min_value=Decimal(0), **options)


class TransactionFilterQuery(serializers.Serializer[Any]):
    """Which transactions; an empty parameter counts as absent.

    A list is a repeated parameter or values with commas between them: any of them will do.
    """

    account_id = serializers.ListField(child=IdField(), required=False, max_length=MOST_VALUES)
    bank = serializers.ListField(
        child=serializers.CharField(max_length=32),
        required=False,
        max_length=MOST_VALUES,
        help_text="Codes of banks.",
    )
    category_id = serializers.ListField(
        child=IdField(), required=False, max_length=MOST_VALUES, help_text="Each with what is under it."
    )
    uncategorised = serializers.BooleanField(
        required=False, help_text="Also (or only) the rows whose category nothing could tell."
    )
    transaction_type = AnyCaseChoiceField(wire.TRANSACTION_TYPES, required=False)
    kind = serializers.ListField(
        child=AnyCaseChoiceField(Category.Kind.values),
        required=False,
        max_length=MOST_VALUES,
        help_text="As the figures count: a refund is an expense here.",
    )
    status = serializers.ListField(
        child=AnyCaseChoiceField([*Transaction.Status.values, wire.MISSING]),
        required=False,
        max_length=MOST_VALUES,
        help_text="`missing`: rows that the bank no longer shows.",
    )
    mark = serializers.ListField(
        child=AnyCaseChoiceField([mark.value for mark in Mark]),
        required=False,
        max_length=MOST_VALUES,
        help_text="What the person put on a row; all of those named must be there.",
    )
    tag = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_TAG),
        required=False,
        max_length=MOST_VALUES,
        help_text="Names of the person's tags, in any case.",
    )
    mcc = serializers.ListField(
        child=serializers.RegexField(r"^[0-9]{4}$"), required=False, max_length=MOST_VALUES
    )
    merchant = serializers.CharField(required=False, max_length=100, help_text="Words of the shop's name.")
    min_amount = AmountBound(required=False)
    max_amount = AmountBound(required=False)
    from_date = DayOrMomentField(required=False)
    to_date = DayOrMomentField(required=False, help_text="Inclusive.")
    q = serializers.CharField(
        required=False,
        max_length=200,
        help_text="Words of the bank's text, merchant or counterparty.",
    )

    def validate_q(self, value: str) -> str:
        return _with_words(value)

    def validate_merchant(self, value: str) -> str:
        return _with_words(value)


def _with_words(text: str) -> str:
    """A search for signs alone asks for nothing: it must not be answered with everything."""
    if not normalise(text):
        raise serializers.ValidationError(_("Напишите слово или число."), code="no_words")
    return text


class TransactionQuery(TransactionFilterQuery, PageQuery):
    """Which transactions, in which order, and which piece of them."""

    sort = serializers.ChoiceField([order.value for order in Order], default=Order.NEWEST.value)


class TransactionFlowOutput(serializers.Serializer[Any]):
    """Money in and out in one currency; refunds are taken off the spending."""

    currency = serializers.CharField()
    income = AmountField()
    expenses = AmountField(source="spending")
    net = AmountField()


class TransactionTotalsOutput(serializers.Serializer[Any]):
    """What a whole filtered set comes to: own transfers and rows that do not count are in no sum."""

    count = serializers.IntegerField()
    transfers = serializers.IntegerField()
    not_counted = serializers.IntegerField(
        help_text="Declined, no longer shown by the bank, or taken out by the person."
    )
    flows = TransactionFlowOutput(many=True)


class TagNamesField(serializers.ListField):
    """Names of tags; new ones are made."""

    child = serializers.CharField(max_length=LONGEST_TAG)

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MOST_AT_ONCE, **options)


class TransactionChange(serializers.Serializer[Any]):
    """What a person may change: the category, which then stays, their own words, and their marks."""

    category_id = IdField(required=False)
    note = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=500)
    tags = TagNamesField(required=False, help_text="All tags of the row: those not named are taken off.")
    excluded = serializers.BooleanField(required=False, help_text="In no figure of any page or call.")
    reviewed = serializers.BooleanField(required=False, help_text="Looked at; cannot be taken back by false.")
