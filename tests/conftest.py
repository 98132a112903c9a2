"""The cast of the tests: two customers and a banker, and clients signed in as them."""

import os

import hypothesis
import pytest
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
