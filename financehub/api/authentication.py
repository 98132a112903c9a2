"""API calls are authenticated by an access token, never by the session cookie."""

from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import Token

from financehub.users.tokens import AccessToken


class AccessTokenAuthentication(JWTAuthentication):
    """simplejwt's bearer authentication for our own access tokens, with one short refusal."""

    def get_validated_token(self, raw_token: bytes) -> Token:
        try:
            return AccessToken(raw_token)  # type: ignore[arg-type]  # simplejwt annotates its own class only
        except TokenError as error:
            raise AuthenticationFailed("Could not validate credentials") from error
