"""People who use FinanceHub, and what they may do."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

LOGIN_DOMAIN = "financehub.ru"


def normalise_login(login: str) -> str:
    """The e-mail behind a login: trimmed, lower case, `@financehub.ru` when it has no `@`."""
    login = login.strip().lower()
    return login if "@" in login else f"{login}@{LOGIN_DOMAIN}"


class UserManager(BaseUserManager["User"]):
    """Creates people; the e-mail is always normalised."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=normalise_login(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        fields |= {"role": User.Role.ADMIN, "is_staff": True, "is_superuser": True}
        return self.create_user(email, password, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=normalise_login(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """A person with a login: customer, banker, auditor or admin."""

    class Role(models.TextChoices):
        CUSTOMER = "customer", _("Клиент")
        BANKER = "banker", _("Сотрудник банка")
        AUDITOR = "auditor", _("Аудитор")
        ADMIN = "admin", _("Администратор")

    class Theme(models.TextChoices):
        SYSTEM = "system", _("Как в системе")
        LIGHT = "light", _("Светлая")
        DARK = "dark", _("Тёмная")

    class Language(models.TextChoices):
        RUSSIAN = "ru", "Русский"
        ENGLISH = "en", "English"

    email = models.EmailField(_("логин (e-mail)"), unique=True)
    full_name = models.CharField(_("имя"), max_length=150, blank=True)
    phone = models.CharField(_("телефон"), max_length=32, blank=True)
    role = models.CharField(_("роль"), max_length=16, choices=Role.choices, default=Role.CUSTOMER)
    bank_code = models.CharField(
        _("банк сотрудника"), max_length=32, blank=True, help_text=_("Пусто: сотрудник головного офиса.")
    )
    use_gost_mode = models.BooleanField(_("режим ГОСТ"), default=False)
    finds_transfers = models.BooleanField(_("искать переводы между своими счетами"), default=True)
    language = models.CharField(_("язык"), max_length=2, choices=Language.choices, default=Language.RUSSIAN)
    month_start = models.PositiveSmallIntegerField(
        _("начало месяца"), default=1, help_text=_("День от 1 до 28; 0 — со дня зарплаты.")
    )
    theme = models.CharField(_("тема"), max_length=8, choices=Theme.choices, default=Theme.SYSTEM)
    is_active = models.BooleanField(_("активен"), default=True)
    is_staff = models.BooleanField(_("вход в администрирование"), default=False)
    created_at = models.DateTimeField(_("создан"), auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("пользователь")
        verbose_name_plural = _("пользователи")
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique_ignoring_case",
                violation_error_message=_("Такой логин уже занят."),
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=["customer", "banker", "auditor", "admin"]),
                name="user_role_known",
            ),
            models.CheckConstraint(condition=models.Q(month_start__lte=28), name="user_month_start_known"),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def roles(self) -> list[str]:
        """The roles as the API tells them."""
        return [self.role]

    def get_short_name(self) -> str:
        """What a page calls the person: the first word of the name, or the login."""
        return self.full_name.split(" ")[0] or self.email.split("@")[0]
