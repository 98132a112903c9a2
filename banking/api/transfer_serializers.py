"""What the calls about transfers take and what they answer, field by field."""

import re
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from banking.models import Transfer
from banking.models.transfer import LONGEST_PURPOSE
from banking.presenters import transfers as presenters
from banking.queries import transfers
from financehub.api.fields import AmountField, IdField, MomentField

PLAIN_AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{1,2})?")
LARGEST = Decimal(10) ** 15
STATUSES = {
    Transfer.State.CREATED: "pending",
    Transfer.State.SENT: "pending",
    Transfer.State.UNKNOWN: "pending",
    Transfer.State.CONFIRMED: "completed",
    Transfer.State.REJECTED: "rejected",
}
STATUS_WORDS = ["completed", "pending", "rejected"]


@extend_schema_field({"type": "number", "minimum": 0.01, "example": 1500.5})
class SumField(serializers.Field[Decimal, Any, Decimal, Any]):
    """An amount on its way in: a JSON number, or its digits as a text; more than nothing, whole kopecks."""

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, str) and PLAIN_AMOUNT.fullmatch(data):
            data = Decimal(data)
        if isinstance(data, bool) or not isinstance(data, int | Decimal):
            raise serializers.ValidationError(_("Введите сумму числом."))
        amount = Decimal(data)
        if not 0 < amount < LARGEST or amount % Decimal("0.01"):
            raise serializers.ValidationError(_("Введите сумму больше нуля, не точнее копеек."))
        return amount


class TransferInput(serializers.Serializer[Any]):
    """From where to where, and how much."""

    from_account_id = IdField()
    to_account_id = IdField()
    amount = SumField()
    description = serializers.CharField(
        required=False, allow_blank=True, allow_null=True, max_length=LONGEST_PURPOSE
    )


class MadeTransferOutput(serializers.ModelSerializer[Transfer]):
    """A transfer that was taken; the numbers of its two rows are null until they have been read."""

    transaction_id = serializers.SerializerMethodField()
    mirror_transaction_id = serializers.SerializerMethodField()
    message = serializers.SerializerMethodField()
    transfer_id = serializers.SerializerMethodField()
    status = serializers.SerializerMethodField()

    class Meta:
        model = Transfer
        fields = ("transaction_id", "mirror_transaction_id", "message", "transfer_id", "status")

    def to_representation(self, instance: Transfer) -> dict[str, Any]:
        debit, credit = transfers.rows_of(instance)
        self._rows = {"debit": debit, "credit": credit}
        return super().to_representation(instance)

    def get_transaction_id(self, _transfer: Transfer) -> int | None:
        row = self._rows["debit"]
        return row.pk if row else None

    def get_mirror_transaction_id(self, _transfer: Transfer) -> int | None:
        row = self._rows["credit"]
        return row.pk if row else None

    def get_message(self, transfer: Transfer) -> str:
        return presenters.api_message(transfer)

    def get_transfer_id(self, transfer: Transfer) -> str:
        return str(transfer.pk)

    @extend_schema_field(serializers.ChoiceField(STATUS_WORDS))
    def get_status(self, transfer: Transfer) -> str:
        return STATUSES[Transfer.State(transfer.state)]


class InternalTransferOutput(serializers.ModelSerializer[Transfer]):
    """A transfer inside one bank."""

    id = serializers.SerializerMethodField()
    payment_id = serializers.SerializerMethodField()
    from_account_id = serializers.IntegerField(allow_null=True)
    to_account_id = serializers.IntegerField(allow_null=True)
    amount = AmountField()
    status = serializers.SerializerMethodField()
    description = serializers.CharField(source="purpose")
    created_at = MomentField()

    class Meta:
        model = Transfer
        fields = (
            "payment_id",
            "id",
            "from_account_id",
            "to_account_id",
            "amount",
            "currency",
            "status",
            "description",
            "created_at",
        )

    def get_id(self, transfer: Transfer) -> str:
        return str(transfer.pk)

    def get_payment_id(self, transfer: Transfer) -> str:
        return transfer.payment_id or transfer.reference

    @extend_schema_field(serializers.ChoiceField(STATUS_WORDS))
    def get_status(self, transfer: Transfer) -> str:
        return STATUSES[Transfer.State(transfer.state)]


class TransferFacts(serializers.Serializer[Any]):
    """What else is known of a transfer."""

    reference = serializers.CharField()
    bank_payment_id = serializers.CharField()
    error_code = serializers.CharField()


class InterbankTransferOutput(InternalTransferOutput):
    """A transfer between two banks; the partner is the bank that receives."""

    partner_bank_id = serializers.IntegerField(source="to_bank_id")
    partner_bank_code = serializers.CharField(source="to_bank.code")
    counterparty_account = serializers.CharField(source="to_number")
    counterparty_name = serializers.CharField(source="to_name")
    purpose = serializers.CharField()
    transfer_metadata = serializers.SerializerMethodField()
    initiated_at = MomentField(source="created_at")
    settled_at = MomentField(allow_null=True)

    class Meta:
        model = Transfer
        fields = (
            "id",
            "user_id",
            "from_account_id",
            "to_account_id",
            "partner_bank_id",
            "partner_bank_code",
            "counterparty_account",
            "counterparty_name",
            "amount",
            "currency",
            "purpose",
            "consent_id",
            "status",
            "transfer_metadata",
            "initiated_at",
            "settled_at",
            "created_at",
        )

    payment_id = None  # type: ignore[assignment]
    description = None  # type: ignore[assignment]

    @extend_schema_field(TransferFacts)
    def get_transfer_metadata(self, transfer: Transfer) -> dict[str, str]:
        return {
            "reference": transfer.reference,
            "bank_payment_id": transfer.payment_id,
            "error_code": transfer.error_code,
        }
