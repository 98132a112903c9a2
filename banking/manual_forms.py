"""What a person types into the pages of manual accounts and rows: checked here, saved by `manual`."""

import uuid
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from banking.forms import AmountField, DayField, category_named
from banking.manual import CURRENCIES, LARGEST_AMOUNT, Entry, Terms
from banking.models import Account, Category, Transaction

if TYPE_CHECKING:
    from financehub.users.models import User

MINUSES = ("-", "−", "–")
AMOUNT_WIDGET = {"inputmode": "decimal", "autocomplete": "off"}
OUT, IN = "out", "in"
LONGEST_DESCRIPTION = 300


class SignedAmountField(AmountField):
    """An amount that may be below zero."""

    def to_python(self, value: Any) -> Decimal | None:
        text = str(value or "").strip()
        is_debt = text.startswith(MINUSES)
        amount = super().to_python(text[1:] if is_debt else text)
        return -amount if is_debt and amount is not None else amount


def _not_too_large(amount: Decimal | None) -> Decimal | None:
    if amount is not None and abs(amount) >= LARGEST_AMOUNT:
        raise ValidationError(_("Сумма слишком велика."), code="too_large")
    return amount


def _not_ahead(day: date, *, today: date) -> date:
    if day > today:
        raise ValidationError(_("Этот день ещё не наступил."), code="ahead")
    return day


class ManualAccountForm(forms.Form):
    """An account that no bank tells of. Its currency is chosen once."""

    name = forms.CharField(label=_("Название"), max_length=100, help_text=_("Например, «Наличные»."))
    kind = forms.ChoiceField(label=_("Вид"), choices=Account.Kind.choices)
    currency = forms.ChoiceField(label=_("Валюта"), choices=[(code, code) for code in CURRENCIES])
    opening_balance = SignedAmountField(
        label=_("Остаток"),
        help_text=_("На начало дня, что указан ниже. Долг — со знаком минус."),
        error_messages={"required": _("Напишите, сколько было на счёте; если нисколько — 0.")},
        widget=forms.TextInput(attrs=AMOUNT_WIDGET),
    )
    opening_on = DayField(label=_("На какой день"), widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(
        self, data: Any, *, today: date, initial: dict[str, Any], has_currency: bool = False
    ) -> None:
        super().__init__(data, initial=initial)
        self.today = today
        if has_currency:
            del self.fields["currency"]

    def clean_opening_balance(self) -> Decimal | None:
        return _not_too_large(self.cleaned_data["opening_balance"])

    def clean_opening_on(self) -> date:
        return _not_ahead(self.cleaned_data["opening_on"], today=self.today)

    @property
    def terms(self) -> Terms:
        """What valid fields say."""
        data = self.cleaned_data
        return Terms(
            name=data["name"],
            kind=data["kind"],
            opening_balance=data["opening_balance"],
            opening_on=data["opening_on"],
        )


class RowForm(forms.Form):
    """A row of a manual account. The key is made with the empty form, so that it is written once."""

    direction = forms.ChoiceField(label=_("Что это"), choices=[(OUT, _("Расход")), (IN, _("Доход"))])
    amount = AmountField(
        label=_("Сумма"),
        error_messages={"required": _("Напишите сумму.")},
        widget=forms.TextInput(attrs=AMOUNT_WIDGET),
    )
    account = forms.TypedChoiceField(label=_("Счёт"), coerce=int)
    day = DayField(label=_("Дата"), widget=forms.TextInput(attrs={"autocomplete": "off"}))
    description = forms.CharField(
        label=_("Описание"),
        max_length=LONGEST_DESCRIPTION,
        help_text=_("Магазин или за что: по этим словам найдём категорию."),
    )
    category = forms.CharField(label=_("Категория"), max_length=64, required=False)
    note = forms.CharField(label=_("Заметка"), max_length=500, required=False)
    key = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Any,
        *,
        user: "User",
        accounts: Iterable[tuple[int, str]],
        today: date,
        initial: dict[str, Any],
    ) -> None:
        super().__init__(data, initial=initial)
        self.user, self.today = user, today
        field = self.fields["account"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101  declared above
        field.choices = list(accounts)
        field.error_messages["invalid_choice"] = _("Выберите счёт из списка.")

    def clean_amount(self) -> Decimal | None:
        amount: Decimal = self.cleaned_data["amount"]
        if not amount:
            raise ValidationError(_("Сумма должна быть больше нуля."), code="zero")
        return _not_too_large(amount)

    def clean_day(self) -> date:
        return _not_ahead(self.cleaned_data["day"], today=self.today)

    def clean_category(self) -> Category | None:
        slug: str = self.cleaned_data["category"]
        return category_named(slug, user=self.user) if slug else None

    @property
    def entry(self) -> Entry:
        """The row that valid fields describe."""
        data = self.cleaned_data
        return Entry(
            amount=-data["amount"] if data["direction"] == OUT else data["amount"],
            day=data["day"],
            description=data["description"],
            category=data["category"],
            note=data["note"],
        )


def account_values(account: Account) -> dict[str, Any]:
    """A stored account as its form shows it."""
    return {
        "name": account.name,
        "kind": account.kind,
        "opening_balance": typed(account.opening_balance),
        "opening_on": _day(account.opening_on),
    }


def row_values(row: Transaction) -> dict[str, Any]:
    """A stored row as its form shows it; only a category that the person chose stands in it."""
    is_chosen = row.category_reason == Transaction.Reason.PERSON
    return {
        "direction": IN if row.amount > 0 else OUT,
        "amount": typed(abs(row.amount)),
        "account": row.account_id,
        "day": _day(row.booking_date),
        "description": row.description,
        "category": row.category.slug if is_chosen else "",
        "note": row.note,
    }


def new_row_values(*, today: date, account: int | None) -> dict[str, Any]:
    """An empty form of a row, with the key under which it will be written."""
    return {"direction": OUT, "day": _day(today), "account": account, "key": uuid.uuid4().hex}


def new_account_values(*, today: date) -> dict[str, Any]:
    """An empty form of an account."""
    return {"kind": Account.Kind.CASH, "currency": CURRENCIES[0], "opening_on": _day(today)}


def typed(amount: Decimal | None) -> str:
    """An amount as it would be typed."""
    return "" if amount is None else f"{amount:.2f}".replace(".", ",")


def _day(day: date | None) -> str:
    return f"{day:%d.%m.%Y}" if day is not None else ""
