"""The cast of the tests: two customers and a banker, and clients signed in as them."""

import os
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from django.core.cache import cache
from django.db.backends.sqlite3.base import DatabaseOperations
from django.test import Client
from rest_framework.test import APIClient

from financehub.users import tokens
from financehub.users.models import User

PASSWORD = "correct horse 7"

# Machines are shared, so no example fails for being slow. The full check repeats the same examples
# each time; a run by hand looks for new ones.
hypothesis.settings.register_profile(
    "shared machine",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    derandomize=os.environ.get("CI") == "true",
)
hypothesis.settings.load_profile("shared machine")


@pytest.fixture(autouse=True, scope="session")
def _cleared_tables_include_the_journal() -> Iterator[None]:
    """Tests with transactions clear all tables after them, on SQLite by DELETE, which the journal refuses."""
    clear = DatabaseOperations.execute_sql_flush

    def clear_all(self: DatabaseOperations, sql_list: list[str]) -> Any:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
        clear(self, sql_list)
        with self.connection.cursor() as cursor:
            for _, sql in triggers:
                cursor.execute(sql)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", clear_all)
        yield


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    """What a page keeps outlives the database of a test."""
    cache.clear()


@pytest.fixture
def anna(db: None) -> User:
    """A customer; the tests look at the site with her eyes."""
    return User.objects.create_user("anna", PASSWORD, full_name="Анна Смирнова")


@pytest.fixture
def boris(db: None) -> User:
    """Another customer, who must see nothing of Anna's."""
    return User.objects.create_user("boris", PASSWORD, full_name="Борис Орлов")


@pytest.fixture
def banker(db: None) -> User:
    """A head-office banker."""
    return User.objects.create_user("banker", PASSWORD, full_name="Вера Банкова", role=User.Role.BANKER)


@pytest.fixture
def anna_client(anna: User) -> Client:
    return _browser(anna)


@pytest.fixture
def boris_client(boris: User) -> Client:
    return _browser(boris)


@pytest.fixture
def banker_client(banker: User) -> Client:
    return _browser(banker)


@pytest.fixture
def anna_api(anna: User) -> APIClient:
    return _api(anna)


@pytest.fixture
def boris_api(boris: User) -> APIClient:
    return _api(boris)


@pytest.fixture
def banker_api(banker: User) -> APIClient:
    return _api(banker)


def _browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _api(user: User) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.AccessToken.for_user(user)}")
    return client
