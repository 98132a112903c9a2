"""What the calls about rules and edits take and what they answer, field by field."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from banking.api.serializers import AmountBound, CategoryOutput, TransactionOutput
from banking.categories.rules import normalise
from banking.models import CategoryRule, Edit
from banking.models.category_rule import LONGEST_TEXT
from financehub.api.fields import AmountField, IdField, MomentField


class RuleChange(serializers.Serializer[Any]):
    """The conditions of a rule, which must all hold, and the category that follows; what is absent stays."""

    category_id = IdField(required=False)
    match = serializers.ChoiceField(CategoryRule.Match.choices, required=False)
    text = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=LONGEST_TEXT,
        help_text="Words of the description, the shop or the other side; never a pattern.",
    )
    direction = serializers.ChoiceField(CategoryRule.Direction.choices, required=False, allow_blank=True)
    lowest = AmountBound(required=False, allow_null=True, help_text="Of the amount without its sign.")
    highest = AmountBound(required=False, allow_null=True)
    account_id = IdField(required=False, allow_null=True)
    mcc = serializers.RegexField(
        r"^[0-9]{4}$",
        required=False,
        allow_blank=True,
        error_messages={"invalid": _("MCC — четыре цифры, например 5411.")},
    )

    def validate_text(self, value: str) -> str:
        if value and not normalise(value):
            raise serializers.ValidationError(_("Напишите слово или число."))
        return value


class RuleInput(RuleChange):
    """A new rule: it needs a condition besides its category."""

    category_id = IdField()


class NewRuleInput(RuleInput):
    """A new rule, for rows to come; with `apply` also for past ones."""

    apply = serializers.BooleanField(default=False)


class RuleOutput(serializers.ModelSerializer[CategoryRule]):
    """A rule of the person."""

    category = CategoryOutput()
    account_id = serializers.IntegerField(allow_null=True)
    lowest = AmountField(allow_null=True)
    highest = AmountField(allow_null=True)
    created_at = MomentField()

    class Meta:
        model = CategoryRule
        fields = (
            *("id", "category", "match", "text", "direction", "lowest", "highest"),
            *("account_id", "mcc", "created_at"),
        )


class EditOutput(serializers.ModelSerializer[Edit]):
    """What a person did to rows, once: the application of a rule is one of these."""

    at = MomentField()
    rule_id = serializers.IntegerField(allow_null=True)
    undone_at = MomentField(allow_null=True)
    undoes_id = serializers.IntegerField(allow_null=True, help_text="The edit that this one takes back.")

    class Meta:
        model = Edit
        fields = ("id", "kind", "at", "rows", "rule_id", "undone_at", "undoes_id")


class AppliedOutput(serializers.Serializer[Any]):
    """What applying a rule came to; without rows to change there is no run."""

    run = EditOutput(allow_null=True)


class NewRuleOutput(AppliedOutput):
    """The rule as it is kept, and the run when past rows were to be changed."""

    rule = RuleOutput()


class UndoneOutput(serializers.Serializer[Any]):
    """How many rows are as before, and how many had changed since and were left alone."""

    edit = EditOutput()
    restored = serializers.IntegerField()
    left = serializers.IntegerField()


class SumOutput(serializers.Serializer[Any]):
    """A signed sum in one currency."""

    currency = serializers.CharField()
    amount = AmountField()


class RulePreviewOutput(serializers.Serializer[Any]):
    """What applying a rule now would change: how much, since when, and the newest few."""

    count = serializers.IntegerField()
    sums = SumOutput(many=True)
    first = serializers.DateField(allow_null=True)
    last = serializers.DateField(allow_null=True)
    sample = TransactionOutput(many=True, help_text="As they are now.")


class CategoryChange(serializers.Serializer[Any]):
    """Whether a category is offered; rows keep it either way."""

    is_hidden = serializers.BooleanField()


class KnownCategoryOutput(CategoryOutput):
    """A category, and whether the person hid it from the choices."""

    is_hidden = serializers.SerializerMethodField()

    class Meta(CategoryOutput.Meta):
        fields = (*CategoryOutput.Meta.fields, "is_hidden")

    def get_is_hidden(self, category: Any) -> bool:
        return category.pk in self.context["hidden"]
