from django.apps import AppConfig


class UsersConfig(AppConfig):
    """People: accounts, sessions, tokens."""

    name = "financehub.users"
    label = "users"
