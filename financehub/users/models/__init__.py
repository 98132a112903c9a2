"""What is stored about people."""

from financehub.users.models.login_bucket import LoginBucket
from financehub.users.models.user import LOGIN_DOMAIN, User, normalise_login

__all__ = ["LOGIN_DOMAIN", "LoginBucket", "User", "normalise_login"]
