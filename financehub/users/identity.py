"""Who a request belongs to, where nobody gets in without a login."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from rest_framework.request import Request

from financehub.users.models import User


def signed_in(request: HttpRequest | Request) -> User:
    """The person behind `login_required` or a valid token; an unguarded view refuses by itself."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
