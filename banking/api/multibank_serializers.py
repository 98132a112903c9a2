"""What the calls of partner banks take and what they answer, field by field."""

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from banking.api import wire
from banking.api.transfer_serializers import STATUS_WORDS, STATUSES, SumField
from banking.models import Account, Transaction, Transfer
from banking.models.transfer import LONGEST_PURPOSE
from banking.services import multibank
from financehub.api.fields import AmountField, AnyCaseChoiceField, MomentField
from financehub.money import ZERO

AUDIENCE = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$"
LONGEST_DAYS = multibank.LONGEST_TERM.days
SPELLINGS = {spelling: scope for scope in multibank.SCOPES for spelling in (scope, scope.replace(".", "_"))}
USUAL_SCOPES = ["accounts_read", "balances_read", "transactions_read"]


class CodeField(serializers.CharField):
    """A code of the registry: looked up, never fetched."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=32, **options)


class ScopesField(serializers.ListField):
    """Scopes, with a dot or an underscore."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            child=AnyCaseChoiceField(sorted(SPELLINGS)),
            allow_empty=False,
            max_length=len(SPELLINGS),
            **options,
        )


class BankTokenInput(serializers.Serializer[Any]):
    """For which partner, and what for: the purpose is written into the token."""

    bank_code = CodeField()
    purpose = serializers.RegexField(AUDIENCE, default="interbank")


class BankTokenOutput(serializers.Serializer[Any]):
    """A bank token."""

    token = serializers.CharField()
    expires_in = serializers.IntegerField()
    token_type = serializers.CharField()


class AudienceTokenInput(serializers.Serializer[Any]):
    """For which partner, and for whom: only `interbank` opens the calls here."""

    bank_code = CodeField()
    audience = serializers.RegexField(AUDIENCE, default="interbank")


class AudienceTokenOutput(serializers.Serializer[Any]):
    """The same token in the words of the auth calls."""

    access_token = serializers.CharField()
    token_type = serializers.CharField()
    algorithm = serializers.CharField()
    expires_in = serializers.IntegerField()


class AskInput(serializers.Serializer[Any]):
    """Whose data, at which bank, which of it, for how long."""

    target_bank = CodeField()
    client_id = serializers.CharField(max_length=254, help_text="The client's login, e-mail or number.")
    scopes = ScopesField(default=USUAL_SCOPES)
    duration_days = serializers.IntegerField(min_value=1, max_value=LONGEST_DAYS, default=90)


class AskOutput(serializers.Serializer[Any]):
    """A request that waits for its client, if there is one."""

    consent_id = serializers.CharField()
    status = serializers.CharField()
    valid_until = MomentField()
    scopes = serializers.ListField(child=serializers.CharField())


class GiveUpInput(serializers.Serializer[Any]):
    """Which consent the partner gives up."""

    consent_id = serializers.CharField(max_length=100)


class AccessInput(serializers.Serializer[Any]):
    """The consent, and for whom and where it is used."""

    target_bank = CodeField()
    consent_id = serializers.CharField(max_length=100)
    client_id = serializers.CharField(max_length=254)


class RowsInput(AccessInput):
    """Also of which account, and how many rows."""

    account_id = serializers.CharField(max_length=40, required=False, allow_null=True)
    limit = serializers.IntegerField(min_value=1, max_value=1000, default=100)


class PartnerAccountOutput(serializers.Serializer[Any]):
    """An account."""

    account_id = serializers.CharField(source="pk")
    account_number = serializers.CharField(source="number")
    currency = serializers.CharField()
    account_type = serializers.SerializerMethodField()
    bank_code = serializers.CharField(source="bank.code")

    @extend_schema_field(serializers.ChoiceField(sorted(set(wire.ACCOUNT_TYPES.values()))))
    def get_account_type(self, account: Account) -> str:
        return wire.ACCOUNT_TYPES[Account.Kind(account.kind)]


class PartnerBalanceOutput(serializers.Serializer[Any]):
    """A balance as the bank named it last."""

    account_id = serializers.CharField(source="pk")
    available = serializers.SerializerMethodField()
    current = serializers.SerializerMethodField()
    currency = serializers.CharField()

    @extend_schema_field(AmountField)
    def get_available(self, account: Account) -> Decimal:
        return _written(account.balance_available, account.balance_booked)

    @extend_schema_field(AmountField)
    def get_current(self, account: Account) -> Decimal:
        return _written(account.balance_booked, account.balance_available)


class PartnerRowOutput(serializers.Serializer[Any]):
    """A transaction; income and expense are positive, transfers signed."""

    transaction_id = serializers.CharField(source="pk")
    account_id = serializers.CharField()
    amount = serializers.SerializerMethodField()
    currency = serializers.CharField()
    transaction_type = serializers.SerializerMethodField()
    description = serializers.SerializerMethodField()
    transaction_date = MomentField(source="booked_at")

    @extend_schema_field(AmountField)
    def get_amount(self, row: Transaction) -> Decimal:
        return AmountField().to_representation(wire.transaction_amount(row))

    @extend_schema_field(serializers.ChoiceField(wire.TRANSACTION_TYPES))
    def get_transaction_type(self, row: Transaction) -> str:
        return wire.transaction_type(row)

    def get_description(self, row: Transaction) -> str | None:
        return row.description or None


class PartnerTransferInput(serializers.Serializer[Any]):
    """From where to where, how much, under which consent; both accounts are the client's own."""

    from_bank = CodeField()
    from_account = serializers.CharField(max_length=40)
    to_bank = CodeField()
    to_account = serializers.CharField(max_length=40)
    amount = SumField()
    currency = serializers.CharField(max_length=3, default="RUB")
    description = serializers.CharField(
        required=False, allow_blank=True, allow_null=True, max_length=LONGEST_PURPOSE
    )
    consent_id = serializers.CharField(max_length=100)


class PartnerTransferOutput(serializers.Serializer[Transfer]):
    """A transfer that was taken; the same key again tells how it stands."""

    transfer_id = serializers.CharField(source="reference")
    status = serializers.SerializerMethodField()
    from_bank = serializers.CharField(source="from_bank.code")
    to_bank = serializers.CharField(source="to_bank.code")
    amount = AmountField()
    currency = serializers.CharField()
    created_at = MomentField()

    @extend_schema_field(serializers.ChoiceField(STATUS_WORDS))
    def get_status(self, transfer: Transfer) -> str:
        return STATUSES[Transfer.State(transfer.state)]


class FiguresQuery(serializers.Serializer[Any]):
    """Of which bank: the caller's own."""

    bank_code = CodeField()


class FiguresOutput(serializers.Serializer[Any]):
    """What a bank's clients have here, in all."""

    total_clients = serializers.IntegerField()
    total_accounts = serializers.IntegerField()
    total_balance = AmountField(help_text="In rubles; other currencies are not added.")
    total_transactions = serializers.IntegerField()


def scopes_of(spelt: list[str]) -> tuple[str, ...]:
    """The scopes behind their spellings, each once."""
    return tuple(dict.fromkeys(SPELLINGS[word] for word in spelt))


def _written(first: Decimal | None, second: Decimal | None) -> Decimal:
    known = first if first is not None else second
    return AmountField().to_representation(known if known is not None else ZERO)
