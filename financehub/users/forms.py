"""What people type about themselves, checked; storing it is the actions' work."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from financehub.users.models import User, normalise_login

LONGEST_PASSWORD = 256
LONGEST_MAILBOX = 64  # what stands before the @, by RFC 5321
MONTH_STARTS = (
    ("1", _("1-е число")),
    *((str(day), format_lazy(_("{day}-е число"), day=day)) for day in range(2, 29)),
    ("0", _("День зарплаты")),
)
PHONE = r"^\+?[\d\s()-]{5,32}$"


def clean_new_login(login: str) -> str:
    """The e-mail of a login that nobody has yet; raises ValidationError for what cannot be one.

    Django's own check lets a mailbox of any length through.
    """
    email = normalise_login(login)
    validate_email(email)
    if len(email.rpartition("@")[0]) > LONGEST_MAILBOX:
        raise ValidationError(validate_email.message, code="invalid")
    return email


class LoginForm(forms.Form):
    """Login and password; whether they fit together is the action's question."""

    login = forms.CharField(
        label=_("Логин или e-mail"),
        max_length=254,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label=_("Пароль"),
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class NewPasswordForm(forms.Form):
    """A new password, typed twice."""

    password = forms.CharField(
        label=_("Новый пароль"),
        max_length=LONGEST_PASSWORD,
        strip=False,
        help_text=_("Не короче 8 знаков и не из списка самых частых."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password_again = forms.CharField(
        label=_("Пароль ещё раз"),
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        password_validation.validate_password(password)
        return password

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "password" in data and data.get("password_again") != data["password"]:
            self.add_error("password_again", _("Пароли не совпадают."))
        return data


class ContactForm(forms.Form):
    """Name and phone, both as people like."""

    full_name = forms.CharField(
        label=_("Имя"),
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.RegexField(
        PHONE,
        label=_("Телефон"),
        required=False,
        error_messages={"invalid": _("Например: +7 900 123-45-67.")},
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )


class RegisterForm(NewPasswordForm, ContactForm):
    """Who wants an account."""

    login = forms.CharField(
        label=_("Логин или e-mail"),
        max_length=200,
        help_text=_("Логин без @ получит адрес @financehub.ru."),
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    field_order = ("login", "full_name", "phone", "password", "password_again")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("Пароль")

    def clean_login(self) -> str:
        return clean_new_login(self.cleaned_data["login"])


class AppearanceForm(forms.Form):
    """Language and theme; what is not sent stays as it is."""

    language = forms.ChoiceField(label=_("Язык"), choices=User.Language.choices, required=False)
    theme = forms.ChoiceField(label=_("Тема"), choices=User.Theme.choices, required=False)


class ProfileForm(ContactForm, AppearanceForm):
    """What the settings page lets people change about themselves."""

    month_start = forms.TypedChoiceField(
        label=_("Начало месяца"),
        coerce=int,
        choices=MONTH_STARTS,
        help_text=_("Для отчётов, обзора и периодов. День зарплаты виден по операциям за год."),
    )
    field_order = ("full_name", "phone", "month_start", "language", "theme")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].required = self.fields["theme"].required = True


class ChangePasswordForm(NewPasswordForm):
    """A new password for somebody who knows the present one."""

    current_password = forms.CharField(
        label=_("Нынешний пароль"),
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("current_password", "password", "password_again")
