"""API calls are authenticated by an access token, never by the session cookie."""

from rest_framework_simplejwt.authentication import JWTAuthentication


class AccessTokenAuthentication(JWTAuthentication):
    """simplejwt's bearer authentication."""
