"""API calls are authenticated by an access token, never by the session cookie."""

from typing import Any

from django.utils import translation
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import Token

from financehub.users.models import User
from financehub.users.tokens import AccessToken


class AccessTokenAuthentication(JWTAuthentication):
    """simplejwt's bearer authentication for our own access tokens, with one short refusal."""

    def get_validated_token(self, raw_token: bytes) -> Token:
        try:
            return AccessToken(raw_token)  # type: ignore[arg-type]  # simplejwt annotates its own class only
        except TokenError as error:
            raise AuthenticationFailed("Could not validate credentials") from error

    def authenticate(self, request: Request) -> tuple[Any, Token] | None:
        """The person, whose language the answer speaks; the site's middleware puts it back."""
        found = super().authenticate(request)
        if found is not None and isinstance(found[0], User):
            translation.activate(found[0].language)
        return found


class AccessTokenScheme(OpenApiAuthenticationExtension):
    """How the schema names it."""

    target_class = AccessTokenAuthentication
    name = "accessToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
