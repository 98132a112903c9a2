"""The people of the demo: their published logins, and who may register by signing in."""

import re
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from financehub.users.models import LOGIN_DOMAIN, User, normalise_login

TEAM_PASSWORD = "password"  # noqa: S105  published on purpose: a demo login
TEAM_LOGIN = re.compile(rf"(team075-(?:[1-9]|10))@{re.escape(LOGIN_DOMAIN)}")


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A login that the landing page offers."""

    login: str
    password: str
    full_name: str
    about: str | Promise
    role: User.Role = User.Role.CUSTOMER
    bank_code: str = ""
    use_gost_mode: bool = False

    @property
    def email(self) -> str:
        return normalise_login(self.login)


PEOPLE = (
    DemoPerson("demo", "demo123", "Demo User", _("Клиент")),
    DemoPerson("team075-demo", "gost2024", "GOST Demo User", _("Клиент в режиме ГОСТ"), use_gost_mode=True),
    DemoPerson("banker", "banker123", "Demo Banker", _("Банкир головного офиса"), role=User.Role.BANKER),
    DemoPerson(
        "banker-vbank",
        "banker123",
        "VBank Banker",
        _("Банкир VBank"),
        role=User.Role.BANKER,
        bank_code="vbank",
    ),
    DemoPerson("auditor", "auditor123", "Demo Auditor", _("Аудитор, только чтение"), role=User.Role.AUDITOR),
    DemoPerson("admin", "admin123", "Demo Admin", _("Администратор"), role=User.Role.ADMIN),
)


def people() -> tuple[DemoPerson, ...]:
    """Whose logins the pages may offer: nobody's outside the demo."""
    return PEOPLE if settings.DEMO else ()


def team_client_name(*, email: str, password: str) -> str | None:
    """The name that a team client gets at the first sign-in; None for anybody else."""
    match = TEAM_LOGIN.fullmatch(email)
    return f"Team Client {match[1]}" if match and password == TEAM_PASSWORD else None
