"""The filter of transactions as it stands in the URL: checked here, put to `queries.transactions`."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from banking.categories.rules import normalise
from banking.forms import FIRST_DAY, AmountField, DayField
from banking.models import Account, Category, Transaction
from banking.queries import categories, tags
from banking.queries.accounts import full_name
from banking.queries.month_cut import cut_of
from banking.queries.transaction_filter import Mark, TransactionFilter, merchants_named
from banking.queries.transactions import Order
from financehub.periods import Period, last_days, plus_months

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from financehub.users.models import User

UNCATEGORISED = "none"
MISSING = "missing"
MOST_WORDS = 8
LONGEST_SHOP = 200

PERIODS: tuple[tuple[str, "Promise | str"], ...] = (
    ("", _("За всё время")),
    ("month", _("Этот месяц")),
    ("last-month", _("Прошлый месяц")),
    ("30-days", _("30 дней")),
    ("90-days", _("90 дней")),
    ("year", _("Этот год")),
    ("custom", _("Свои даты")),
)
ORDERS: tuple[tuple[str, "Promise | str"], ...] = (
    ("", _("Сначала новые")),
    (Order.OLDEST.value, _("Сначала старые")),
    (Order.LARGEST.value, _("Сначала крупные")),
    (Order.SMALLEST.value, _("Сначала мелкие")),
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
MARKS = (
    (Mark.NOTED.value, _("С заметкой")),
    (Mark.EXCLUDED.value, _("Не учитываются")),
    (Mark.REVIEWED.value, _("Проверены")),
    (Mark.UNREVIEWED.value, _("Не проверены")),
)

_MCC = re.compile(r"[0-9]{4}")
_SLUG = re.compile(r"[-\w]{1,64}", re.ASCII)  # not everything that is sent may be put to a database
_BETWEEN_CODES = re.compile(r"[\s,;]+")


class ChoicesField(forms.MultipleChoiceField):
    """Any number of the values of a list, which may only be known with the person."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        message = _("Такого значения в списке нет.")
        super().__init__(required=False, error_messages={"invalid_choice": message}, **kwargs)

    def clean(self, value: Any) -> list[str]:
        """The values as sent, each once and none empty: an empty field of a form means "any"."""
        chosen: list[str] = super().clean([each for each in dict.fromkeys(value or []) if each])
        return chosen


class OneChoiceField(forms.ChoiceField):
    """One value of a list, the first of which is the usual one and stands for nothing in the URL."""

    def __init__(self, **kwargs: Any) -> None:
        message = _("Такого значения в списке нет.")
        super().__init__(required=False, error_messages={"invalid_choice": message}, **kwargs)


class TransactionFilterForm(forms.Form):
    """The filter of the transactions page as it stands in the URL."""

    q = forms.CharField(label=_("Поиск"), max_length=100, required=False)
    period = OneChoiceField(label=_("Период"), choices=PERIODS)
    sort = OneChoiceField(label=_("Порядок"), choices=ORDERS)
    since = DayField(label=_("С даты"), required=False)
    until = DayField(label=_("По дату"), required=False)
    account = ChoicesField(label=_("Счета"))
    bank = ChoicesField(label=_("Банки"))
    category = ChoicesField(label=_("Категории"))
    scope = OneChoiceField(label=_("Подкатегории"), choices=SCOPES)
    kind = ChoicesField(label=_("Вид"), choices=Category.Kind.choices)
    status = ChoicesField(label=_("Состояние"), choices=STATUSES)
    mark = ChoicesField(label=_("Отметки"), choices=MARKS)
    tag = ChoicesField(label=_("Теги"))
    min = AmountField(label=_("Сумма от"), required=False)
    max = AmountField(label=_("Сумма до"), required=False)
    merchant = forms.CharField(label=_("Продавец"), max_length=100, required=False)
    shop = forms.CharField(label=_("Магазин"), max_length=LONGEST_SHOP, required=False)
    mcc = forms.CharField(label="MCC", max_length=100, required=False)
    weekday = ChoicesField(label=_("Дни недели"), choices=WEEKDAYS)

    def __init__(self, data: Any, *, user: "User", accounts: Iterable[Account], today: date) -> None:
        super().__init__(data)
        self.user, self.accounts, self.today = user, {str(account.pk): account for account in accounts}, today
        banks = {account.bank.code: account.place for account in self.accounts.values()}
        self._offer("account", [(pk, full_name(account)) for pk, account in self.accounts.items()])
        self._offer("bank", list(banks.items()))
        self._offer("tag", lambda: [(str(tag.pk), tag.name) for tag in tags.tags_of(user=user)])
        self.branches = self._branches()
        named = [(slug, branch[0].name) for slug, branch in self.branches.items()]
        self._offer("category", [(UNCATEGORISED, _("Без категории")), *named])
        self.fields["category"].error_messages["invalid_choice"] = _("Такой категории нет.")

    def _offer(self, name: str, choices: Any) -> None:
        """Pairs, or what gives them once they are looked at."""
        field = self.fields[name]
        assert isinstance(field, ChoicesField)  # noqa: S101  declared above
        field.choices = choices

    def _branches(self) -> dict[str, tuple[Category, ...]]:
        """The categories that are asked for, each followed by what is under it."""
        asked = [
            slug for slug in self["category"].data or [] if _SLUG.fullmatch(slug) and slug != UNCATEGORISED
        ]
        return categories.branches(user=self.user, slugs=asked) if asked else {}

    def clean_q(self) -> str:
        return self._with_words("q")

    def clean_merchant(self) -> str:
        return self._with_words("merchant")

    def _with_words(self, name: str) -> str:
        text: str = self.cleaned_data[name]
        if text and not normalise(text):
            raise ValidationError(_("Напишите слово или число."), code="no_words")
        return text

    def clean_mcc(self) -> str:
        """Codes of four digits; several stand beside each other."""
        codes = [code for code in _BETWEEN_CODES.split(self.cleaned_data["mcc"]) if code]
        if not all(map(_MCC.fullmatch, codes)):
            raise ValidationError(_("MCC — четыре цифры, например 5411."), code="invalid")
        return " ".join(codes)

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
        return preset_period(data["period"], user=self.user, today=self.today)

    @property
    def order(self) -> Order:
        """The order of the list."""
        return Order(self.cleaned_data["sort"] or Order.NEWEST)

    @property
    def wanted(self) -> TransactionFilter:
        """The filter that valid fields describe."""
        data = self.cleaned_data
        return TransactionFilter(
            words=_words(data["q"]),
            period=self.period_wanted,
            accounts=frozenset(map(int, data["account"])),
            banks=frozenset(data["bank"]),
            categories=self._categories(),
            uncategorised=UNCATEGORISED in data["category"],
            kinds=frozenset(data["kind"]),
            statuses=frozenset(data["status"]) - {MISSING},
            missing=MISSING in data["status"],
            merchants=self._merchants(),
            shop=data["shop"],
            weekdays=frozenset(map(int, data["weekday"])),
            mcc=frozenset(data["mcc"].split()),
            marks=frozenset(map(Mark, data["mark"])),
            tags=frozenset(map(int, data["tag"])),
            lowest=data["min"],
            highest=data["max"],
        )

    def _categories(self) -> frozenset[int]:
        """The categories with everything under them, or those alone."""
        most = 1 if self.cleaned_data["scope"] == OWN else None
        return frozenset(each.pk for branch in self.branches.values() for each in branch[:most])

    def _merchants(self) -> frozenset[str] | None:
        words = _words(self.cleaned_data["merchant"])
        return merchants_named(user=self.user, words=words) if words else None


def _words(text: str) -> tuple[str, ...]:
    return tuple(normalise(text).split()[:MOST_WORDS])


def preset_period(name: str, *, user: "User", today: date) -> Period | None:
    """The days behind the name of a period; None for all of them. Months begin where the person's do."""
    match name:
        case "month" | "last-month":
            cut = cut_of(user=user, today=today)
            return cut.days(plus_months(cut.holding(today), 0 if name == "month" else -1))
        case "30-days":
            return last_days(today, 30)
        case "90-days":
            return last_days(today, 90)
        case "year":
            return Period(date(today.year, 1, 1), date(today.year + 1, 1, 1))
    return None
