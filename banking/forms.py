"""What people type into the pages of banking: checked here, saved by actions."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from banking.categories.rules import normalise
from banking.models import Account, BankConnection, Category, Transaction
from banking.models.transfer import LONGEST_KEY, LONGEST_PURPOSE
from banking.queries import categories
from banking.queries.transactions import TransactionFilter
from banking.services.transfer_orders import Order
from financehub.periods import Period, last_days, month_of

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from financehub.users.models import User

UNCATEGORISED = "none"
MISSING = "missing"
MOST_WORDS = 8
LONGEST_AMOUNT = 30
LARGEST_AMOUNT = Decimal(10) ** 12
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2100, 12, 31)
DATE_FORMATS = ["%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y"]

PERIODS: tuple[tuple[str, "Promise | str"], ...] = (
    ("", _("За всё время")),
    ("month", _("Этот месяц")),
    ("last-month", _("Прошлый месяц")),
    ("30-days", _("30 дней")),
    ("90-days", _("90 дней")),
    ("year", _("Этот год")),
    ("custom", _("Свои даты")),
)
OWN = "own"
SCOPES: tuple[tuple[str, "Promise | str"], ...] = (
    ("", _("С подкатегориями")),
    (OWN, _("Без подкатегорий")),
)
WEEKDAYS: tuple[tuple[str, "Promise"], ...] = (
    ("1", _("понедельник")),
    ("2", _("вторник")),
    ("3", _("среда")),
    ("4", _("четверг")),
    ("5", _("пятница")),
    ("6", _("суббота")),
    ("7", _("воскресенье")),
)
STATUSES = (*Transaction.Status.choices, (MISSING, _("Банк больше не показывает")))

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


class TransactionFilterForm(forms.Form):
    """The filter of the transactions page as it stands in the URL."""

    q = forms.CharField(label=_("Поиск"), max_length=100, required=False)
    period = forms.ChoiceField(label=_("Период"), choices=PERIODS, required=False)
    since = DayField(label=_("С даты"), required=False)
    until = DayField(label=_("По дату"), required=False)
    account = forms.ChoiceField(label=_("Счёт"), required=False)
    bank = forms.ChoiceField(label=_("Банк"), required=False)
    category = forms.CharField(label=_("Категория"), max_length=64, required=False)
    scope = forms.ChoiceField(label=_("Подкатегории"), choices=SCOPES, required=False)
    shop = forms.CharField(label=_("Магазин"), max_length=200, required=False)
    weekday = forms.ChoiceField(label=_("День недели"), choices=WEEKDAYS, required=False)
    kind = forms.ChoiceField(label=_("Вид"), choices=Category.Kind.choices, required=False)
    status = forms.ChoiceField(label=_("Состояние"), choices=STATUSES, required=False)
    min = AmountField(label=_("Сумма от"), required=False)
    max = AmountField(label=_("Сумма до"), required=False)

    def __init__(self, data: Any, *, user: "User", accounts: Iterable[Account], today: date) -> None:
        super().__init__(data)
        self.user, self.accounts, self.today = user, {str(account.pk): account for account in accounts}, today
        banks = {account.bank.code: account.bank.short_name for account in self.accounts.values()}
        names = [(pk, account.name) for pk, account in self.accounts.items()]
        for name, choices in (("account", names), ("bank", list(banks.items()))):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared above
            field.choices = choices
        for name in ("period", "account", "bank", "scope", "weekday", "kind", "status"):
            self.fields[name].error_messages["invalid_choice"] = _("Такого значения в списке нет.")
        self.branch: tuple[Category, ...] = ()

    def clean_q(self) -> str:
        text: str = self.cleaned_data["q"]
        if text and not normalise(text):
            raise ValidationError(_("Напишите слово или число."), code="no_words")
        return text

    def clean_category(self) -> str:
        slug: str = self.cleaned_data["category"]
        if slug and slug != UNCATEGORISED:
            self.branch = categories.branch(user=self.user, slug=slug)
            if not self.branch:
                raise ValidationError(_("Такой категории нет."), code="unknown")
        return slug

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until, low, high = (data.get(name) for name in ("since", "until", "min", "max"))
        if since and until and since > until:
            self.add_error("until", _("Последний день раньше первого."))
        if low is not None and high is not None and low > high:
            self.add_error("max", _("Верхняя граница меньше нижней."))
        return data

    @property
    def period_wanted(self) -> Period | None:
        """The period of the filter; days that a person chose end with the last one."""
        data = self.cleaned_data
        if data["since"] or data["until"]:
            end = data["until"] or max(self.today, data["since"])
            return Period(data["since"] or FIRST_DAY, end + timedelta(days=1))
        return preset_period(data["period"], today=self.today)

    @property
    def _chosen(self) -> tuple[Category, ...]:
        """The category with everything under it, or the category alone."""
        return self.branch[:1] if self.cleaned_data["scope"] == OWN else self.branch

    @property
    def wanted(self) -> TransactionFilter:
        """The filter that valid fields describe."""
        data = self.cleaned_data
        missing = data["status"] == MISSING
        return TransactionFilter(
            words=tuple(normalise(data["q"]).split()[:MOST_WORDS]),
            period=self.period_wanted,
            account_id=int(data["account"]) if data["account"] else None,
            bank_code=data["bank"],
            category_ids=frozenset(category.pk for category in self._chosen) or None,
            shop=data["shop"],
            weekday=int(data["weekday"]) if data["weekday"] else None,
            uncategorised=data["category"] == UNCATEGORISED,
            kind=data["kind"],
            status="" if missing else data["status"],
            missing=missing,
            lowest=data["min"],
            highest=data["max"],
        )


def preset_period(name: str, *, today: date) -> Period | None:
    """The days behind the name of a period; None for all of them."""
    match name:
        case "month":
            return month_of(today)
        case "last-month":
            return month_of(today.replace(day=1) - timedelta(days=1))
        case "30-days":
            return last_days(today, 30)
        case "90-days":
            return last_days(today, 90)
        case "year":
            return Period(date(today.year, 1, 1), date(today.year + 1, 1, 1))
    return None


class NoteForm(forms.Form):
    """A person's own words on a transaction."""

    note = forms.CharField(
        label=_("Заметка"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class CategoryForm(forms.Form):
    """Another category for a transaction."""

    category = forms.CharField(label=_("Категория"), max_length=64)

    def __init__(self, data: Any, *, user: "User") -> None:
        super().__init__(data)
        self.user = user

    def clean_category(self) -> Category:
        chosen = Category.objects.for_user(self.user).filter(slug=self.cleaned_data["category"]).first()
        if chosen is None:
            raise ValidationError(_("Такой категории нет."), code="unknown")
        return chosen


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
