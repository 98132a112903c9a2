"""What people type into the pages of banking: checked here, saved by actions."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from banking.models import BankConnection, Category
from banking.models.saved_view import LONGEST_NAME
from banking.models.tag import LONGEST_TAG
from banking.models.transfer import LONGEST_KEY, LONGEST_PURPOSE
from banking.services.transfer_orders import Order
from banking.tagging import MOST_AT_ONCE, TagTooLong, TooManyTags, names_in

if TYPE_CHECKING:
    from financehub.users.models import User

LONGEST_AMOUNT = 30
LARGEST_AMOUNT = Decimal(10) ** 12
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2100, 12, 31)
DATE_FORMATS = ["%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y"]

MOST_IDS = 1000
BULK_DEEDS = ("category", "tag", "untag", "exclude", "include", "review")
_ID = re.compile(r"[0-9]{1,18}")
_SPACES = re.compile(r"[\s\u00a0\u202f]+")
_GROUPED = re.compile(r"[0-9]{1,3}(?:([,.])[0-9]{3})+")
_PLAIN = re.compile(r"([0-9]+)(?:[.,]([0-9]{1,2}))?")


def parse_amount(text: str) -> Decimal:
    """An amount as people write it: `1234,5`, `1 234.50`, `1,234.50`, with or without ₽."""
    text = _SPACES.sub("", text).removesuffix("₽").removesuffix("руб.").removesuffix("руб")
    whole, mark, kopecks = text.rpartition("." if text.rfind(".") > text.rfind(",") else ",")
    if mark and _GROUPED.fullmatch(whole) and mark not in whole:
        text = f"{re.sub('[,.]', '', whole)}.{kopecks}"
    elif _GROUPED.fullmatch(text):
        raise ValidationError(_("Непонятно, где копейки. Напишите, например, 1234,50."), code="ambiguous")
    found = _PLAIN.fullmatch(text)
    if found is None:
        raise ValidationError(_("Напишите сумму цифрами, например 1234,50."), code="invalid")
    amount = Decimal(f"{found[1]}.{found[2] or 0}")
    if amount > LARGEST_AMOUNT:
        raise ValidationError(_("Сумма слишком велика."), code="too_large")
    return amount


class AmountField(forms.Field):
    """An amount without a sign, as people write it."""

    def to_python(self, value: Any) -> Decimal | None:
        text = str(value or "").strip()
        if len(text) > LONGEST_AMOUNT:
            raise ValidationError(_("Сумма слишком велика."), code="too_large")
        return parse_amount(text) if text else None


class DayField(forms.DateField):
    """A day that a bank may know of."""

    def __init__(self, **kwargs: Any) -> None:
        message = _("Напишите дату, например 09.11.2025.")
        super().__init__(input_formats=DATE_FORMATS, error_messages={"invalid": message}, **kwargs)

    def to_python(self, value: Any) -> date | None:
        day = super().to_python(value)
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            raise ValidationError(_("Такой даты в выписке быть не может."), code="out_of_range")
        return day


class NoteForm(forms.Form):
    """A person's own words on a transaction."""

    note = forms.CharField(
        label=_("Заметка"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class TagNamesField(forms.CharField):
    """Tags as a person writes them: one line, commas between."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Теги"), max_length=MOST_AT_ONCE * (LONGEST_TAG + 2), required=False, **kwargs
        )

    def clean(self, value: Any) -> list[str]:
        names = names_in(super().clean(value))
        if any(len(name) > LONGEST_TAG for name in names):
            raise ValidationError(TagTooLong.message, code=TagTooLong.code)
        if len(names) > MOST_AT_ONCE:
            raise ValidationError(TooManyTags.message, code=TooManyTags.code)
        return names


class TagsForm(forms.Form):
    """The tags of a row."""

    tags = TagNamesField(
        help_text=_("Через запятую, например: отпуск, дача."),
        widget=forms.TextInput(attrs={"list": "own-tags", "autocomplete": "off"}),
    )


class TagNameForm(forms.Form):
    """Another name for a tag."""

    name = forms.CharField(label=_("Название"), max_length=LONGEST_TAG)

    def clean_name(self) -> str:
        names = names_in(self.cleaned_data["name"])
        if len(names) != 1:
            raise ValidationError(_("Название — без запятых и не пустое."), code="invalid")
        return names[0]


class ViewNameForm(forms.Form):
    """What a saved view is called."""

    name = forms.CharField(label=_("Название"), max_length=LONGEST_NAME)


class CategoryForm(forms.Form):
    """Another category for a transaction."""

    category = forms.CharField(label=_("Категория"), max_length=64)

    def __init__(self, data: Any, *, user: "User") -> None:
        super().__init__(data)
        self.user = user

    def clean_category(self) -> Category:
        return category_named(self.cleaned_data["category"], user=self.user)


def category_named(slug: str, *, user: "User") -> Category:
    """A category that the person may choose; raises ValidationError for any other."""
    chosen = Category.objects.for_user(user).filter(slug=slug).first()
    if chosen is None:
        raise ValidationError(_("Такой категории нет."), code="unknown")
    return chosen


class IdsField(forms.Field):
    """Ids of rows, as many as a page shows."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[int]:
        sent = [str(each) for each in value or []]
        if len(sent) > MOST_IDS or not all(map(_ID.fullmatch, sent)):
            raise ValidationError(_("Такого значения в списке нет."), code="invalid")
        return [int(each) for each in sent]


class BulkForm(forms.Form):
    """What to do with the rows that are ticked, or with everything that the filter lets through."""

    do = forms.ChoiceField(choices=[(deed, deed) for deed in BULK_DEEDS])
    row = IdsField(required=False)
    everything = forms.BooleanField(required=False)
    category = forms.CharField(label=_("Категория"), max_length=64, required=False)
    tags = TagNamesField()

    def __init__(self, data: Any, *, user: "User") -> None:
        super().__init__(data)
        self.user = user

    def clean_category(self) -> Category | None:
        slug: str = self.cleaned_data["category"]
        return category_named(slug, user=self.user) if slug else None


class TransferForm(forms.Form):
    """From where to where, and how much. The key is made with the empty form and stays with the order."""

    source = forms.TypedChoiceField(label=_("Со счёта"), coerce=int)
    target = forms.TypedChoiceField(label=_("На счёт"), coerce=int)
    amount = AmountField(
        label=_("Сумма"),
        error_messages={"required": _("Напишите, сколько перевести.")},
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    comment = forms.CharField(label=_("Комментарий"), max_length=LONGEST_PURPOSE, required=False)
    key = forms.CharField(max_length=LONGEST_KEY, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any,
        *,
        sources: Iterable[tuple[int, str]],
        targets: Iterable[tuple[int, str]],
        initial: dict[str, Any],
    ) -> None:
        super().__init__(data, initial=initial)
        for name, choices in (("source", sources), ("target", targets)):
            field = self.fields[name]
            assert isinstance(field, forms.TypedChoiceField)  # noqa: S101  declared above
            field.choices = list(choices)
            field.error_messages["invalid_choice"] = _("Выберите счёт из списка.")

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        if not amount:
            raise ValidationError(_("Сумма должна быть больше нуля."), code="zero")
        return amount

    @property
    def order(self) -> Order:
        """The order that valid fields describe."""
        data = self.cleaned_data
        return Order(
            from_account_id=data["source"],
            to_account_id=data["target"],
            amount=data["amount"],
            purpose=data["comment"].strip(),
            key=data["key"],
        )


class ConnectForm(forms.Form):
    """Consent to connecting a bank; `channel` is asked of those who use the GOST mode."""

    channel = forms.ChoiceField(
        label=_("Как связаться с банком"), choices=BankConnection.Channel.choices, required=False
    )

    @property
    def chosen_channel(self) -> str | None:
        """The channel that was chosen, or None for the person's own setting."""
        return self.cleaned_data["channel"] or None


class DisconnectForm(forms.Form):
    """What becomes of the data when a bank is disconnected: it stays unless it is said to go."""

    stored = forms.ChoiceField(choices=[("keep", "keep"), ("delete", "delete")], required=False)

    @property
    def keep_data(self) -> bool:
        return bool(self.cleaned_data["stored"] != "delete")
