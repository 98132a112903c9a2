"""The filter of the reports as it stands in the URL: one for all tabs."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from analytics.forecast.outlook import HORIZONS
from analytics.spans import Span, month_span, preset_span
from banking.forms import FIRST_DAY, LAST_DAY, DayField
from banking.models import Account, Category
from banking.queries import categories
from banking.queries.accounts import HOME_CURRENCY
from banking.queries.month_cut import cut_of
from banking.queries.transaction_filter import TransactionFilter
from financehub.periods import Period

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from financehub.users.models import User

PERIODS: tuple[tuple[str, "Promise"], ...] = (
    ("month", _("Этот месяц")),
    ("last-month", _("Прошлый месяц")),
    ("3-months", _("3 месяца")),
    ("12-months", _("12 месяцев")),
    ("year", _("Этот год")),
    ("last-year", _("Прошлый год")),
)


YEAR_BEFORE = "year"
AGAINST: tuple[tuple[str, "Promise"], ...] = (
    ("", _("с периодом до этого")),
    (YEAR_BEFORE, _("с прошлым годом")),
)


class MonthField(forms.Field):
    """A month by its name: `2025-11`."""

    def to_python(self, value: Any) -> date | None:
        text = str(value or "").strip()
        if not text:
            return None
        try:
            month = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007  a month has no zone
        except ValueError as error:
            raise ValidationError(_("Напишите месяц, например 2025-11."), code="invalid") from error
        if not FIRST_DAY <= month <= LAST_DAY:
            raise ValidationError(_("Такого месяца в выписке быть не может."), code="out_of_range")
        return month


class ReportForm(forms.Form):
    """Days, accounts and category; days that a person chose win over a month, a month over a preset."""

    period = forms.ChoiceField(label=_("Период"), choices=PERIODS, required=False)
    month = MonthField(label=_("Месяц"), required=False)
    since = DayField(label=_("С даты"), required=False)
    until = DayField(label=_("По дату"), required=False)
    account = forms.ChoiceField(label=_("Счёт"), required=False)
    bank = forms.ChoiceField(label=_("Банк"), required=False)
    category = forms.CharField(label=_("Категория"), max_length=64, required=False)
    currency = forms.ChoiceField(label=_("Валюта"), required=False)
    against = forms.ChoiceField(label=_("Сравнить"), choices=AGAINST, required=False)

    def __init__(self, data: Any, *, user: "User", accounts: Iterable[Account], today: date) -> None:
        super().__init__(data)
        self.cut = cut_of(user=user, today=today)
        self.user, self.accounts, self.today = user, {str(account.pk): account for account in accounts}, today
        found = self.accounts.values()
        banks = {account.bank.code: account.place for account in found}
        self.currencies = sorted({account.currency for account in found}, key=lambda one: (one != "RUB", one))
        for name, choices in (
            ("account", [(pk, account.name) for pk, account in self.accounts.items()]),
            ("bank", list(banks.items())),
            ("currency", [(currency, currency) for currency in self.currencies]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared above
            field.choices = choices
        for name in ("period", "account", "bank", "currency", "against"):
            self.fields[name].error_messages["invalid_choice"] = _("Такого значения в списке нет.")
        self.branch: tuple[Category, ...] = ()

    def clean_category(self) -> str:
        slug: str = self.cleaned_data["category"]
        if slug:
            self.branch = categories.branches(user=self.user, slugs=(slug,)).get(slug, ())
            if not self.branch:
                raise ValidationError(_("Такой категории нет."), code="unknown")
        return slug

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and since > until:
            self.add_error("until", _("Последний день раньше первого."))
        elif until and not since:
            self.add_error("since", _("Напишите и первый день."))
        return data

    @property
    def span(self) -> Span:
        """The days of the report."""
        data = self.cleaned_data
        if data["since"]:
            end = data["until"] or max(self.today, data["since"])
            return Span.of(Period(data["since"], end + timedelta(days=1)), self.cut)
        if data["month"]:
            return month_span(data["month"], today=self.today, cut=self.cut)
        chosen = preset_span(data["period"], today=self.today, cut=self.cut)
        assert chosen is not None  # noqa: S101  the field lets no other name through
        return chosen

    @property
    def chosen_currency(self) -> str:
        """The currency of the figures: rubles, unless another was chosen or there are none."""
        first = self.currencies[0] if self.currencies else HOME_CURRENCY
        return self.cleaned_data["currency"] or first

    @property
    def wanted(self) -> TransactionFilter:
        """The rows behind the report, as the list of transactions filters them."""
        data = self.cleaned_data
        return TransactionFilter(
            period=self.span.period,
            accounts=frozenset({int(data["account"])} if data["account"] else ()),
            banks=frozenset({data["bank"]} if data["bank"] else ()),
            categories=frozenset(category.pk for category in self.branch),
        )


class ForecastForm(forms.Form):
    """How far the forecast looks, and what it leaves out: `off=cafe&off=groceries`, or with commas."""

    days = forms.ChoiceField(
        label=_("На сколько дней"),
        choices=[(days, days) for days in HORIZONS],
        required=False,
        error_messages={"invalid_choice": _("Прогноз бывает на 30, 60 и 90 дней.")},
    )

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.sent = data.getlist("off")

    @property
    def length(self) -> int:
        """How many days a valid form asks for."""
        return int(self.cleaned_data["days"] or HORIZONS[0])

    @property
    def off(self) -> frozenset[str]:
        """The assumptions that are left out; a name that is none leaves out nothing."""
        return frozenset(part for value in self.sent for part in value.split(",") if part)
