"""The bodies of the API's auth calls."""

from datetime import UTC
from typing import Any

from rest_framework import serializers

from financehub.users.forms import LONGEST_PASSWORD, clean_new_login
from financehub.users.models import User
from financehub.users.tokens import TokenPair


class LoginInput(serializers.Serializer[Any]):
    """A login may come without its @."""

    email = serializers.CharField(max_length=254)
    password = serializers.CharField(max_length=LONGEST_PASSWORD, trim_whitespace=False)


class RegisterInput(serializers.Serializer[Any]):
    """The wire promises that eight characters make a password; the pages ask for more."""

    email = serializers.CharField(max_length=200)
    password = serializers.CharField(min_length=8, max_length=LONGEST_PASSWORD, trim_whitespace=False)
    full_name = serializers.CharField(max_length=150, required=False, allow_null=True, allow_blank=True)
    phone = serializers.CharField(max_length=32, required=False, allow_null=True, allow_blank=True)

    def validate_email(self, value: str) -> str:
        return clean_new_login(value)


class RefreshInput(serializers.Serializer[Any]):
    """The refresh token, in the body or in the query."""

    refresh_token = serializers.CharField(max_length=4096)


class TokenPairOutput(serializers.Serializer[TokenPair]):
    """What login and renewal answer."""

    access_token = serializers.CharField(source="access")
    refresh_token = serializers.CharField(source="refresh")
    token_type = serializers.CharField(default="bearer", read_only=True)
    roles = serializers.ListField(source="user.roles", child=serializers.ChoiceField(User.Role.choices))


class UserOutput(serializers.ModelSerializer[User]):
    """A person as the API shows them to themselves."""

    full_name = serializers.SerializerMethodField()
    phone = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField(default_timezone=UTC, read_only=True)
    roles = serializers.ListField(child=serializers.ChoiceField(User.Role.choices), read_only=True)

    class Meta:
        model = User
        fields = (
            "id",
            "email",
            "full_name",
            "phone",
            "is_active",
            "use_gost_mode",
            "created_at",
            "roles",
        )

    def get_full_name(self, user: User) -> str | None:
        return user.full_name or None

    def get_phone(self, user: User) -> str | None:
        return user.phone or None
