"""What the reports take and what they answer, field by field."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers

from analytics.api.serializers import CURRENCY
from analytics.queries import HOME_CURRENCY
from analytics.spans import months_so_far
from banking.forms import FIRST_DAY, LAST_DAY
from financehub.api.fields import AmountField, IdField
from financehub.periods import MOSCOW, Period


class ReportQuery(serializers.Serializer[Any]):
    """Days with both borders (else this month so far), accounts, a category with everything under it."""

    from_date = serializers.DateField(required=False)
    to_date = serializers.DateField(required=False)
    account_id = IdField(required=False)
    bank_code = serializers.SlugField(required=False, max_length=50)
    category_id = IdField(required=False)
    currency = serializers.RegexField(CURRENCY, default=HOME_CURRENCY, max_length=3)

    def validate_currency(self, value: str) -> str:
        return value.upper()

    def validate_from_date(self, value: date) -> date:
        return _within_reason(value)

    def validate_to_date(self, value: date) -> date:
        return _within_reason(value)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        today = timezone.localdate(timezone=MOSCOW)
        first, last = attrs.get("from_date"), attrs.get("to_date")
        if first is None and last is None:
            return attrs | {"period": months_so_far(today, 1).period}
        if first is None:
            raise serializers.ValidationError({"from_date": [_("Напишите и первый день.")]})
        last = last or max(first, today)
        if last < first:
            raise serializers.ValidationError({"to_date": [_("Последний день раньше первого.")]})
        return attrs | {"period": Period(first, last + timedelta(days=1))}


def _within_reason(day: date) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise serializers.ValidationError(_("Такой даты в выписке быть не может."))
    return day


class MonthOutput(serializers.Serializer[Any]):
    """A calendar month, as far as the days asked for cover it."""

    month = serializers.DateField(help_text="Its first day.")
    income = AmountField()
    expenses = AmountField(source="spending")
    net = AmountField()


class WeekdayOutput(serializers.Serializer[Any]):
    """One weekday."""

    weekday = serializers.IntegerField(help_text="1 is Monday.")
    total = AmountField()
    days = serializers.IntegerField()
    average = AmountField()


class MerchantOutput(serializers.Serializer[Any]):
    """One shop; an empty name stands for the rows that name none."""

    merchant = serializers.CharField(source="name", allow_blank=True)
    total = AmountField()
    count = serializers.IntegerField()


class ChangeOutput(serializers.Serializer[Any]):
    """One category now and before."""

    category = serializers.CharField(source="category.name")
    category_id = serializers.IntegerField(source="category.pk")
    total = AmountField(source="now")
    before = AmountField()
    change = AmountField()


class WorthOutput(serializers.Serializer[Any]):
    """What there was when a day ended."""

    date = serializers.DateField(source="day")
    assets = AmountField()
    debts = AmountField(help_text="Below zero.")
    net = AmountField(allow_null=True)
    unknown_accounts = serializers.IntegerField(source="unknown")
