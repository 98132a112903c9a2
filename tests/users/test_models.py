"""People in the database: one login, one person, a known role."""

import pytest
from django.db import IntegrityError

from financehub.users import tasks
from financehub.users.models import LoginBucket, User, normalise_login

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("login", "email"),
    [
        ("demo", "demo@financehub.ru"),
        (" Demo ", "demo@financehub.ru"),
        ("Anna@Example.COM", "anna@example.com"),
        ("team075-1", "team075-1@financehub.ru"),
    ],
)
def test_login_is_normalised(login: str, email: str) -> None:
    assert normalise_login(login) == email


def test_login_is_unique_whatever_its_case(anna: User) -> None:
    with pytest.raises(IntegrityError):
        User.objects.bulk_create([User(email="ANNA@financehub.ru")])


def test_unknown_role_is_refused(anna: User) -> None:
    with pytest.raises(IntegrityError):
        User.objects.update(role="emperor")


@pytest.mark.parametrize(("name", "short"), [("Анна Смирнова", "Анна"), ("", "anna")])
def test_short_name_is_the_first_name_or_the_login(anna: User, name: str, short: str) -> None:
    anna.full_name = name
    assert anna.get_short_name() == short


def test_nightly_task_clears_what_is_over(anna: User) -> None:
    LoginBucket.objects.create(key="old", full_at=anna.created_at)
    tasks.forget_old_sign_ins()
    assert not LoginBucket.objects.exists()
