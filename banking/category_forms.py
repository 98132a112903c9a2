"""Forms about categories: a person's rule, a category of their own, one that takes another in."""

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from banking.categories.rules import normalise
from banking.forms import AmountField, category_named
from banking.models import Account, Category, CategoryRule
from banking.models.category_rule import LONGEST_TEXT
from banking.queries.accounts import full_name

if TYPE_CHECKING:
    from financehub.users.models import User

AMOUNT_WIDGET = {"inputmode": "decimal", "autocomplete": "off"}


class RuleForm(forms.Form):
    """The conditions of a rule and the category that follows."""

    match = forms.ChoiceField(label=_("Текст операции"), choices=CategoryRule.Match.choices)
    text = forms.CharField(label=_("Слова"), max_length=LONGEST_TEXT, required=False)
    direction = forms.ChoiceField(
        label=_("Направление"), choices=CategoryRule.Direction.choices, required=False
    )
    lowest = AmountField(label=_("Сумма от"), required=False, widget=forms.TextInput(attrs=AMOUNT_WIDGET))
    highest = AmountField(label=_("Сумма до"), required=False, widget=forms.TextInput(attrs=AMOUNT_WIDGET))
    account = forms.TypedChoiceField(label=_("Счёт"), coerce=int, empty_value=None, required=False)
    mcc = forms.RegexField(
        r"^[0-9]{4}$",
        label="MCC",
        required=False,
        error_messages={"invalid": _("MCC — четыре цифры, например 5411.")},
    )
    category = forms.CharField(label=_("Категория"), max_length=64)

    def __init__(self, data: Any, *, user: "User", accounts: Iterable[Account], initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.user = user
        field = self.fields["account"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101  declared above
        field.choices = [("", _("Любой")), *((account.pk, full_name(account)) for account in accounts)]

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if text and not normalise(text):
            raise ValidationError(_("Напишите слово или число."), code="no_words")
        return text

    def clean_category(self) -> Category:
        return category_named(self.cleaned_data["category"], user=self.user)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        low, high = data.get("lowest"), data.get("highest")
        if low is not None and high is not None and low > high:
            self.add_error("highest", _("Верхняя граница меньше нижней."))
        conditions = [data.get(name) for name in ("text", "mcc", "account", "lowest", "highest")]
        if not self.errors and not any(value not in {None, ""} for value in conditions):
            raise ValidationError(_("Правилу нужно хотя бы одно условие: текст, сумма, счёт или MCC."))
        return data

    def filled(self, rule: CategoryRule) -> CategoryRule:
        """A rule with the values of valid fields; nothing is saved."""
        data = self.cleaned_data
        for name in ("match", "text", "direction", "lowest", "highest", "mcc", "category"):
            setattr(rule, name, data[name])
        rule.account_id = data["account"]
        return rule


class OwnCategoryForm(forms.Form):
    """A category of the person's own: its name, its sign, where it belongs."""

    name = forms.CharField(label=_("Название"), max_length=100)
    icon = forms.CharField(label=_("Значок"), max_length=8, required=False)
    kind = forms.ChoiceField(label=_("Вид"), choices=Category.Kind.choices, required=False)
    parent = forms.CharField(label=_("Внутри категории"), max_length=64, required=False)

    def __init__(self, data: Any, *, user: "User", initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.user = user

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or Category.Kind.EXPENSE.value

    def clean_parent(self) -> Category | None:
        """A category of the first level: the tree has two."""
        slug: str = self.cleaned_data["parent"]
        parent = category_named(slug, user=self.user) if slug else None
        if parent is not None and parent.parent_id is not None:
            raise ValidationError(_("Такой категории нет."), code="unknown")
        return parent


def rule_values(rule: CategoryRule) -> dict[str, Any]:
    """A stored rule as its form shows it."""
    return {
        "match": rule.match,
        "text": rule.text,
        "direction": rule.direction,
        "lowest": _typed(rule.lowest),
        "highest": _typed(rule.highest),
        "account": rule.account_id,
        "mcc": rule.mcc,
        "category": rule.category.slug,
    }


def _typed(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:.2f}".replace(".", ",")
