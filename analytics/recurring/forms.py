"""What a person may write about a series."""

from django import forms
from django.utils.translation import gettext_lazy as _

from analytics.models.recurring_series import LONGEST_NAME


class NameForm(forms.Form):
    """The person's own name; empty for what the bank says."""

    name = forms.CharField(
        label=_("Название"),
        max_length=LONGEST_NAME,
        required=False,
        help_text=_("Пустое поле вернёт название из выписки."),
    )
