"""The demo's people: published logins that work, and only in the demo."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from financehub.users import actions, demo, signals
from financehub.users.models import User
from tests.users.test_throttle import NOW

pytestmark = pytest.mark.django_db


def demo_people() -> str:
    out = StringIO()
    with override_settings(DEMO=True):
        call_command("demo_people", stdout=out)
    return out.getvalue()


def sign_in(login: str, password: str) -> User:
    return actions.sign_in(login=login, password=password, address="192.0.2.1", now=NOW)


@pytest.fixture
def registered() -> Any:
    """The team clients that banking was told of."""
    users: list[User] = []

    def note(sender: type[User], user: User, **_kwargs: Any) -> None:
        users.append(user)

    signals.team_client_registered.connect(note)
    yield users
    signals.team_client_registered.disconnect(note)


def test_published_logins_work() -> None:
    said = demo_people()
    for person in demo.PEOPLE:
        user = sign_in(person.login, person.password)
        assert (user.role, user.bank_code, user.use_gost_mode) == (
            person.role,
            person.bank_code,
            person.use_gost_mode,
        )
        assert f"{person.login} / {person.password}" in said


def test_only_the_admin_enters_the_admin() -> None:
    demo_people()
    assert [user.email for user in User.objects.filter(is_staff=True)] == ["admin@financehub.ru"]


def test_second_run_changes_nothing() -> None:
    demo_people()
    before = list(User.objects.order_by("pk").values())
    demo_people()
    assert list(User.objects.order_by("pk").values()) == before


def test_run_brings_published_login_and_rights_back_and_keeps_the_rest() -> None:
    demo_people()
    user = User.objects.get(email="demo@financehub.ru")
    user.set_password("changed by a visitor")
    user.role, user.is_active, user.full_name, user.theme = User.Role.ADMIN, False, "Дима", "dark"
    user.save()
    demo_people()
    user = sign_in("demo", "demo123")
    assert (user.role, user.full_name, user.theme) == (User.Role.CUSTOMER, "Дима", "dark")


@override_settings(DEMO=False)
def test_published_passwords_stay_out_of_a_real_site() -> None:
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("demo_people")
    assert not User.objects.exists()


@pytest.mark.parametrize("number", [1, 9, 10])
def test_team_client_registers_at_the_first_login(number: int, registered: list[User]) -> None:
    user = sign_in(f"team075-{number}", "password")
    assert (user.full_name, user.role) == (f"Team Client team075-{number}", User.Role.CUSTOMER)
    assert registered == [user]


def test_second_login_of_a_team_client_is_an_ordinary_one(registered: list[User]) -> None:
    assert sign_in("team075-1", "password") == sign_in("team075-1", "password")
    assert len(registered) == 1


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("team075-0", "password"),
        ("team075-11", "password"),
        ("team075-01", "password"),
        ("team075-1x", "password"),
        ("team076-1", "password"),
        ("team075-1@evil.example", "password"),
        ("team075-1", "Password"),
        ("team075-demo", "password"),
    ],
)
def test_nobody_else_registers_by_logging_in(login: str, password: str, registered: list[User]) -> None:
    with pytest.raises(actions.InvalidCredentials):
        sign_in(login, password)
    assert not User.objects.exists()
    assert registered == []


@override_settings(DEMO=False)
def test_team_clients_are_unknown_outside_the_demo() -> None:
    with pytest.raises(actions.InvalidCredentials):
        sign_in("team075-1", "password")


def test_failing_listener_does_not_fail_the_login(caplog: pytest.LogCaptureFixture) -> None:
    def fail(sender: type[User], **_kwargs: Any) -> None:
        raise RuntimeError("the queue is away")

    signals.team_client_registered.connect(fail)
    try:
        assert sign_in("team075-1", "password").pk
    finally:
        signals.team_client_registered.disconnect(fail)
    assert "the queue is away" in caplog.text
