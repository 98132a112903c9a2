"""What a person sends to the pages of imports: a file, and which of its columns means what."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from banking.statements.columns import Columns
from banking.statements.files import MOST_BYTES

Select = tuple[str, str, list[tuple[str, Any]], str]
PAIRS = (
    ("date", "amount"),
    ("debit", "credit"),
    ("description", "merchant"),
    ("category", "mcc"),
    ("currency", "decimal"),
)
NOWHERE = ("", _("Нет в файле"))
DECIMALS = (("", _("Копеек в файле нет")), (",", _("Запятая: 1234,50")), (".", _("Точка: 1234.50")))


class UploadForm(forms.Form):
    """A file of rows and the account that it is for."""

    account = forms.TypedChoiceField(label=_("Счёт"), coerce=int)
    file = forms.FileField(
        label=_("Файл CSV"),
        help_text=_(
            "До 10 МБ и 50 000 строк. Подойдёт выписка из интернет-банка, таблицы или другой программы."
        ),
        error_messages={"required": _("Выберите файл CSV не больше 10 МБ."), "empty": _("Файл пустой.")},
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv"}),
    )

    def __init__(self, data: Any, sent: Any, *, accounts: Iterable[tuple[int, str]], initial: Any) -> None:
        super().__init__(data, sent, initial=initial)
        field = self.fields["account"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101  declared above
        field.choices = list(accounts)
        field.error_messages["invalid_choice"] = _("Выберите счёт из списка.")

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is None or file.size > MOST_BYTES:
            raise ValidationError(_("Файл больше 10 МБ. Разделите его на части."), code="too_large")
        return file


class ColumnsForm(forms.Form):
    """Which column of a file means what."""

    date = forms.TypedChoiceField(label=_("Дата"), coerce=int, empty_value=None, required=False)
    amount = forms.TypedChoiceField(label=_("Сумма со знаком"), coerce=int, empty_value=None, required=False)
    debit = forms.TypedChoiceField(label=_("Расход"), coerce=int, empty_value=None, required=False)
    credit = forms.TypedChoiceField(label=_("Приход"), coerce=int, empty_value=None, required=False)
    description = forms.TypedChoiceField(label=_("Описание"), coerce=int, empty_value=None, required=False)
    merchant = forms.TypedChoiceField(label=_("Продавец"), coerce=int, empty_value=None, required=False)
    mcc = forms.TypedChoiceField(label="MCC", coerce=int, empty_value=None, required=False)
    currency = forms.TypedChoiceField(label=_("Валюта"), coerce=int, empty_value=None, required=False)
    category = forms.TypedChoiceField(label=_("Категория"), coerce=int, empty_value=None, required=False)
    decimal = forms.ChoiceField(label=_("Копейки отделяет"), choices=DECIMALS, required=False)
    inverted = forms.BooleanField(label=_("Расходы в файле без минуса, доходы с минусом"), required=False)

    def __init__(self, data: Any, *, header: Sequence[str], columns: Columns) -> None:
        super().__init__(data, initial=columns.stored())
        named = ((str(place), f"{place + 1}. {name[:60]}") for place, name in enumerate(header))
        self._places = [NOWHERE, *named]
        for field in self.fields.values():
            if isinstance(field, forms.TypedChoiceField):
                field.choices = self._places

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("amount") is not None and (
            data.get("debit") is not None or data.get("credit") is not None
        ):
            self.add_error("amount", _("Укажите либо одну сумму со знаком, либо «Расход» и «Приход»."))
        return data

    @property
    def pairs(self) -> list[list[Select]]:
        """The selects as the page sets them, two in a line."""
        return [[self._select(name) for name in pair] for pair in PAIRS]

    def _select(self, name: str) -> Select:
        value = self[name].value()
        options = DECIMALS if name == "decimal" else self._places
        return name, str(self.fields[name].label), list(options), "" if value is None else str(value)

    @property
    def columns(self) -> Columns:
        """The columns that valid fields name."""
        return Columns.of(self.cleaned_data)
