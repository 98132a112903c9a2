"""What people do with their own account: sign in, register, change it. Pages and API share it."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from financehub.errors import DomainError
from financehub.users import demo, signals, throttle
from financehub.users.models import User, normalise_login


class InvalidCredentials(DomainError):
    """Unknown login or wrong password; which of the two is nobody's business."""

    code = "invalid_credentials"
    message = _("Неверный логин или пароль.")


class InactiveUser(DomainError):
    """The password is right, but the account was switched off."""

    code = "inactive_user"
    message = _("Учётная запись отключена. Обратитесь в поддержку.")


class WrongPassword(DomainError):
    """The present password, asked again before an important change, is not right."""

    code = "wrong_password"
    message = _("Нынешний пароль введён неверно.")


class LoginTaken(DomainError):
    """Somebody registered this login already."""

    code = "login_taken"
    message = _("Такой логин уже занят.")


@dataclass(frozen=True, slots=True)
class Profile:
    """What people say about themselves and how they like their pages."""

    full_name: str = ""
    phone: str = ""
    language: str = User.Language.RUSSIAN
    theme: str = User.Theme.SYSTEM
    month_start: int = 1


def sign_in(*, login: str, password: str, address: str, now: datetime) -> User:
    """The person behind a login and password: the only way in, for pages, API and admin.

    Raises TooManyAttempts, InvalidCredentials or InactiveUser. The attempt is taken before the
    expensive hash, and only the right password gets it back.
    """
    email = normalise_login(login)
    throttle.take(limit=throttle.ADDRESS, subject=address, now=now)
    throttle.take(limit=throttle.ACCOUNT, subject=email, now=now)
    user = _with_password(email, password)
    throttle.give_back(limit=throttle.ADDRESS, subject=address)
    throttle.give_back(limit=throttle.ACCOUNT, subject=email)
    if not user.is_active:
        raise InactiveUser
    return user


def register(*, login: str, password: str, profile: Profile, address: str, now: datetime) -> User:
    """Create a customer, or raise LoginTaken or TooManyAttempts."""
    throttle.take(limit=throttle.REGISTRATION, subject=address, now=now)
    try:
        with transaction.atomic():
            return User.objects.create_user(login, password, **asdict(profile))
    except IntegrityError as error:
        raise LoginTaken from error


def change_password(*, user: User, current: str, password: str, now: datetime) -> None:
    """Set a new password for somebody who knows the present one.

    Raises WrongPassword or TooManyAttempts. Every other session and every token ends, for they
    carry the mark of the old password.
    """
    throttle.take(limit=throttle.ACCOUNT, subject=user.email, now=now)
    if not user.check_password(current):
        raise WrongPassword
    throttle.give_back(limit=throttle.ACCOUNT, subject=user.email)
    user.set_password(password)
    user.save(update_fields=["password"])


def update_profile(*, user: User, profile: Profile) -> None:
    """Store what the person changed on the settings page."""
    changes = asdict(profile)
    for field, value in changes.items():
        setattr(user, field, value)
    user.save(update_fields=list(changes))


def choose_appearance(*, user: User, language: str, theme: str) -> None:
    """Remember language and theme, so that they follow the person to another device."""
    user.language, user.theme = language, theme
    user.save(update_fields=["language", "theme"])


def choose_gost_mode(*, user: User, on: bool) -> None:
    """Remember whether new banks are to be connected through the GOST gateway and no other way."""
    user.use_gost_mode = on
    user.save(update_fields=["use_gost_mode"])


def restore_demo_person(*, person: demo.DemoPerson) -> User:
    """Create a demo person, or bring the published login, role and rights back."""
    is_admin = person.role == User.Role.ADMIN
    published = {
        "role": person.role,
        "bank_code": person.bank_code,
        "use_gost_mode": person.use_gost_mode,
        "is_active": True,
        "is_staff": is_admin,
        "is_superuser": is_admin,
    }
    user, _created = User.objects.update_or_create(
        email=person.email,
        defaults=published,
        create_defaults=published
        | {"full_name": person.full_name, "password": make_password(person.password)},
    )
    if not user.check_password(person.password):
        user.set_password(person.password)
        user.save(update_fields=["password"])
    return user


def _with_password(email: str, password: str) -> User:
    user = User.objects.filter(email=email).first() or _register_team_client(email, password)
    if user is None:
        make_password(password)  # as slow as a wrong password, or the time would tell who has an account
        raise InvalidCredentials
    if not user.check_password(password):
        raise InvalidCredentials
    return user


def _register_team_client(email: str, password: str) -> User | None:
    name = demo.team_client_name(email=email, password=password) if settings.DEMO else None
    if name is None:
        return None
    user, created = User.objects.get_or_create(
        email=email, defaults={"full_name": name, "password": make_password(password)}
    )
    if created:
        signals.team_client_registered.send_robust(sender=User, user=user)
    return user
