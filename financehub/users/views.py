"""Login, registration, logout, language and theme, and the settings page."""

from collections.abc import Mapping

from django import forms
from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from financehub.errors import DomainError
from financehub.users import actions, demo
from financehub.users.addresses import client_address
from financehub.users.appearance import Appearance, appearance_of, remember
from financehub.users.forms import (
    AppearanceForm,
    ChangePasswordForm,
    LoginForm,
    ProfileForm,
    RegisterForm,
)
from financehub.users.identity import signed_in
from financehub.users.models import User
from financehub.users.redirects import safe_next
from financehub.users.throttle import TooManyAttempts


@require_http_methods(["GET", "POST"])
@never_cache
@sensitive_post_parameters("password")
def login(request: HttpRequest) -> HttpResponse:
    """Sign in with a login and a password; a person already signed in may change to another."""
    destination = safe_next(request) or settings.LOGIN_REDIRECT_URL
    if request.method == "GET" and request.user.is_authenticated:
        return redirect(destination)
    form = LoginForm(request.POST or None)
    refusal: DomainError | None = None
    if form.is_valid():
        try:
            user = actions.sign_in(**form.cleaned_data, address=client_address(request), now=timezone.now())
        except (actions.InvalidCredentials, actions.InactiveUser, TooManyAttempts) as error:
            refusal = error
        else:
            auth.login(request, user)
            return redirect(destination)
    context = {"form": form, "next": safe_next(request), "demo_people": demo.people()}
    return _form_page(request, "users/login.html", context, form=form, refusal=refusal)


@require_http_methods(["GET", "POST"])
@never_cache
@sensitive_post_parameters("password", "password_again")
def register(request: HttpRequest) -> HttpResponse:
    """Open an account and sign in."""
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    form = RegisterForm(request.POST or None)
    refusal: DomainError | None = None
    if form.is_valid():
        try:
            user = _register(request, form)
        except TooManyAttempts as error:
            refusal = error
        except actions.LoginTaken as error:
            form.add_error("login", str(error))
        else:
            auth.login(request, user)
            return redirect(settings.LOGIN_REDIRECT_URL)
    return _form_page(request, "users/register.html", {"form": form}, form=form, refusal=refusal)


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End this browser's session."""
    auth.logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Change language or theme, on this device and, for a signed-in person, on every other."""
    form = AppearanceForm(request.POST)
    response = redirect(safe_next(request) or "landing")
    if form.is_valid():
        chosen = appearance_of(request).changed(**form.cleaned_data)
        if request.user.is_authenticated:
            actions.choose_appearance(user=request.user, language=chosen.language, theme=chosen.theme)
        remember(response, chosen)
    return response


@require_http_methods(["GET", "POST"])
@login_required
def settings_page(request: HttpRequest) -> HttpResponse:
    """Name, phone, language and theme of the person."""
    form = ProfileForm(request.POST or None, initial=_profile_fields(request))
    if not form.is_valid():
        return _settings_page(request, profile_form=form)
    profile = actions.Profile(**form.cleaned_data)
    actions.update_profile(user=signed_in(request), profile=profile)
    with translation.override(profile.language):
        messages.success(request, _("Настройки сохранены."))
    response = redirect("users:settings")
    remember(response, Appearance(language=profile.language, theme=profile.theme))
    return response


@require_POST
@login_required
@sensitive_post_parameters("current_password", "password", "password_again")
def change_password(request: HttpRequest) -> HttpResponse:
    """A new password; this session stays, all others and all tokens end."""
    form = ChangePasswordForm(request.POST)
    refusal: DomainError | None = None
    if form.is_valid():
        try:
            actions.change_password(
                user=signed_in(request),
                current=form.cleaned_data["current_password"],
                password=form.cleaned_data["password"],
                now=timezone.now(),
            )
        except TooManyAttempts as error:
            refusal = error
        except actions.WrongPassword as error:
            form.add_error("current_password", str(error))
        else:
            auth.update_session_auth_hash(request, signed_in(request))
            messages.success(request, _("Пароль изменён. На других устройствах нужно войти заново."))
            return redirect("users:settings")
    return _settings_page(request, password_form=form, refusal=refusal)


@require_POST
@login_required
def gost_mode(request: HttpRequest) -> HttpResponse:
    """Turn the GOST mode on or off; banks that are connected stay on their channel."""
    on = request.POST.get("on") == "1"
    actions.choose_gost_mode(user=signed_in(request), on=on)
    messages.success(request, _("Режим ГОСТ включён.") if on else _("Режим ГОСТ выключен."))
    return redirect("users:settings")


@require_GET
@never_cache
def admin_login(request: HttpRequest) -> HttpResponse:
    """Django admin has no login of its own: that form would know nothing of the throttle."""
    if not request.user.is_authenticated:
        return redirect_to_login(safe_next(request) or reverse("admin:index"))
    if not request.user.is_staff:
        raise PermissionDenied
    return redirect("admin:index")


def _register(request: HttpRequest, form: RegisterForm) -> User:
    data = form.cleaned_data
    looks = appearance_of(request)
    return actions.register(
        login=data["login"],
        password=data["password"],
        profile=actions.Profile(
            full_name=data["full_name"], phone=data["phone"], language=looks.language, theme=looks.theme
        ),
        address=client_address(request),
        now=timezone.now(),
    )


def _profile_fields(request: HttpRequest) -> dict[str, str]:
    user, looks = signed_in(request), appearance_of(request)
    return {
        "full_name": user.full_name,
        "phone": user.phone,
        "month_start": str(user.month_start),
        "language": looks.language,
        "theme": looks.theme,
    }


def _settings_page(
    request: HttpRequest,
    *,
    profile_form: ProfileForm | None = None,
    password_form: ChangePasswordForm | None = None,
    refusal: DomainError | None = None,
) -> HttpResponse:
    context = {
        "profile_form": profile_form or ProfileForm(initial=_profile_fields(request)),
        "password_form": password_form or ChangePasswordForm(),
    }
    return _form_page(request, "users/settings.html", context, form=password_form, refusal=refusal)


def _form_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, object],
    *,
    form: forms.Form | None,
    refusal: DomainError | None,
) -> HttpResponse:
    """A page with its form, and why the form was refused as a whole, if it was."""
    if form is not None and refusal is not None:
        form.add_error(None, str(refusal))
    response = render(request, template, dict(context))
    if isinstance(refusal, TooManyAttempts):
        response.status_code = 429
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response
